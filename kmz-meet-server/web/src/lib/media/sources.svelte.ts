import type { Source } from '../../generated/Source';
import { CaptureError, openCamera, openMicrophone, openScreen, type CaptureProblem } from './capture';
import { devices } from './devices.svelte';
import type { Outgoing } from './peer';

export type Problem = { source: Source; problem: CaptureProblem | 'unplugged' };

/** What this person's own devices give. Nothing is captured that was not turned on. */
export class Sources {
  microphone = $state.raw<MediaStreamTrack | null>(null);
  camera = $state.raw<MediaStreamTrack | null>(null);
  screen = $state.raw<MediaStreamTrack | null>(null);
  screenSound = $state.raw<MediaStreamTrack | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The own picture, as a stream for a video element. */
  readonly picture = $derived(this.camera ? new MediaStream([this.camera]) : null);

  /**
   * What is being opened, the browser may be asking for permission. Two devices may be asked for at once; the same one
   * only again when the former wish was taken back.
   */
  private readonly opening = new Map<Source, { wanted: boolean; done: Promise<boolean> }>();

  /** Told when a track comes or goes, so that it can be attached to a media session. */
  onTrack: (what: Outgoing, track: MediaStreamTrack | null) => Promise<void> = async () => {};
  /** Told when a source ended by itself: unplugged, or sharing stopped from the browser's own bar. */
  onEnded: (source: Source) => void = () => {};

  isOn(source: Source): boolean {
    return this[source] !== null;
  }

  /** True when this call turned it on, or it was on. */
  async turnOn(source: Source): Promise<boolean> {
    if (this.isOn(source)) return true;
    if (this.opening.has(source)) return false;
    const wish = { wanted: true, done: Promise.resolve(false) };
    this.opening.set(source, wish);
    this.problem = null;
    wish.done = this.open(source, wish);
    return await wish.done;
  }

  turnOff(source: Source): void {
    // An answer to the browser's question that comes later has nothing left to turn on.
    const wish = this.opening.get(source);
    if (wish) wish.wanted = false;
    this.opening.delete(source);
    if (!this.isOn(source)) return;
    const tracks = source === 'screen' ? [this.screen, this.screenSound] : [this[source]];
    for (const track of tracks) {
      if (!track) continue;
      track.onended = null;
      track.stop();
    }
    this[source] = null;
    void this.onTrack(source, null);
    if (source === 'screen') {
      this.screenSound = null;
      void this.onTrack('screen_sound', null);
    }
  }

  /** Takes the newly chosen device, if the source is on. */
  async reopen(source: 'microphone' | 'camera'): Promise<void> {
    await this.opening.get(source)?.done;
    const former = this[source];
    if (!former) return;
    former.onended = null;
    former.stop(); // some devices open only once
    this[source] = null;
    if (!(await this.turnOn(source))) this.onEnded(source);
  }

  stopAll(): void {
    for (const source of ['microphone', 'camera', 'screen'] as const) this.turnOff(source);
  }

  private async open(source: Source, wish: { wanted: boolean }): Promise<boolean> {
    try {
      const tracks = source === 'screen' ? await openScreen() : { main: await (source === 'microphone' ? openMicrophone() : openCamera()), sound: null };
      if (!tracks) return false;
      if (!wish.wanted) {
        tracks.main.stop();
        tracks.sound?.stop();
        return false;
      }
      this.watch(source, tracks.main);
      this[source] = tracks.main;
      if (source === 'screen') this.screenSound = tracks.sound;
      await this.onTrack(source, tracks.main);
      if (source === 'screen') await this.onTrack('screen_sound', tracks.sound);
      return this.isOn(source); // turned off again meanwhile?
    } catch (error) {
      if (wish.wanted) this.problem = { source, problem: error instanceof CaptureError ? error.problem : 'failed' };
      return false;
    } finally {
      if (this.opening.get(source) === wish) this.opening.delete(source);
      void devices.refresh(); // names of devices are known once a permission was given
    }
  }

  private watch(source: Source, track: MediaStreamTrack): void {
    track.onended = () => {
      this.turnOff(source);
      if (source !== 'screen') this.problem = { source, problem: 'unplugged' };
      this.onEnded(source);
    };
  }
}
