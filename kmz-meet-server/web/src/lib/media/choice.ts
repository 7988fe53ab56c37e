/** Which device a person chose. Beside it this client keeps in localStorage only whether a relay was needed (`relay.ts`) and which view was chosen (`view.svelte.ts`). */
export type DeviceKind = 'microphone' | 'camera' | 'speaker';

/** What holds while storage is forbidden, as in some frames. */
const held = new Map<DeviceKind, string>();

const key = (kind: DeviceKind): string => `kmz-meet.device.${kind}`;

export function choice(kind: DeviceKind): string | null {
  try {
    return localStorage.getItem(key(kind)) ?? held.get(kind) ?? null;
  } catch {
    return held.get(kind) ?? null;
  }
}

export function choose(kind: DeviceKind, id: string | null): void {
  if (id === null) held.delete(kind);
  else held.set(kind, id);
  try {
    if (id === null) localStorage.removeItem(key(kind));
    else localStorage.setItem(key(kind), id);
  } catch {
    // see above: the choice holds until the page is left
  }
}

export function forget(kind: DeviceKind): void {
  choose(kind, null);
}
