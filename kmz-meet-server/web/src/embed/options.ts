/**
 * What an embedding page asks for in the fragment, in Jitsi's form: `#jitsi_meet_external_api_id=0&config.x=…`, each value
 * JSON and then URI-encoded.
 */
export interface EmbedOptions {
  /** Which of the page's rooms this is; `null` when no page around talks to it. */
  id: number | null;
  displayName: string | null;
  /** Straight in, without the pre-join page. */
  skipPreJoin: boolean;
  language: string | null;
  /** What the page calls the room; shown to this person only. */
  subject: string | null;
  /** Buttons that the page wants to hear of, and whether it does itself what they do. */
  buttons: ReadonlyMap<string, boolean>;
}

/** Longest name of a room that a page may give. */
const MAX_SUBJECT = 100;

/** A text of a page as it can be shown: trimmed, of the length that fits; `null` for anything that is none. */
export function plainText(value: unknown, longest: number): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return text === '' ? null : [...text].slice(0, longest).join('').trim();
}

export const subjectOf = (value: unknown): string | null => plainText(value, MAX_SUBJECT);
export const nameOf = (value: unknown): string | null => plainText(value, 60);

/** Jitsi's `buttonsWithNotifyClick`: names, or objects with `key` and `preventExecution`. */
function buttonsOf(value: unknown): Map<string, boolean> {
  const buttons = new Map<string, boolean>();
  for (const one of Array.isArray(value) ? (value as unknown[]) : []) {
    const { key, preventExecution } = (typeof one === 'string' ? { key: one } : (one ?? {})) as {
      key?: unknown;
      preventExecution?: unknown;
    };
    if (typeof key === 'string' && key !== '') buttons.set(key, preventExecution === true);
  }
  return buttons;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function readOptions(hash: string): EmbedOptions {
  const values = new Map<string, unknown>();
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ''))) values.set(key, parse(text));
  const text = (key: string): string | null => {
    const value = values.get(key);
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const nested = values.get('config.prejoinConfig') as { enabled?: unknown } | undefined;
  const id = values.get('jitsi_meet_external_api_id');
  return {
    id: typeof id === 'number' && Number.isInteger(id) ? id : null,
    displayName: nameOf(values.get('userInfo.displayName')),
    skipPreJoin:
      values.get('config.prejoinPageEnabled') === false ||
      values.get('config.prejoinConfig.enabled') === false ||
      nested?.enabled === false,
    language: text('config.defaultLanguage'),
    subject: subjectOf(values.get('config.localSubject')) ?? subjectOf(values.get('config.subject')),
    buttons: buttonsOf(values.get('config.buttonsWithNotifyClick')),
  };
}
