/** Operators' keys: made here, and given away only with the private half protected by a passphrase. */
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { normal, WrongKey } from './seal';

/** What the server keeps of a key. */
export interface ProtectedKey {
  /** The public half. */
  recipient: string;
  /** The private half: base64 of an age file that only its passphrase opens. */
  identity: string;
}

/** Of scrypt, as a power of two: what age takes by itself; 256 MB of memory and a second or two. */
const WORK_FACTOR = 18;
/** Fewer characters can be tried out by whoever gets the database. */
export const MIN_PASSPHRASE_LENGTH = 12;

/** @param workFactor for tests alone */
export async function makeKey(passphrase: string, workFactor = WORK_FACTOR): Promise<ProtectedKey> {
  const secret = await generateX25519Identity();
  const encrypter = new Encrypter();
  encrypter.setPassphrase(normal(passphrase));
  encrypter.setScryptWorkFactor(workFactor);
  const file = await encrypter.encrypt(secret);
  return { recipient: await identityToRecipient(secret), identity: toBase64(file) };
}

/**
 * The private half of a key.
 *
 * @throws {WrongKey} when the passphrase is another one, or the private half is not that of the public one
 */
export async function unlockKey(key: ProtectedKey, passphrase: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(normal(passphrase));
  try {
    const secret = (await decrypter.decrypt(fromBase64(key.identity), 'text')).trim();
    if ((await identityToRecipient(secret)) === key.recipient) return secret;
  } catch {
    // What follows says it.
  }
  throw new WrongKey();
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Groups of a fingerprint, and bytes for each: 100 bits in all. */
const GROUPS = 6;
const GROUP_BYTES = 5;
const GROUP_DIGITS = 5;

/** What two people compare at the telephone: six groups of five digits, of the public half. */
export async function fingerprint(recipient: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(recipient)));
  const groups = Array.from({ length: GROUPS }, (_, group) => {
    const bytes = hash.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES);
    const number = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
    return String(number % 10 ** GROUP_DIGITS).padStart(GROUP_DIGITS, '0');
  });
  return groups.join(' ');
}

/** Letters and digits that nobody takes for one another: five bits each. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const PROPOSED_GROUPS = 5;
const PROPOSED_LETTERS = 4;

/** A passphrase that nobody guesses: 100 random bits. */
export function proposePassphrase(): string {
  const random = crypto.getRandomValues(new Uint8Array(PROPOSED_GROUPS * PROPOSED_LETTERS));
  const letters = Array.from(random, (byte) => LETTERS[byte % LETTERS.length] ?? '');
  return Array.from({ length: PROPOSED_GROUPS }, (_, group) =>
    letters.slice(group * PROPOSED_LETTERS, (group + 1) * PROPOSED_LETTERS).join(''),
  ).join('-');
}
