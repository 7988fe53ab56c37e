import { SvelteMap } from 'svelte/reactivity';
import type { QualityLevel } from '../../../generated/QualityLevel';
import { t } from '../../i18n/index.svelte';
import { notices } from '../../state/notices.svelte';
import type { Feature, Room } from '../feature';

/** Shortest time between two tips about one's own connection, in milliseconds. */
const MIN_TIP_PAUSE = 120_000;

/** How everyone's connection is. */
export class Quality implements Feature {
  readonly levels = new SvelteMap<string, QualityLevel>();

  readonly receives: Feature['receives'] = {
    quality: ({ participant, level }) => {
      this.levels.set(participant, level);
      if (participant === this.room.conference.you) this.tellOwn(level);
    },
  };

  constructor(private readonly room: Room) {}

  /** One's own, where the server has said something about it. */
  get own(): QualityLevel | undefined {
    return this.levels.get(this.room.conference.you);
  }

  /** How everyone's connection is after a reconnection, the server will say. */
  reset(): void {
    this.levels.clear();
  }

  personLeft(id: string): void {
    this.levels.delete(id);
  }

  /** A bad connection is told with what helps, but not again and again. */
  private tellOwn(level: QualityLevel): void {
    const { memory, own } = this.room;
    const now = performance.now();
    if (level !== 'poor' || now - memory.lastTip < MIN_TIP_PAUSE) return;
    memory.lastTip = now;
    const words = t().quality;
    const action = { label: words.cameraOff, run: own.turnCameraOff };
    if (own.cameraIsOn()) notices.tell(`${words.poor} ${words.poorTip}`, { tone: 'warning', action });
    else notices.tell(`${words.poor} ${words.poorTipWithoutCamera}`, { tone: 'warning' });
  }
}
