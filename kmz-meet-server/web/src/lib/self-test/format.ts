import { i18n } from '../i18n/index.svelte';

const number = (value: number, digits = 0): string =>
  new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits }).format(value);

export const milliseconds = (value: number): string => `${number(value)} ms`;
export const percent = (permille: number): string => `${number(permille / 10, 1)} %`;
export const rate = (kbps: number): string =>
  kbps >= 1000 ? `${number(kbps / 1000, 1)} Mbit/s` : `${number(kbps)} kbit/s`;

/** As people write down a code: in two halves. */
export const spaced = (code: string): string => `${code.slice(0, 4)} ${code.slice(4)}`;

export const moment = (at: string, language: string = i18n.language): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
