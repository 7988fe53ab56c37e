/** Which device a person chose. The only thing this client keeps in localStorage. */
export type DeviceKind = 'microphone' | 'camera' | 'speaker';

const key = (kind: DeviceKind): string => `kmz-meet.device.${kind}`;

export function choice(kind: DeviceKind): string | null {
  try {
    return localStorage.getItem(key(kind));
  } catch {
    return null; // storage may be forbidden; the standard device is used then
  }
}

export function choose(kind: DeviceKind, id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(key(kind));
    else localStorage.setItem(key(kind), id);
  } catch {
    // see above: the choice holds for nothing more than this call
  }
}

export function forget(kind: DeviceKind): void {
  choose(kind, null);
}
