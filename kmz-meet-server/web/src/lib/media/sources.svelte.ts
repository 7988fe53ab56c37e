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
  /** A source that is being opened: the browser may be asking for permission. */
  opening = $state<Source | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** The own picture, as a stream for a video element. */
  readonly picture = $derived(this.camera ? new MediaStream([this.camera]) : null);

  /** Told when a track comes or goes, so that it can be attached to a media session. */
  onTrack: (what: Outgoing, track: MediaStreamTrack | null) => Promise<void> = async () => {};
  /** Told when a source ended by itself: unplugged, or sharing stopped from the browser's own bar. */
  onEnded: (source: Source) => void = () => {};

  isOn(source: Source): boolean {
    return this[source] !== null;
  }

  /** True when it is on afterwards. */
  async turnOn(source: Source): Promise<boolean> {
    if (this.isOn(source)) return true;
    if (this.opening) return false;
    this.opening = source;
    this.problem = null;
    try {
      if (source === 'screen') return await this.openScreen();
      const track = source === 'microphone' ? await openMicrophone() : await openCamera();
      this.watch(source, track);
      this[source] = track;
      await this.onTrack(source, track);
      return true;
    } catch (error) {
      this.problem = { source, problem: error instanceof CaptureError ? error.problem : 'failed' };
      return false;
    } finally {
      this.opening = null;
      void devices.refresh(); // names of devices are known once a permission was given
    }
  }

  turnOff(source: Source): void {
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
    const former = this[source];
    if (!former) return;
    former.onended = null;
    former.stop(); // some devices open only once
    this[source] = null;
    if (!(await this.turnOn(source))) this.onEnded(source);
  }

  stopAll(): void {
    for (const source of ['microphone', 'camera', 'screen'] as const) if (this.isOn(source)) this.turnOff(source);
  }

  private async openScreen(): Promise<boolean> {
    const tracks = await openScreen();
    if (!tracks) return false;
    this.watch('screen', tracks.video);
    this.screen = tracks.video;
    this.screenSound = tracks.sound;
    await this.onTrack('screen', tracks.video);
    await this.onTrack('screen_sound', tracks.sound);
    return true;
  }

  private watch(source: Source, track: MediaStreamTrack): void {
    track.onended = () => {
      this.turnOff(source);
      if (source !== 'screen') this.problem = { source, problem: 'unplugged' };
      this.onEnded(source);
    };
  }
}
