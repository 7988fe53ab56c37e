import type { PoorLines } from '../../../generated/PoorLines';
import type { RoomInfo } from '../../../generated/RoomInfo';
import { t } from '../../i18n/index.svelte';
import { notices } from '../../state/notices.svelte';
import type { Feature, MessageOf, Room } from '../feature';

/**
 * For bad lines: of all cameras only that of the speaker is forwarded. The server decides who that is; one's own camera stays
 * on and waits, so that it is there at once, and nothing of it is sent meanwhile.
 */
export class SpeakersOnly implements Feature {
  /** The server proposes it, to moderators: so many lines are poor. */
  proposed = $state.raw<PoorLines | null>(null);
  readonly on = $derived.by(() => this.room.conference.room.speakers_only.on);
  /** Whose camera is forwarded, if it is on. */
  readonly speaker = $derived.by(() => this.room.conference.room.speakers_only.speaker);
  /** Whether one's own camera has to wait, if it is on. */
  readonly waits = $derived.by(() => this.on && this.speaker !== this.room.conference.you);

  readonly receives: Feature['receives'] = {
    speakers_only_changed: ({ speakers_only }) => {
      const { conference } = this.room;
      conference.roomChanged({ ...conference.room, speakers_only });
    },
    speakers_only_proposed: ({ lines }) => {
      this.proposed = lines;
      if (lines) notices.say(proposal(lines));
    },
  };

  constructor(private readonly room: Room) {}

  /** Turns it on or off; off is also the answer to a proposal that is not wanted. */
  set(on: boolean): boolean {
    if (!on) this.proposed = null;
    return this.room.say({ type: 'set_speakers_only', on });
  }

  reset({ room, you }: MessageOf<'joined'>): void {
    this.proposed = null;
    this.room.own.holdCamera(isHeld(room, you));
    if (room.speakers_only.on) notices.say(t().speakersOnly.banner);
  }

  roomChanged(former: RoomInfo, now: RoomInfo): void {
    const { conference, own } = this.room;
    const held = isHeld(now, conference.you);
    const wasHeld = isHeld(former, conference.you);
    if (held !== wasHeld) own.holdCamera(held);
    const { speakers_only: before } = former;
    const { speakers_only: after } = now;
    if (after.on && !before.on) notices.say(t().speakersOnly.banner);
    if (!after.on && before.on) notices.tell(t().speakersOnly.over);
    // Nobody is seen without knowing it.
    else if (wasHeld && !held && own.cameraIsOn()) notices.say(t().speakersOnly.seen);
  }
}

/** One network is named where most of the poor lines are in it: a few neighbours are chance. */
export function proposal({ poor, of, together }: PoorLines): string {
  return t().speakersOnly.proposal(poor, of, together >= 2 && together * 2 > poor ? together : 0);
}

function isHeld({ speakers_only: { on, speaker } }: RoomInfo, you: string): boolean {
  return on && speaker !== you;
}
