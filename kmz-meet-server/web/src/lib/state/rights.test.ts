import { describe, expect, it } from 'vitest';
import type { ClientMessage } from '../../generated/ClientMessage';
import type { Participant } from '../../generated/Participant';
import table from '../../generated/permissions.json';
import type { Right } from '../../generated/Right';
import type { Role } from '../../generated/Role';
import type { RoomInfo } from '../../generated/RoomInfo';
import type { Who } from '../../generated/Who';
import { may } from './rights';

/** A row of the table that the server's own decisions make; `room/tests/permission_vectors.rs` says what it means. */
interface Row {
  role: Role;
  policy: Who;
  grants: Right[];
  floor: 'nobody' | 'own' | 'other';
  action: ClientMessage;
  right: Right | null;
  allowed: boolean;
}
const rows = table as Row[];
const byRight = rows.filter((row): row is Row & { right: Right } => row.right !== null);
const FLOOR = { nobody: null, own: 'p', other: 'someone' };

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
    simple_view: false,
    capacity: 70,
  },
  has_list: false,
  has_password: false,
  floor: null,
  speakers_only: { on: false, speaker: null },
  started_at: 0,
};

describe('the table of permissions', () => {
  it.each(byRight)(
    '$role, the right is for $policy, granted $grants, the floor has $floor: $right is $allowed',
    ({ role, policy, grants, floor, right, allowed }) => {
      const person = { ...pupil, role, grants };
      const rules = { ...room.policy, microphone: policy, camera: policy, screen: policy, chat: policy };
      expect(may(person, { ...room, policy: rules, floor: FLOOR[floor] }, right)).toBe(allowed);
    },
  );

  it('decides on every right, and answers yes and no for each', () => {
    const answers = new Set(byRight.map(({ right, allowed }) => `${right} ${allowed}`));
    expect([...answers].sort()).toEqual(
      ['camera', 'chat', 'microphone', 'screen'].flatMap((right) => [`${right} false`, `${right} true`]),
    );
  });

  it('asks for no right when something is turned off', () => {
    const off = rows.filter(({ action }) => action.type === 'set_source' && !action.on);
    expect(off.map(({ right, allowed }) => [right, allowed])).toEqual(off.map(() => [null, true]));
    expect(off.length).toBeGreaterThan(0);
  });
});

describe('what a person may do', () => {
  it('follows the policy', () => {
    expect(may(pupil, room, 'microphone')).toBe(true);
    expect(may(pupil, room, 'screen')).toBe(false);
  });

  it('allows by a grant or the role what the policy forbids', () => {
    expect(may({ ...pupil, grants: ['screen'] }, room, 'screen')).toBe(true);
    expect(may({ ...pupil, role: 'moderator' }, room, 'screen')).toBe(true);
  });

  it('lets the floor of one person lock the microphones of the others, not their cameras', () => {
    const floor = { ...room, floor: 'someone' };
    expect(may(pupil, floor, 'microphone')).toBe(false);
    expect(may(pupil, floor, 'camera')).toBe(true);
    expect(may({ ...pupil, id: 'someone' }, floor, 'microphone')).toBe(true);
  });

  it('puts the floor before a grant, and opens the camera by it too', () => {
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
