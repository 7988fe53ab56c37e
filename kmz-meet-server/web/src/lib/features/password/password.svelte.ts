import type { Feature, Room } from '../feature';

/** The password of the room; only moderators are told what it is. */
export class Password implements Feature {
  current = $state<string | null>(null);
  /** What is typed and not set yet: it outlives the panel and a lost connection. */
  draft = $state('');

  readonly receives: Feature['receives'] = {
    password: ({ password }) => (this.current = password),
  };

  constructor(private readonly room: Room) {}

  set(password: string): boolean {
    return this.room.say({ type: 'set_password', password });
  }

  clear(): boolean {
    return this.room.say({ type: 'set_password' });
  }
}
