import type { Network, SelfTestPath as Path } from '../../generated/api';

export type PathKind = Path['kind'];

/** A path that media can take to the server. */
export interface MediaPath {
  kind: PathKind;
  /** A media port (UDP), or the port of this page (TCP). */
  port: number;
}

/** Connections that the server makes for one test. */
const MAX_PATHS = 8;

/** Every media port that the server announces, and the relay on the port of the page. */
export function pathsOf(network: Network): MediaPath[] {
  const ports = [...new Set(network.media.map(({ port }) => port))];
  const direct = ports.slice(0, MAX_PATHS - 1).map((port): MediaPath => ({ kind: 'udp', port }));
  return [...direct, { kind: 'relay', port: network.port }];
}

/**
 * An answer that leads by this path only. What is left out are the server's other candidates (RFC 8839, section 5.1); the
 * server makes no checks of its own, so no other path can come up. For the relay all stay: the browser is told to use the
 * relay alone.
 */
export function onlyBy(path: MediaPath, answer: string): string {
  if (path.kind === 'relay') return answer;
  const stays = (line: string): boolean => !line.startsWith('a=candidate:') || line.split(' ')[5] === String(path.port);
  return answer.split('\r\n').filter(stays).join('\r\n');
}
