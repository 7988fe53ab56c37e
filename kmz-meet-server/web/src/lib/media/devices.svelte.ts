import { choice, choose, type DeviceKind } from './choice';

export interface Device {
  id: string;
  label: string;
}

const KINDS: Record<DeviceKind, MediaDeviceKind> = {
  microphone: 'audioinput',
  camera: 'videoinput',
  speaker: 'audiooutput',
};

/** The devices of this computer and which of them is chosen. Follows plugging in and out. */
class Devices {
  microphone = $state.raw<Device[]>([]);
  camera = $state.raw<Device[]>([]);
  speaker = $state.raw<Device[]>([]);
  chosen = $state<Record<DeviceKind, string | null>>({
    microphone: choice('microphone'),
    camera: choice('camera'),
    speaker: choice('speaker'),
  });
  private watching = false;

  /** Browsers tell names only after a permission; until then the lists hold what is known. */
  async refresh(): Promise<void> {
    const media = navigator.mediaDevices;
    if (!media?.enumerateDevices) return;
    if (!this.watching) {
      this.watching = true;
      media.addEventListener('devicechange', () => void this.refresh());
    }
    const all = await media.enumerateDevices().catch(() => []);
    for (const kind of Object.keys(KINDS) as DeviceKind[]) {
      // A device that was not there any more has been forgotten: the standard one is shown then.
      this.chosen[kind] = choice(kind);
      this[kind] = all
        .filter((device) => device.kind === KINDS[kind] && device.deviceId !== '' && device.label !== '')
        .map((device) => ({ id: device.deviceId, label: device.label }));
    }
  }

  choose(kind: DeviceKind, id: string | null): void {
    this.chosen[kind] = id;
    choose(kind, id);
  }
}

export const devices = new Devices();

/** Whether sound can be sent to a chosen speaker. Safari cannot. */
export const canChooseSpeaker = (): boolean => 'setSinkId' in HTMLMediaElement.prototype;
