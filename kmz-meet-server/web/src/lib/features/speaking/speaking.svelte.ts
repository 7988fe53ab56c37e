import { Dominant } from '../../layout/stage';
import type { Feature, Room } from '../feature';

/** Who is heard. */
export class Speaking implements Feature {
  /** Loudest first. */
  now = $state.raw<readonly string[]>([]);
  /** Whose picture is large in the speaker view. */
  speaker = $state<string | null>(null);
  private readonly dominant = new Dominant();

  readonly receives: Feature['receives'] = {
    speaking: ({ participants }) => {
      this.now = participants;
      this.speaker = this.dominant.update(participants, this.room.conference.you, performance.now());
    },
  };

  constructor(private readonly room: Room) {}

  reset(): void {
    this.now = [];
  }

  personLeft(id: string): void {
    this.now = this.now.filter((speaking) => speaking !== id);
    this.dominant.forget(id);
  }
}
