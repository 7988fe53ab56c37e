import type { Lesson, LessonAttendance, Measure, SentGrades } from '../../../generated/api';
import { claimsOf } from '../../state/claims';
import { isFromCourse } from '../../state/user-id';
import { address, ask, call } from '../../api/http';

/** The room whose attendance a teacher's ticket from a course opens; `null` for everyone else. The server decides, this only spares a question. */
export function moderatedRoom(ticket: string): string | null {
  const { role, room, sub } = claimsOf(ticket);
  // Other platforms show their own lists, and want their people back at once.
  const course = typeof sub === 'string' && isFromCourse(sub);
  return course && role === 'moderator' && typeof room === 'string' ? room : null;
}

/** When a list is asked for again that is not written yet. */
const AGAIN_AFTER = [1_000, 2_000, 4_000, 8_000];
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The lessons, with the one that began then: its list is written a moment after its end. */
export async function lessonsWith(began: number | null, load: () => Promise<Lesson[]>): Promise<Lesson[]> {
  const isThere = (lessons: Lesson[]): boolean => began === null || lessons.some((lesson) => lesson.ended_at >= began);
  let lessons = await load();
  for (const wait of AGAIN_AFTER) {
    if (isThere(lessons)) break;
    await pause(wait);
    lessons = await load();
  }
  return lessons;
}

/** From so many minutes on someone took part, unless the teacher says otherwise: two thirds of the lesson, 30 minutes of 45. */
export function neededMinutes(lesson: Pick<Lesson, 'started_at' | 'ended_at'>): number {
  return Math.min(1_440, Math.max(1, Math.round((lessonMinutes(lesson) * 2) / 3)));
}

export function lessonMinutes({ started_at, ended_at }: Pick<Lesson, 'started_at' | 'ended_at'>): number {
  return Math.max(1, Math.round((ended_at - started_at) / 60_000));
}

/** As the server calls the file. */
export function fileName(disposition: string | null): string {
  return /filename="([\w.-]+)"/.exec(disposition ?? '')?.[1] ?? 'attendance.csv';
}

/** Attendance of one room, by a moderator's ticket. */
export class AttendanceApi {
  constructor(
    private readonly ticket: string,
    private readonly room: string,
  ) {}

  lessons = async (): Promise<Lesson[]> =>
    (await call('get', '/api/v1/rooms/{id}/attendance', { path: { id: this.room }, token: this.ticket })).lessons;

  lesson = (id: string): Promise<LessonAttendance> =>
    call('get', '/api/v1/attendance/{id}', { path: { id }, token: this.ticket });

  correct = (id: string, number: number, minutes: number | null): Promise<LessonAttendance> =>
    call('patch', '/api/v1/attendance/{id}', {
      path: { id },
      body: { corrections: [{ number, minutes }] },
      token: this.ticket,
    });

  send = (id: string, measure: Measure, needed: number): Promise<SentGrades> =>
    call('post', '/api/v1/attendance/{id}/grades', {
      path: { id },
      body: { confirm: true, measure, needed_minutes: needed },
      token: this.ticket,
    });

  /** The table, as a file for this person. */
  async download(id: string): Promise<void> {
    const answer = await ask(address('/api/v1/attendance/{id}/csv', { id }), {
      headers: { authorization: `Bearer ${this.ticket}` },
    });
    const url = URL.createObjectURL(await answer.blob());
    const link = document.createElement('a');
    link.href = url;
    link.download = fileName(answer.headers.get('content-disposition'));
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
