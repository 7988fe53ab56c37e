import type { Source } from '../../generated/Source';
import type { Conference } from './conference.svelte';
import type { Meeting } from './meeting.svelte';
import { toggleSource } from './toggle';
import type { Ui } from './ui.svelte';

/** Jitsi's names of the buttons: an embedding page may want to hear of them, or to do itself what they do. */
const KEYS: Record<Source, string> = { microphone: 'microphone', camera: 'camera', screen: 'desktop' };

/** What the buttons below the pictures do, however they look. */
export class BarActions {
  constructor(
    private readonly meeting: Meeting,
    private readonly conference: Conference,
    private readonly ui: Ui,
  ) {}

  toggle(source: Source): void {
    // Nobody is kept from turning something of their own off.
    const goesOn = this.meeting.embedding.press(KEYS[source]) || this.meeting.sources.isOn(source);
    if (goesOn) toggleSource(this.meeting, source);
  }

  press(key: string, run: () => void): void {
    if (this.meeting.embedding.press(key)) run();
  }

  leave(): void {
    this.press('hangup', () => {
      if (this.conference.isModerator) this.ui.dialog = 'leave';
      else this.meeting.leave();
    });
  }
}
