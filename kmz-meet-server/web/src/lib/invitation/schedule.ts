/** When a lesson is: once, or every week until a day. */
import { asUtc, DAY, MINUTE, pointInTime, type WallTime, wallTimeAt } from './zone';

export interface Schedule extends WallTime {
  /** How long it lasts. */
  minutes: number;
  /** The last day on which it may be, for what comes every week; `null`: it is once. */
  until: string | null;
}

/** What a form has to mend before there is a schedule. */
export type ScheduleProblem = 'date' | 'time' | 'until-missing' | 'until-before' | 'until-far';

export const DURATIONS = [20, 30, 45, 60, 90, 120, 180, 240] as const;
/** A school year and its holidays. */
export const MAX_WEEKS = 54;

const WEEK = 7 * DAY;
/** What nobody means who types a year. */
const YEARS = { min: 2000, max: 2100 };

function isDay(date: string): boolean {
  const year = Number(date.slice(0, 4));
  return (
    /^\d{4}-\d\d-\d\d$/.test(date) &&
    year >= YEARS.min &&
    year <= YEARS.max &&
    // Of the 31st of February a browser makes the 3rd of March, or nothing.
    !Number.isNaN(Date.parse(date)) &&
    new Date(Date.parse(date)).toISOString().startsWith(date)
  );
}

export function scheduleProblem({ date, time, until }: Schedule): ScheduleProblem | null {
  if (!isDay(date)) return 'date';
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) return 'time';
  if (until === null) return null;
  if (!isDay(until)) return 'until-missing';
  if (until < date) return 'until-before';
  return Date.parse(until) - Date.parse(date) > MAX_WEEKS * WEEK ? 'until-far' : null;
}

/** How often it takes place. */
export function occurrences({ date, until }: Schedule): number {
  return until === null ? 1 : Math.floor((Date.parse(until) - Date.parse(date)) / WEEK) + 1;
}

/** The day on which it is for the last time, which is not always the day until which it may be. */
export function lastDay(schedule: Schedule): string {
  const last = Date.parse(schedule.date) + (occurrences(schedule) - 1) * WEEK;
  return new Date(last).toISOString().slice(0, 10);
}

export function endOf(zone: string, schedule: Schedule): WallTime {
  return wallTimeAt(zone, pointInTime(zone, schedule) + schedule.minutes * MINUTE);
}

/** Whether the first time is over at `now`. */
export function isOver(zone: string, schedule: Schedule, now: number): boolean {
  return pointInTime(zone, schedule) + schedule.minutes * MINUTE < now;
}

/** A day in words. */
export function dayIn(locale: string, date: string, options: Intl.DateTimeFormatOptions): string {
  const at = asUtc({ date, time: '12:00' });
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(at);
}
