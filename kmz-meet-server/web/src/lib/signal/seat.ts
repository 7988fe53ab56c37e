/**
 * What this tab remembers: the seat (the right to come back after a reload) and the last name.
 * Both live in sessionStorage, so they are gone with the tab and another person at this device gets neither.
 */
import { tabKey } from './tab';

const SEAT = 'kmz-meet.seat';
const NAME = 'kmz-meet.name';

interface StoredSeat {
  room: string;
  seat: string;
  name: string;
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(tabKey(key));
  } catch {
    return null; // storage may be forbidden; joining works without it
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(tabKey(key));
    else sessionStorage.setItem(tabKey(key), value);
  } catch {
    // see above
  }
}

export function loadSeat(room: string): { seat: string; name: string } | null {
  try {
    const stored = JSON.parse(read(SEAT) ?? 'null') as Partial<StoredSeat> | null;
    if (stored?.room === room && typeof stored.seat === 'string' && typeof stored.name === 'string') {
      return { seat: stored.seat, name: stored.name };
    }
  } catch {
    // something else wrote there: as good as nothing
  }
  return null;
}

export function keepSeat(room: string, seat: string, name: string): void {
  write(SEAT, JSON.stringify({ room, seat, name } satisfies StoredSeat));
}

export function dropSeat(): void {
  write(SEAT, null);
}

/** Someone else sits down at this tab. */
export function forgetPerson(): void {
  dropSeat();
  write(NAME, null);
}

export function loadName(): string {
  return read(NAME) ?? '';
}

export function keepName(name: string): void {
  write(NAME, name);
}
