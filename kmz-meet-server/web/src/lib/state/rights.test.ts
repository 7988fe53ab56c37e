import { describe, expect, it } from 'vitest';
import type { Participant } from '../../generated/Participant';
import type { RoomInfo } from '../../generated/RoomInfo';
import { may } from './rights';

const pupil: Participant = {
  id: 'p',
  name: 'P',
  role: 'participant',
  verified: false,
  listed: false,
  typed_name: true,
  sources: [],
  grants: [],
  hand: null,
  connected: true,
};
const room: RoomInfo = {
  name: 'r',
  policy: {
    microphone: 'everyone',
    camera: 'everyone',
    screen: 'moderators',
    chat: 'everyone',
    door: 'open',
    microphone_on_at_join: false,
    camera_on_at_join: false,
    capacity: 70,
  },
  has_list: false,
  has_password: false,
  floor: null,
  started_at: 0,
};

describe('what a person may do', () => {
  it('follows the policy', () => {
    expect(may(pupil, room, 'microphone')).toBe(true);
    expect(may(pupil, room, 'screen')).toBe(false);
  });

  it('a grant or the role opens what the policy closes', () => {
    expect(may({ ...pupil, grants: ['screen'] }, room, 'screen')).toBe(true);
    expect(may({ ...pupil, role: 'moderator' }, room, 'screen')).toBe(true);
  });

  it('the floor of one person locks the microphones of the others, not their cameras', () => {
    const floor = { ...room, floor: 'someone' };
    expect(may(pupil, floor, 'microphone')).toBe(false);
    expect(may(pupil, floor, 'camera')).toBe(true);
    expect(may({ ...pupil, id: 'someone' }, floor, 'microphone')).toBe(true);
  });

  it('the floor comes before a grant, and opens the camera too', () => {
    const locked = {
      ...room,
      floor: 'someone',
      policy: { ...room.policy, microphone: 'moderators', camera: 'moderators' },
    } as const;
    expect(may({ ...pupil, grants: ['microphone'] }, locked, 'microphone')).toBe(false);
    expect(may({ ...pupil, grants: ['camera'] }, locked, 'camera')).toBe(true);
    expect(may({ ...pupil, id: 'someone' }, locked, 'camera')).toBe(true);
    expect(may({ ...pupil, id: 'someone' }, locked, 'screen')).toBe(false);
  });
});
