import { i18n } from '../i18n/index.svelte';

export const day = (at: number): string => new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium' }).format(at);

/** A size in kilobytes or megabytes; what is not empty has a tenth of a kilobyte at least. */
export function fileSize(bytes: number): string {
  const [unit, size] = bytes < 1_000_000 ? (['kilobyte', 1_000] as const) : (['megabyte', 1_000_000] as const);
  const format = new Intl.NumberFormat(i18n.language, { style: 'unit', unit, maximumFractionDigits: 1 });
  return format.format(Math.ceil((bytes * 10) / size) / 10);
}

/** The browser shows what was said before scrypt keeps it busy. */
export const drawn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));
