import type { SelfTestDevices as Tested } from '../../generated/api';

/** Whether this browser can do what a conference needs. */
export const canConfer = (): boolean =>
  typeof RTCPeerConnection !== 'undefined' && 'addTransceiver' in RTCPeerConnection.prototype;

/** The kind of this browser, and no more of it. */
export function browserKind(agent: string = navigator.userAgent, fit: boolean = canConfer()): Tested['browser'] {
  if (!fit) return 'unfit';
  if (/firefox|fxios/i.test(agent)) return 'firefox';
  if (/chrom(e|ium)|edg|crios/i.test(agent)) return 'chromium';
  return /safari/i.test(agent) ? 'safari' : 'other';
}
