/** Days and times in the sentences of invitations. */
import { dayIn } from '../schedule';

export interface Style {
  locale: string;
  /** `08:00` as it is written in a sentence. */
  clock: (hours: number, minutes: string) => string;
}

export const ENGLISH: Style = {
  locale: 'en-GB',
  clock: (hours, minutes) => `${((hours + 11) % 12) + 1}:${minutes} ${hours < 12 ? 'am' : 'pm'}`,
};

export const GERMAN: Style = { locale: 'de', clock: (hours, minutes) => `${hours}:${minutes}` };

export function clock(time: string, style: Style): string {
  return style.clock(Number(time.slice(0, 2)), time.slice(3, 5));
}

export function day(date: string, { locale }: Style, form: 'day' | 'weekday' | 'with weekday' = 'day'): string {
  if (form === 'weekday') return dayIn(locale, date, { weekday: 'long' });
  const options = { day: 'numeric', month: 'long', year: 'numeric' } as const;
  return dayIn(locale, date, form === 'day' ? options : { ...options, weekday: 'long' });
}
