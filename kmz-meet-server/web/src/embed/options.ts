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
    displayName: text('userInfo.displayName')?.slice(0, 60) ?? null,
    skipPreJoin:
      values.get('config.prejoinPageEnabled') === false ||
      values.get('config.prejoinConfig.enabled') === false ||
      nested?.enabled === false,
    language: text('config.defaultLanguage'),
  };
}
