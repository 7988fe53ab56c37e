import { expect, it } from 'vitest';
import { clockChanges, vtimezone } from './vtimezone';

it('zone of Berlin is the rule of Europe', () => {
  expect(vtimezone('Europe/Berlin', 2026)).toEqual([
    'BEGIN:VTIMEZONE',
    'TZID:Europe/Berlin',
    'BEGIN:DAYLIGHT',
    'DTSTART:20250330T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
    'END:DAYLIGHT',
    'BEGIN:STANDARD',
    'DTSTART:20251026T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
    'END:STANDARD',
    'END:VTIMEZONE',
  ]);
});

it('zone whose changes are on the second and the first Sunday has those rules', () => {
  const lines = vtimezone('America/New_York', 2026);
  expect(lines).toContain('RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU');
  expect(lines).toContain('RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU');
});

it('zone without changes has one offset', () => {
  expect(vtimezone('Asia/Kathmandu', 2026)).toEqual([
    'BEGIN:VTIMEZONE',
    'TZID:Asia/Kathmandu',
    'BEGIN:STANDARD',
    'DTSTART:19700101T000000',
    'TZOFFSETFROM:+0545',
    'TZOFFSETTO:+0545',
    'END:STANDARD',
    'END:VTIMEZONE',
  ]);
});

it('zone that follows the moon has each change by itself', () => {
  const lines = vtimezone('Africa/Casablanca', 2026);
  expect(lines.filter((line) => line.startsWith('RRULE'))).toEqual([]);
  expect(lines.filter((line) => line.startsWith('DTSTART')).length).toBeGreaterThan(10);
});

it('change is found to the minute', () => {
  const [spring, autumn] = clockChanges('Europe/Berlin', Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1));
  expect(spring).toEqual({ at: Date.parse('2026-03-29T01:00:00Z'), from: 60, to: 120 });
  expect(autumn).toEqual({ at: Date.parse('2026-10-25T01:00:00Z'), from: 120, to: 60 });
});
