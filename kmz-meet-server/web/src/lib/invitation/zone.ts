/*
 * Clocks of a time zone, read from what the browser knows of the zones of the world. A wall time is what the clock on the
 * wall shows, as the fields of a form give it.
 */
export const MINUTE = 60_000;
export const DAY = 86_400_000;

export interface WallTime {
  /** `2026-11-30` */
  date: string;
  /** `08:00` */
  time: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @throws {RangeError} when the browser knows no zone of this name */
function format(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const numbers = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    calendar: 'gregory',
    numberingSystem: 'latn',
    second: '2-digit',
    ...numbers,
  });
  formats.set(zone, made);
  return made;
}

export function isZone(zone: string): boolean {
  try {
    format(zone);
    return true;
  } catch {
    return false;
  }
}

/** What a clock in the zone shows at this point in time, as the milliseconds at which a clock in UTC shows the same. */
function shownAt(zone: string, at: number): number {
  const parts = Object.fromEntries(
    format(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (part: string): number => parts[part] ?? 0;
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/** How far a zone is from UTC at a point in time, in minutes. */
export function offsetAt(zone: string, at: number): number {
  return Math.round((shownAt(zone, at) - at) / MINUTE);
}

export function wallTimeAt(zone: string, at: number): WallTime {
  const text = new Date(shownAt(zone, at)).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 16) };
}

/** The milliseconds at which a clock in UTC shows this wall time. `NaN`: there is no such time. */
export function asUtc({ date, time }: WallTime): number {
  return Date.parse(`${date}T${time}:00Z`);
}

/**
 * When a clock in the zone shows this time, in milliseconds since 1970. A time that a change of the clocks leaves out counts
 * by the offset before the change; of one that comes twice it is the first (RFC 5545, 3.3.5).
 */
export function pointInTime(zone: string, wall: WallTime): number {
  const utc = asUtc(wall);
  const [before, after] = [offsetAt(zone, utc - DAY), offsetAt(zone, utc + DAY)];
  const byFormer = utc - before * MINUTE;
  if (offsetAt(zone, byFormer) === before) return byFormer;
  const byLatter = utc - after * MINUTE;
  return offsetAt(zone, byLatter) === after ? byLatter : byFormer;
}
