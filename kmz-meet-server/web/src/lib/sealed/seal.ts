/**
 * Seals a file to the keys of operators, and opens it. Nothing here speaks to a server, and nothing is kept.
 *
 * The format is age (age-encryption.org/v1) in two layers: around everything one that the operators' keys open, and inside of it, if
 * the school wants that, one that a passphrase opens.
 */
import { Decrypter, Encrypter } from 'age-encryption';
import { pack, Unreadable, unpack } from './container';

/** A file with its name. */
export interface PlainFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** What an operator's key opens: the file, or what a passphrase of the school opens. */
export type Opened = { kind: 'file'; file: PlainFile } | { kind: 'locked'; locked: Uint8Array<ArrayBuffer> };

/** Neither this key nor this passphrase opens it. */
export class WrongKey extends Error {}

/** Of scrypt, as a power of two, for passphrases of schools: 64 MB of memory, so that phones can do it. */
const WORK_FACTOR = 16;
/** The most that is done for a lock: a second or two. */
const MAX_WORK_FACTOR = 18;

/**
 * @param recipients public halves of the operators' keys; each of them opens it
 * @param passphrase `null` where the school wants none
 * @param workFactor of that passphrase, for tests alone
 */
export async function seal(
  file: PlainFile,
  recipients: readonly string[],
  passphrase: string | null,
  workFactor = WORK_FACTOR,
): Promise<Uint8Array> {
  if (recipients.length === 0) throw new Error('nobody could open it');
  let inside = pack({ kind: 'file', name: file.name, size: file.bytes.length }, file.bytes);
  if (passphrase !== null) {
    const lock = new Encrypter();
    lock.setPassphrase(normal(passphrase));
    lock.setScryptWorkFactor(workFactor);
    const locked = await lock.encrypt(inside);
    inside = pack({ kind: 'locked', size: locked.length }, locked);
  }
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(inside);
}

/**
 * @param identity the private half of an operator's key
 * @throws {WrongKey} when the key does not open it, or it was changed
 * @throws {Unreadable} when something else is inside
 */
export async function open(sealed: Uint8Array, identity: string): Promise<Opened> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const { head, content } = unpack(await decrypt(decrypter, sealed));
  if (head.kind === 'locked') return { kind: 'locked', locked: content };
  return { kind: 'file', file: { name: head.name, bytes: content } };
}

/**
 * The same for what is inside, with the school's passphrase.
 *
 * @throws {WrongKey} when it is another passphrase
 * @throws {Unreadable} when our page did not lock it
 */
export async function unlock(locked: Uint8Array, passphrase: string): Promise<PlainFile> {
  const header = new TextDecoder('latin1').decode(locked.subarray(0, 200));
  const factor = /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} (\d{1,2})\n/.exec(header)?.[1];
  // Whoever has a link could make this browser work for minutes, in a gigabyte of memory.
  if (factor === undefined || Number(factor) > MAX_WORK_FACTOR) throw new Unreadable('locked by something else');
  const decrypter = new Decrypter();
  decrypter.addPassphrase(normal(passphrase));
  const { head, content } = unpack(await decrypt(decrypter, locked));
  // A lock around a lock is nothing that our page makes.
  if (head.kind !== 'file') throw new WrongKey();
  return { name: head.name, bytes: content };
}

async function decrypt(decrypter: Decrypter, file: Uint8Array): Promise<Uint8Array> {
  try {
    return await decrypter.decrypt(file);
  } catch {
    throw new WrongKey();
  }
}

/** The same passphrase typed at another keyboard, or read out at the telephone. */
export function normal(passphrase: string): string {
  return passphrase.normalize('NFKC').trim().replace(/\s+/g, ' ');
}
