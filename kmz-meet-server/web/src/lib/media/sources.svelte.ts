import type { Source } from '../../generated/Source';
import {
  CaptureError,
  openCamera,
  openMicrophone,
  openScreen,
  type CaptureProblem,
  type ScreenTracks,
} from './capture';
import { devices, savedChoices } from './devices.svelte';
import { initial, step, type Capture, type DeviceEvent, type Effect, type News, type State } from './machine';
import type { Outgoing } from './peer';

export interface Problem {
  source: Source;
  problem: CaptureProblem | 'unplugged' | 'stopped' | 'silenced';
}

/** What this person's own devices give. Nothing is captured that was not turned on. */
export class Sources {
  microphone = $state.raw<MediaStreamTrack | null>(null);
  camera = $state.raw<MediaStreamTrack | null>(null);
  screen = $state.raw<MediaStreamTrack | null>(null);
  screenSound = $state.raw<MediaStreamTrack | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What changed without anyone's doing, worth a word. */
  news = $state.raw<News | null>(null);
  /** What is on, but gives nothing: the system has it, for a phone call for example. */
  silent = $state<Record<Capture, boolean>>({ microphone: false, camera: false });
  /** Where sound is to be played; a new object each time that it has to be looked to. */
  sound = $state.raw<{ speaker: string | null }>({ speaker: savedChoices().speaker });
  /** The own picture, as a stream for a video element. */
  readonly picture = $derived(this.camera ? new MediaStream([this.camera]) : null);

  /**
   * What is being opened, the browser may be asking for permission. Two devices may be asked for at once; the same one
   * only again when the former wish was taken back.
   */
  private machine: State = initial(savedChoices());
  private unfollow: (() => void) | null = null;
  /** Devices that are being exchanged. */
  private readonly exchanging = new Map<Source, Promise<void>>();
  private readonly opening = new Map<Source, { wanted: boolean; done: Promise<boolean> }>();

  /** Told when a track comes or goes, so that it can be attached to a media session. */
  onTrack: (what: Outgoing, track: MediaStreamTrack | null) => Promise<void> = async () => {};
  /** Told when a source ended by itself: unplugged, or sharing stopped from the browser's own bar. */
  onEnded: (source: Source) => void = () => {};

  isOn(source: Source): boolean {
    return this[source] !== null;
  }

  /**
   * True when this call turned it on, or it was on.
   *
   * @param screen what gives the picture of a screen, if it is another one than the browser's
   */
  async turnOn(source: Source, screen: () => Promise<ScreenTracks | null> = openScreen): Promise<boolean> {
    if (this.isOn(source)) return true;
    if (this.opening.has(source)) return false;
    this.follow();
    const wish = { wanted: true, done: Promise.resolve(false) };
    this.opening.set(source, wish);
    this.problem = null;
    wish.done = this.open(source, wish, screen);
    return await wish.done;
  }

  turnOff(source: Source): void {
    // An answer to the browser's question that comes later has nothing left to turn on.
    const wish = this.opening.get(source);
    if (wish) wish.wanted = false;
    this.opening.delete(source);
    if (source !== 'screen') {
      this.handle({ type: 'turned_off', kind: source });
      this.hush(source);
    }
    if (!this.isOn(source)) return;
    const tracks = source === 'screen' ? [this.screen, this.screenSound] : [this[source]];
    for (const track of tracks) {
      if (track) release(track);
    }
    this[source] = null;
    void this.onTrack(source, null);
    if (source === 'screen') {
      this.screenSound = null;
      void this.onTrack('screen_sound', null);
    }
  }

  /** Follows the devices of this computer from now on, until everything is turned off. */
  follow(): void {
    this.unfollow ??= devices.watch((event) => this.handle(event));
  }

  /** When the newly chosen device has been taken, if the source is on. */
  async reopen(source: Capture): Promise<void> {
    await this.opening.get(source)?.done;
    await this.exchanging.get(source);
  }

  stopAll(): void {
    for (const source of ['microphone', 'camera', 'screen'] as const) this.turnOff(source);
    this.unfollow?.();
    this.unfollow = null;
  }

