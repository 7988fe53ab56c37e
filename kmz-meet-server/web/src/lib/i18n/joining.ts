import type { Messages } from './en';

/**
 * The way in: home page, name and devices, lobby, self test and all refusals, with what may go wrong there. It is what a
 * language of parents has to have. `joining.test.ts` holds the screens of the way in to it.
 */
export const JOINING = [
  'skip',
  'close',
  'cancel',
  'back',
  'loading',
  'copied',
  'copyFailed',
  'copyFailedWhy',
  'copyText',
  'session',
  'problem',
  'title',
  'home',
  'nothing',
  'check',
  'devices',
  'media',
  'preJoin',
  'waiting',
  'lobby',
  'connecting',
  'frame',
  'over',
  'language',
  'simple',
  'dismiss',
] as const satisfies readonly (keyof Messages)[];

export type Joining = Pick<Messages, (typeof JOINING)[number]>;
