import type { Messages } from '../i18n/en';

/**
 * What can be read aloud in the pupil's view. The recordings in `recorded/` are made of these texts by
 * `scripts/record-speech.mjs`; a test compares what was recorded with what is written here.
 */
export const SPOKEN = {
  'camera-off': (t) => t.media.cameraOff,
  'camera-on': (t) => t.media.cameraOn,
  'hand-down': (t) => t.bar.handDown,
  'hand-up': (t) => t.bar.handUp,
  join: (t) => t.preJoin.join,
  leave: (t) => t.bar.leave,
  'microphone-off': (t) => t.media.microphoneOff,
  'microphone-on': (t) => t.media.microphoneOn,
  name: (t) => t.preJoin.name,
  password: (t) => t.preJoin.password,
  wait: (t) => `${t.simple.wait}. ${t.lobby.title}.`,
  'wait-outside': (t) => `${t.simple.wait}. ${t.waiting.notStarted}`,
} as const satisfies Record<string, (t: Messages) => string>;

export type Spoken = keyof typeof SPOKEN;
