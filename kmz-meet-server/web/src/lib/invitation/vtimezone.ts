/*
 * A zone in the words of calendars (VTIMEZONE, RFC 5545, 3.6.5). Programs know the names of zones, but not all of them the
 * same names, so the rules go with the event.
 */
import { DAY, MINUTE, offsetAt } from './zone';

/** The clocks are changed: at a point in time, from one offset in minutes to another. */
export interface ClockChange {
  at: number;
  from: number;
  to: number;
}

/** No zone changes its clocks twice within it. */
const STEP = 7 * DAY;
/** So many years show which Sunday of a month it is: in some the fourth is the last. */
const YEARS = 8;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

export function clockChanges(zone: string, from: number, until: number): ClockChange[] {
  const found: ClockChange[] = [];
  let offset = offsetAt(zone, from);
  for (let at = from; at < until; at += STEP) {
    const next = offsetAt(zone, at + STEP);
    if (next === offset) continue;
    let [low, high] = [at, at + STEP];
    while (high - low > MINUTE) {
      const middle = Math.floor((low + high) / 2 / MINUTE) * MINUTE;
      if (offsetAt(zone, middle) === offset) low = middle;
      else high = middle;
    }
    found.push({ at: high, from: offset, to: next });
    offset = next;
  }
  return found;
}

/** The lines of the zone for events of this year and the years after it. */
export function vtimezone(zone: string, year: number): string[] {
  const from = Date.UTC(year - 1, 0, 1);
  const changes = clockChanges(zone, from, Date.UTC(year - 1 + YEARS, 0, 1));
  const rules = yearlyRules(changes);
  const first: ClockChange = { at: Date.UTC(1970, 0, 1), from: offsetAt(zone, from), to: offsetAt(zone, from) };
  const lines =
    rules?.flatMap(({ change, rule }) => observance(change, rule)) ??
    // A zone without rules that hold every year: each change by itself.
    [{ ...first, at: first.at - first.from * MINUTE }, ...changes].flatMap((change) => observance(change, null));
  return ['BEGIN:VTIMEZONE', `TZID:${zone}`, ...lines, 'END:VTIMEZONE'];
}

function observance(change: ClockChange, rule: string | null): string[] {
  const name = change.to > change.from ? 'DAYLIGHT' : 'STANDARD';
  return [
    `BEGIN:${name}`,
    `DTSTART:${compact(change.at + change.from * MINUTE)}`,
    `TZOFFSETFROM:${offset(change.from)}`,
    `TZOFFSETTO:${offset(change.to)}`,
    ...(rule === null ? [] : [`RRULE:${rule}`]),
    `END:${name}`,
  ];
}

/** The first change of each kind, with the rule by which it comes every year; `null` where there is no such rule. */
function yearlyRules(changes: ClockChange[]): { change: ClockChange; rule: string }[] | null {
  if (changes.length !== 2 * YEARS) return null;
  const rules = [0, 1].map((kind) => {
    const same = changes.filter((_, index) => index % 2 === kind);
    const [first] = same;
    const rule = first ? yearlyRule(same) : null;
    return first && rule !== null ? { change: first, rule } : null;
  });
  return rules.every((rule) => rule !== null) ? rules : null;
}

function yearlyRule(changes: ClockChange[]): string | null {
  const places = changes.map(({ at, from, to }) => {
    const local = new Date(at + from * MINUTE);
    const day = local.getUTCDate();
    const days = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
    const weekday = WEEKDAYS[local.getUTCDay()] ?? '';
    return {
      // What has to be the same every year.
      key: [local.getUTCMonth() + 1, weekday, local.toISOString().slice(11), from, to].join(' '),
      rule: `FREQ=YEARLY;BYMONTH=${local.getUTCMonth() + 1};BYDAY=`,
      weekday,
      ordinals: [...(day + 7 > days ? [-1] : []), Math.ceil(day / 7)],
    };
  });
  const [first, ...others] = places;
  if (!first || others.some(({ key }) => key !== first.key)) return null;
  const ordinal = first.ordinals.find((one) => others.every(({ ordinals }) => ordinals.includes(one)));
  return ordinal === undefined ? null : `${first.rule}${ordinal}${first.weekday}`;
}

/** `20261130T080000`, of milliseconds as a clock in UTC shows them. */
export function compact(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '');
}

function offset(minutes: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`;
}
