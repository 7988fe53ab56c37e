import { describe, expect, it } from 'vitest';
import { calendarFile, escapeText, fold, type CalendarEvent } from './ics';

const NOW = Date.parse('2026-09-01T10:11:12Z');
const event = (more: Partial<CalendarEvent> = {}): CalendarEvent => ({
  zone: 'Europe/Berlin',
  schedule: { date: '2026-10-19', time: '08:00', minutes: 45, until: null },
  title: 'Mathe 7b',
  text: 'Einladung\n\nPasswort: Sonne, 7; oder so',
  url: 'https://meet.example/mutiger-dachs-lomi',
  ...more,
});
const octets = (text: string): number => new TextEncoder().encode(text).length;

describe('calendar file', () => {
  it('of one lesson is this', () => {
    const lines = calendarFile(event(), NOW).split('\r\n');
    const from = lines.indexOf('BEGIN:VEVENT');
    expect(lines.slice(0, 6)).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//kmz-meet//Invitation//EN',
      'CALSCALE:GREGORIAN',
      'METHOD:PUBLISH',
      'BEGIN:VTIMEZONE',
    ]);
    expect(lines.slice(from)).toEqual([
      'BEGIN:VEVENT',
      'UID:20261019T0800-mutiger-dachs-lomi@meet.example',
      'DTSTAMP:20260901T101112Z',
      'DTSTART;TZID=Europe/Berlin:20261019T080000',
      'DTEND;TZID=Europe/Berlin:20261019T084500',
      'SUMMARY:Mathe 7b',
      'DESCRIPTION:Einladung\\n\\nPasswort: Sonne\\, 7\\; oder so',
      'LOCATION:https://meet.example/mutiger-dachs-lomi',
      'URL:https://meet.example/mutiger-dachs-lomi',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ]);
  });

  it('of a weekly lesson counts, so that it is at eight in winter as in summer', () => {
    const schedule = { date: '2026-10-19', time: '08:00', minutes: 45, until: '2026-11-02' };
    const lines = calendarFile(event({ schedule }), NOW).split('\r\n');
    expect(lines).toContain('RRULE:FREQ=WEEKLY;COUNT=3');
    expect(lines).toContain('DTSTART;TZID=Europe/Berlin:20261019T080000');
  });

  it('of a lesson over midnight ends on the next day', () => {
    const schedule = { date: '2026-12-31', time: '23:30', minutes: 60, until: null };
    expect(calendarFile(event({ schedule }), NOW)).toContain('DTEND;TZID=Europe/Berlin:20270101T003000\r\n');
  });

  it('made once more has the same UID, whatever the text and the length are', () => {
    const uid = (more: Partial<CalendarEvent>): string | undefined =>
      /^UID:(.*)$/m.exec(calendarFile(event(more), NOW + 5_000))?.[1];
    expect(uid({ title: 'Physik', text: '' })).toBe(uid({}));
    const schedule = { date: '2026-10-20', time: '08:00', minutes: 45, until: null };
    expect(uid({ schedule })).not.toBe(uid({}));
  });

  it('has lines of 75 octets at most, and ends each by CR and LF', () => {
    const text = `${'ä'.repeat(500)}\r\n"„👩‍🏫“,;\\ ${'مرحبا '.repeat(60)}`;
    const file = calendarFile(event({ title: '👩‍🏫'.repeat(90), text }), NOW);
    const lines = file.split('\r\n');
    expect(lines.pop()).toBe('');
    expect(lines.filter((line) => octets(line) > 75)).toEqual([]);
    expect(file.replace(/\r\n/g, '')).not.toMatch(/[\r\n]/);
    // Unfolded, nothing is lost.
    expect(file.replace(/\r\n /g, '')).toContain(`\r\nDESCRIPTION:${escapeText(text)}\r\n`);
  });

  it('takes no lines of its own from a title', () => {
    const file = calendarFile(event({ title: 'a\r\nATTENDEE:mailto:x@y.example\u0000\u2028' }), NOW);
    expect(file).toContain('SUMMARY:a\\nATTENDEE:mailto:x@y.example\u2028\r\n');
    expect(file).not.toMatch(/^ATTENDEE/m);
  });
});

describe('fold', () => {
  it('cuts before a sign that would go over the border', () => {
    // 74 octets and one umlaut of two: the umlaut goes to the next line.
    expect(fold(`${'a'.repeat(74)}ä`)).toBe(`${'a'.repeat(74)}\r\n ä`);
    expect(fold(`${'a'.repeat(73)}ä`)).toBe(`${'a'.repeat(73)}ä`);
    expect(fold('a'.repeat(75))).toBe('a'.repeat(75));
    expect(fold(`${'a'.repeat(72)}😀`)).toBe(`${'a'.repeat(72)}\r\n 😀`);
  });

  it('counts the space of a line that goes on', () => {
    const [first, second, third] = fold('a'.repeat(150)).split('\r\n');
    expect([first?.length, second?.length, third?.length]).toEqual([75, 75, 2]);
  });
});
