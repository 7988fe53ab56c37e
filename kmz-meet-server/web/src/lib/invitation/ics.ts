/*
 * A calendar file (RFC 5545) with one event. We write it ourselves: the libraries of the registry that write such files leave
 * the rules of time zones out or take them from a second library, and this is the smaller part of the work.
 */
import { occurrences, endOf, type Schedule } from './schedule';
import { compact, vtimezone } from './vtimezone';
import { asUtc, type WallTime } from './zone';

export interface CalendarEvent {
  zone: string;
  schedule: Schedule;
  title: string;
  text: string;
  /** The link of the room. */
  url: string;
}

export const CALENDAR_TYPE = 'text/calendar; charset=utf-8';
/** Octets of a line without its end (RFC 5545, 3.1). */
const MAX_LINE = 75;

/**
 * The file as text.
 *
 * @param now when it is made, in milliseconds since 1970
 */
export function calendarFile(event: CalendarEvent, now: number): string {
  const { zone, schedule, title, text, url } = event;
  const times = occurrences(schedule);
  const at = (wall: WallTime): string => `TZID=${zone}:${compact(asUtc(wall))}`;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//kmz-meet//Invitation//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    ...vtimezone(zone, Number(schedule.date.slice(0, 4))),
    'BEGIN:VEVENT',
    `UID:${uid(url, schedule)}`,
    `DTSTAMP:${compact(now)}Z`,
    `DTSTART;${at(schedule)}`,
    `DTEND;${at(endOf(zone, schedule))}`,
    // A number and no date: it means the same whatever a program thinks of zones.
    ...(times > 1 ? [`RRULE:FREQ=WEEKLY;COUNT=${times}`] : []),
    `SUMMARY:${escapeText(title)}`,
    `DESCRIPTION:${escapeText(text)}`,
    `LOCATION:${escapeText(url)}`,
    `URL:${url}`,
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join('');
}

/** The same for the same lesson, so that a file made once more replaces the event instead of making a second one. */
function uid(url: string, { date, time }: Schedule): string {
  const { host, pathname } = new URL(url);
  return `${compact(asUtc({ date, time })).slice(0, 13)}-${pathname.slice(1)}@${host}`;
}

/** A value of the type TEXT (RFC 5545, 3.3.11). */
export function escapeText(text: string): string {
  return (
    text
      .replace(/\r\n?/g, '\n')
      // No other control characters may be in it; a tabulator may.
      .replace(/[^\P{Cc}\t\n]/gu, '')
      .replace(/[\\;,]/g, '\\$&')
      .replace(/\n/g, '\\n')
  );
}

/** Lines of 75 octets at most; no sign is cut in two. What goes on begins with a space, which counts. */
export function fold(line: string): string {
  const encoder = new TextEncoder();
  let folded = '';
  let width = 0;
  for (const sign of line) {
    const size = encoder.encode(sign).length;
    if (width + size > MAX_LINE) {
      folded += '\r\n ';
      width = 1;
    }
    folded += sign;
    width += size;
  }
  return folded;
}
