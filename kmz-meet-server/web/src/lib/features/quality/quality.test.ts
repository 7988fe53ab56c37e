import { beforeEach, expect, it } from 'vitest';
import type { ServerMessage } from '../../../generated/ServerMessage';
import { en } from '../../i18n/en';
import { joinedAmong, person } from '../../signal/fakes';
import { Conference } from '../../state/conference.svelte';
import { notices } from '../../state/notices.svelte';

function enter(camera: boolean) {
  const off: string[] = [];
  const joined = joinedAmong([person(), person({ id: 'ben' })]) as Extract<ServerMessage, { type: 'joined' }>;
  const own = { holdCamera: () => undefined, cameraIsOn: () => camera, turnCameraOff: () => void off.push('camera') };
  return { conference: new Conference(joined, { own }), off };
}

beforeEach(() => notices.clear());

it('offers whoever has a poor line and the camera on to turn it off', () => {
  const { conference, off } = enter(true);
  conference.receive({ type: 'quality', participant: 'ben', level: 'poor' });
  conference.receive({ type: 'quality', participant: 'me', level: 'fair' });
  expect(notices.list).toEqual([]);
  conference.receive({ type: 'quality', participant: 'me', level: 'poor' });
  const [notice] = notices.list;
  expect(notice?.action?.label).toBe(en.quality.cameraOff);
  expect(off).toEqual([]);
  notice?.action?.run();
  expect(off).toEqual(['camera']);
});

it('offers no such thing to whom it could not help, and tips no more than once in a while', () => {
  const { conference } = enter(false);
  for (const level of ['poor', 'good', 'poor'] as const)
    conference.receive({ type: 'quality', participant: 'me', level });
  expect(notices.list.map(({ text, action }) => [text, action])).toEqual([
    [`${en.quality.poor} ${en.quality.poorTipWithoutCamera}`, undefined],
  ]);
});