  private handle(event: DeviceEvent): void {
    const [state, effects] = step(this.machine, event);
    this.machine = state;
    for (const effect of effects) this.perform(effect);
  }

  private perform(effect: Effect): void {
    switch (effect.do) {
      case 'look':
        return void devices.refresh();
      case 'open': {
        const { kind } = effect;
        const done = this.exchange(kind).finally(
          () => this.exchanging.get(kind) === done && this.exchanging.delete(kind),
        );
        return void this.exchanging.set(kind, done);
      }
      case 'stop':
        return this.lost(effect.kind, effect.why);
      case 'refuse':
        this.problem = { source: effect.kind, problem: effect.problem };
        return;
      case 'silenced':
        this.silent[effect.kind] = true;
        this.problem = { source: effect.kind, problem: 'silenced' };
        return;
      case 'resumed':
        this.hush(effect.kind);
        this.sound = { ...this.sound };
        return;
      case 'play':
        this.sound = { speaker: effect.speaker };
        return;
      case 'tell':
        this.news = effect.news;
    }
  }

  /** Takes the device that is to be used now, in the place of the one that is. */
  private async exchange(source: Capture): Promise<void> {
    await this.exchanging.get(source);
    const former = this[source];
    if (!former) return;
    release(former); // some devices open only once
    this[source] = null;
    if (await this.turnOn(source)) return;
    if (this.opening.has(source)) return; // wanted anew meanwhile
    void this.onTrack(source, null);
    this.onEnded(source);
  }

  /** Off without anyone's doing. */
  private lost(source: Capture, problem: 'unplugged' | 'stopped'): void {
    const wasOn = this.isOn(source);
    this.turnOff(source);
    this.problem = { source, problem };
    // One that failed while it was exchanged is told by who exchanged it.
    if (wasOn) this.onEnded(source);
  }

  private hush(source: Capture): void {
    this.silent[source] = false;
    if (this.problem?.source === source && this.problem.problem === 'silenced') this.problem = null;
  }

  private async open(
    source: Source,
    wish: { wanted: boolean },
    screen: () => Promise<ScreenTracks | null>,
  ): Promise<boolean> {
    try {
      const tracks =
        source === 'screen'
          ? await screen()
          : { main: await (source === 'microphone' ? openMicrophone() : openCamera()), sound: null };
      if (!tracks) return false;
      if (!wish.wanted) {
        tracks.main.stop();
        tracks.sound?.stop();
        return false;
      }
      this[source] = tracks.main;
      this.watch(source, tracks.main);
      if (source === 'screen') this.screenSound = tracks.sound;
      await this.onTrack(source, tracks.main);
      if (source === 'screen') await this.onTrack('screen_sound', tracks.sound);
      return this.isOn(source); // turned off again meanwhile?
    } catch (error) {
      const problem = error instanceof CaptureError ? error.problem : 'failed';
      if (wish.wanted && source === 'screen') this.problem = { source, problem };
      else if (wish.wanted && source !== 'screen') this.handle({ type: 'failed', kind: source, problem });
      return false;
    } finally {
      if (this.opening.get(source) === wish) this.opening.delete(source);
      void devices.refresh(); // names of devices are known once a permission was given
    }
  }

  private watch(source: Source, track: MediaStreamTrack): void {
    if (source === 'screen') {
      track.onended = () => {
        this.turnOff(source);
        this.onEnded(source);
      };
      return;
    }
    track.onended = () => this.handle({ type: 'ended', kind: source });
    track.onmute = () => this.handle({ type: 'muted', kind: source });
    track.onunmute = () => this.handle({ type: 'unmuted', kind: source });
    this.handle({ type: 'opened', kind: source, device: track.getSettings?.().deviceId ?? null });
    if (track.muted) this.handle({ type: 'muted', kind: source });
  }
}

function release(track: MediaStreamTrack): void {
  track.onended = null;
  track.onmute = null;
  track.onunmute = null;
  track.stop();
}
