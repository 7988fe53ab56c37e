import type { Participant } from '../../../generated/Participant';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** Who comes, goes and shares a screen, for those who do not look. */
export class People implements Feature {
  readonly receives: Feature['receives'] = {
    participant_joined: ({ participant }) => {
      const { conference } = this.room;
      conference.put(participant);
      if (!conference.held) notices.announce('joined', conference.spoken(participant));
    },
    participant_left: ({ participant, reason }) => {
      const { conference } = this.room;
      const person = conference.people.get(participant);
      if (person && !conference.held) notices.announce('left', conference.spoken(person));
      conference.gone(participant, reason);
    },
  };

  constructor(private readonly room: Room) {}

  personChanged(former: Participant, person: Participant): void {
    const { conference } = this.room;
    if (person.id === conference.you) return;
    if (!former.sources.includes('screen') && person.sources.includes('screen'))
      notices.announce('screen', conference.spoken(person));
  }
}
