/*
 * A name inside a sentence of ours keeps its own direction of writing, and no translation touches it. The signs are
 * Unicode's own (FSI and PDI); on the screen `Words.svelte` makes elements of them.
 */
const START = '\u2068';
const END = '\u2069';

/** A name for a sentence that is shown. Not for labels that are only read aloud. */
export function isolate(name: string): string {
  return START + plain(name) + END;
}

export interface Part {
  text: string;
  name: boolean;
}

/** The sentence in parts: what is ours, and the names in it. */
export function parts(text: string): Part[] {
  return text
    .split(/(\u2068[^\u2069]*\u2069)/u)
    .filter((part) => part !== '')
    .map((part) => ({ text: plain(part), name: part.startsWith(START) && part.endsWith(END) }));
}

/** For screen readers, titles and labels. */
export function plain(text: string): string {
  return text.replace(/[\u2068\u2069]/gu, '');
}
