/**
 * What a page around may do that is not of the room's own school (or not known to be, before one is inside): nothing that
 * others notice but that one leaves, and it hears nothing of others.
 */
const COMMANDS: ReadonlySet<string> = new Set([
  'displayName',
  'subject',
  'localSubject',
  'password',
  'hangup',
  'toggleTileView',
  'setTileView',
]);
const REQUESTS: ReadonlySet<string> = new Set([
  'isAudioMuted',
  'isVideoMuted',
  'isSharingScreen',
  'isAudioAvailable',
  'isVideoAvailable',
  'isAudioDisabled',
]);
const EVENTS: ReadonlySet<string> = new Set([
  'videoConferenceJoined',
  'videoConferenceLeft',
  'readyToClose',
  'passwordRequired',
  'errorOccurred',
  'audioMuteStatusChanged',
  'videoMuteStatusChanged',
]);

/** Before coming in `password` is said at the door; inside it would be a new one. */
export const anyoneMayCommand = (name: string, inside: boolean): boolean =>
  COMMANDS.has(name) && !(inside && name === 'password');
export const anyoneMayAsk = (name: string): boolean => REQUESTS.has(name);

/** What any page hears of an event; `null` for nothing. Names stay here. */
export function anyoneHears(name: string, data: Record<string, unknown>): Record<string, unknown> | null {
  if (!EVENTS.has(name)) return null;
  return 'displayName' in data ? { ...data, displayName: '' } : data;
}
