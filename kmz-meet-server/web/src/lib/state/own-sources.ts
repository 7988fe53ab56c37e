import type { ClientMessage } from '../../generated/ClientMessage';
import type { Participant } from '../../generated/Participant';
import type { Source } from '../../generated/Source';
import type { ScreenTracks } from '../media/capture';
import type { Sources } from '../media/sources.svelte';
import type { Conference } from './conference.svelte';

const ALL = ['microphone', 'camera', 'screen'] as const;

/** Keeps one's own devices and what the server knows of them alike. Nothing is captured that the server does not forward. */
export class OwnSources {
  /** What the server has confirmed to be on. */
  private confirmed = new Set<Source>();

  constructor(
    private readonly sources: Sources,
    /** Before coming in, devices are only tried; `reconcile` tells what stayed on. */
    private readonly isInside: () => boolean,
    private readonly say: (message: ClientMessage) => void,
  ) {
    sources.onEnded = (source) => {
      this.confirmed.delete(source);
      this.tell(source, false);
    };
  }

  async set(source: Source, on: boolean): Promise<void> {
    if (!on) {
      this.sources.turnOff(source);
      this.confirmed.delete(source);
      this.tell(source, false);
    } else if (await this.sources.turnOn(source)) {
      this.tell(source, true);
    }
  }

  /** Shares these tracks in place of a screen. They end with the sharing, or at once if something is shared already. */
  async showInstead(tracks: ScreenTracks): Promise<void> {
    // Whoever has left while a photo was chosen shows nothing.
    const isOn = this.isInside() && (await this.sources.turnOn('screen', () => Promise.resolve(tracks)));
    if (isOn && this.sources.screen === tracks.main) this.tell('screen', true);
    else tracks.main.stop();
  }

  /** Comes in muted with the camera off, unless the room lets stay on what was on before. */
  keepOnlyWhatMayStayOn(conference: Conference): void {
    const { policy } = conference.room;
    if (!(policy.microphone_on_at_join && conference.may('microphone'))) this.sources.turnOff('microphone');
    if (!(policy.camera_on_at_join && conference.may('camera'))) this.sources.turnOff('camera');
  }

  /** Tells the server what is really on: after a reload nothing is, after a lost connection what was on still is. */
  reconcile(conference: Conference): void {
    this.confirmed.clear();
    for (const source of ALL) {
      const known = conference.me?.sources.includes(source) ?? false;
      const on = this.sources.isOn(source);
      if (on !== known) this.say({ type: 'set_source', source, on });
      else if (on) this.confirmed.add(source);
    }
  }

  /** What the server knows of oneself has changed. */
  changed(me: Participant): void {
    for (const source of ALL) {
      if (me.sources.includes(source)) this.confirmed.add(source);
      // The server took it away: what is not forwarded is not captured either.
      else if (this.confirmed.delete(source)) this.sources.turnOff(source);
    }
  }

  turnedOff(source: Source): void {
    this.confirmed.delete(source);
    this.sources.turnOff(source);
  }

  /** Whatever is on here without the server's consent goes off again. */
  refused(): void {
    for (const source of ALL) {
      if (this.sources.isOn(source) && !this.confirmed.has(source)) this.sources.turnOff(source);
    }
  }

  forget(): void {
    this.confirmed.clear();
  }

  private tell(source: Source, on: boolean): void {
    if (this.isInside()) this.say({ type: 'set_source', source, on });
  }
}
