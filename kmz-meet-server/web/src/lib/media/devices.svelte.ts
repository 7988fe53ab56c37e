import { choice, choose, type DeviceKind } from './choice';
import { target, type DeviceEvent, type Known, type Lists, type State } from './machine';

export type Device = Known;

const KINDS: Record<DeviceKind, MediaDeviceKind> = {
  microphone: 'audioinput',
  camera: 'videoinput',
  speaker: 'audiooutput',
};

export const savedChoices = (): State['saved'] => ({
  microphone: choice('microphone'),
  camera: choice('camera'),
  speaker: choice('speaker'),
});

/** The devices of this computer and which of them is chosen. Follows plugging in and out. */
class Devices {
  microphone = $state.raw<readonly Device[]>([]);
  camera = $state.raw<readonly Device[]>([]);
  speaker = $state.raw<readonly Device[]>([]);
  private saved = $state.raw<State['saved']>(savedChoices());
  /**
   * What a picker shows: the saved device while it is there, else the standard one. The wish is kept: the headset of the
   * other classroom is used again there.
   */
  readonly chosen = $derived<Record<DeviceKind, string | null>>({
    microphone: target(this.lists, this.saved, 'microphone'),
    camera: target(this.lists, this.saved, 'camera'),
    speaker: target(this.lists, this.saved, 'speaker'),
  });
  private watching = false;
  private readonly watchers = new Set<(event: DeviceEvent) => void>();

  get lists(): Lists {
    return { microphone: this.microphone, camera: this.camera, speaker: this.speaker };
  }

  /** Tells of each change of the devices or of the choice, until what it answers is called. */
  watch(watcher: (event: DeviceEvent) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Browsers tell names only after a permission; until then the lists hold what is known. */
  async refresh(): Promise<void> {
    const media = navigator.mediaDevices;
    if (media?.enumerateDevices) {
      if (!this.watching) {
        this.watching = true;
        media.addEventListener('devicechange', () => void this.refresh());
      }
      const all = await media.enumerateDevices().catch(() => []);
      this.saved = savedChoices();
      for (const kind of Object.keys(KINDS) as DeviceKind[]) {
        this[kind] = all
          .filter((device) => device.kind === KINDS[kind] && device.deviceId !== '' && device.label !== '')
          .map((device) => ({ id: device.deviceId, label: device.label }));
      }
    }
    this.tell({ type: 'listed', lists: this.lists });
  }

  choose(kind: DeviceKind, id: string | null): void {
    choose(kind, id);
    this.saved = savedChoices();
    this.tell({ type: 'chosen', kind, id });
  }

  private tell(event: DeviceEvent): void {
    for (const watcher of [...this.watchers]) watcher(event);
  }
}

export const devices = new Devices();

/** Whether sound can be sent to a chosen speaker. Safari cannot. */
export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;
