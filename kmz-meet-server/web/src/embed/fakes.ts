/* Only for tests: the people, the media session and the browser around an embedded room. */
import type { Policy } from '../generated/Policy';
import type { ServerMessage } from '../generated/ServerMessage';
import type { Peer } from '../lib/media/peer';
import { joinedAmong, person } from '../lib/signal/fakes';

export { FakeSignal } from '../lib/signal/fakes';

export const peer = (): Peer => ({
  audio: [],
  video: [],
  screen: {} as MediaStream,
  offer: () => Promise.resolve({ sdp: '', sections: { audio_slots: [], video_slots: [] } }),
  answer: () => Promise.resolve(),
  attach: () => Promise.resolve(),
  watch: () => Promise.resolve(),
  way: () => Promise.resolve('direct' as const),
  close: () => undefined,
});

export const me = person({ role: 'moderator', verified: true, listed: true, typed_name: false });
export const ben = person({ id: 'ben', name: 'Ben', sources: ['screen'] });

export const joined = (door: Policy['door'] = 'open'): ServerMessage => joinedAmong([me, ben], { policy: { door } });

/** What browsers have and Node has not. */
export const BROWSER = {
  screen: { width: 1366, height: 768 },
  devicePixelRatio: 1,
  matchMedia: () => ({ matches: false }),
  navigator: { hardwareConcurrency: 2 },
};
