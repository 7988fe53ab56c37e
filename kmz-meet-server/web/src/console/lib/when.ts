import { i18n } from '../../lib/i18n/index.svelte';

/** A day. */
export const day = (at: number): string => new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' }).format(at);

/** A day that is written as `2027-07-31`. */
export const writtenDay = (text: string): string => day(new Date(`${text}T12:00:00`).getTime());

/** A moment: day and time. */
export const moment = (at: number): string =>
  new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' }).format(at);

/** A number as it is written in this language. */
export const number = (count: number): string => new Intl.NumberFormat(i18n.language).format(count);

/** For a field of the type `datetime-local`, in the time zone of this browser. */
export function toField(at: number | undefined): string {
  if (at === undefined) return '';
  const date = new Date(at);
  const two = (part: number): string => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What such a field says; `undefined` where it is empty or no time. */
export function fromField(text: string): number | undefined {
  const at = text === '' ? Number.NaN : new Date(text).getTime();
  return Number.isNaN(at) ? undefined : at;
}
