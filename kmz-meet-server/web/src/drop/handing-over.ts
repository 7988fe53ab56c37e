/** What the secretary's page does with a file, apart from how it looks. */
import type { DropLink } from '../generated/api';
import { ApiError } from '../lib/api/http';
import { MIN_PASSPHRASE_LENGTH } from '../lib/sealed/keys';
import { linkOf, send } from '../lib/sealed/api';
import { drawn } from '../lib/sealed/format';
import { normal, seal } from '../lib/sealed/seal';
import type { Words } from './words/en';

/** What goes wrong, by the name of its words. */
export type Trouble = keyof Words['problem'];

export class Troubled extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
  }
}

const KINDS = /\.(csv|txt|xlsx)$/i;

/** What is wrong with a choice before anything is done; `null`: nothing. */
export function wrongWith(
  file: Pick<File, 'name' | 'size'> | null,
  passphrase: string | null,
  most: number,
): Trouble | null {
  if (file === null) return 'noFile';
  if (!KINDS.test(file.name)) return 'kind';
  if (file.size === 0) return 'empty';
  if (file.size > most) return 'tooLarge';
  if (passphrase !== null && normal(passphrase).length < MIN_PASSPHRASE_LENGTH) return 'shortPassphrase';
  return null;
}

/**
 * Seals a file to the keys of the link and sends it. Where a key was deleted meanwhile, it is sealed once more.
 *
 * @throws {Troubled} what the person can read; {@link ApiError} `link_used` when the page has to be read again
 */
export async function handOver(
  link: { token: string; keys: DropLink['keys'] },
  file: File,
  passphrase: string | null,
  tell: (step: 'sealing' | 'sending') => void,
): Promise<void> {
  let { keys } = link;
  for (let attempt = 0; ; attempt += 1) {
    if (keys.length === 0) throw new Troubled('noKeys');
    tell('sealing');
    await drawn();
    const bytes = await file.arrayBuffer().catch(() => null);
    if (bytes === null) throw new Troubled('unreadable');
    const plain = { name: file.name, bytes: new Uint8Array(bytes) };
    const recipients = keys.map((key) => key.recipient);
    const sealed = await seal(plain, recipients, passphrase);
    tell('sending');
    try {
      await send(
        link.token,
        sealed,
        keys.map((key) => key.id),
      );
      return;
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'keys_changed') || attempt > 0) throw error;
      ({ keys } = await linkOf(link.token));
    }
  }
}

/** A failed call in the name of its words. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof Troubled) return error.trouble;
  if (!(error instanceof ApiError)) return 'other';
  switch (error.code) {
    case 'offline':
      return 'offline';
    case 'too_many':
      return 'full';
    case 'too_many_attempts':
      return 'tooManyTries';
    case 'too_many_requests':
    case 'timed_out':
      return 'busy';
    case 'no_contract':
      return 'noContract';
    case 'too_large':
      return 'tooLarge';
    default:
      return 'other';
  }
}
