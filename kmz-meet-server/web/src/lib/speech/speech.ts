/*
 * Labels read aloud, from recordings of our own. The browser's speech synthesis is not used: in some browsers it sends the text
 * to somebody else's server.
 */
import { i18n } from '../i18n/index.svelte';
import type { Spoken } from './labels';

const FILES = import.meta.glob<string>('./recorded/*/*.mp3', { query: '?url', import: 'default', eager: true });

/** What easy German says as German does is recorded once. */
const fileOf = (label: Spoken): string | undefined =>
  FILES[`./recorded/${i18n.language}/${label}.mp3`] ??
  (i18n.language === 'de-simple' ? FILES[`./recorded/de/${label}.mp3`] : undefined);

/** Whether there are recordings in the language of the page. */
export const canSpeak = (): boolean => fileOf('join') !== undefined;

let playing: HTMLAudioElement | null = null;
/** Fetched whole: Safari plays nothing of a server that gives no parts of a file. */
const fetched = new Map<string, Promise<Blob>>();

function load(address: string): Promise<Blob> {
  const known = fetched.get(address);
  if (known) return known;
  const loading = fetch(address).then((answer) => {
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.blob();
  });
  // Tried again by the next press.
  loading.catch(() => fetched.delete(address));
  fetched.set(address, loading);
  return loading;
}

export function stopSpeaking(): void {
  playing?.pause();
  playing = null;
}

/** Reads a label aloud. What is read at this moment ends: there is one voice. */
export async function speak(label: Spoken): Promise<void> {
  const address = fileOf(label);
  if (address === undefined) return;
  stopSpeaking();
  const voice = new Audio();
  playing = voice;
  try {
    const source = URL.createObjectURL(await load(address));
    voice.onpause = voice.onended = () => URL.revokeObjectURL(source);
    voice.src = source;
    if (playing === voice) await voice.play();
  } catch {
    // The line is down, or the browser keeps it silent: the picture says it, too.
  }
}
