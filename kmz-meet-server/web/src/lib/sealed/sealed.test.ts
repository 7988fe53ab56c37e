import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Encrypter } from 'age-encryption';
import { MAX_NAME_LENGTH, pack, paddedLength, shownName, Unreadable, unpack } from './container';
import { fingerprint, makeKey, proposePassphrase, unlockKey } from './keys';
import { open, seal, unlock, WrongKey } from './seal';

/** Weak, so that the tests are fast. */
const FAST = 1;
const NAME = 'Kollegium Ohmstedt.csv';
const LIST = 'Nachname;Vorname\nMüller-Lüdenscheidt;Änne\n';
const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(new TextEncoder().encode(text));
const file = { name: NAME, bytes: bytes(LIST) };

async function key(passphrase = 'drei kleine Igel'): Promise<{ recipient: string; secret: string }> {
  const made = await makeKey(passphrase, FAST);
  return { recipient: made.recipient, secret: await unlockKey(made, passphrase) };
}

describe('container', () => {
  it('comes back as it was packed', () => {
    for (const size of [0, 1, 100, 3_000]) {
      const content = crypto.getRandomValues(new Uint8Array(size));
      const packed = pack({ kind: 'file', name: NAME, size: content.length }, content);
      expect(unpack(packed)).toEqual({ head: { kind: 'file', name: NAME, size: content.length }, content });
    }
  });

  it('hides the length of its content but for the rough size', () => {
    expect(paddedLength(1_000)).toBe(1_024);
    const lengths = new Set(Array.from({ length: 10_000 }, (_, more) => paddedLength(100_000 + more)));
    expect(lengths.size).toBeLessThan(7);
    for (const length of [1, 2, 3, 9, 1_000, 123_456, 10_485_760])
      expect(paddedLength(length) / length).toBeLessThanOrEqual(1.12);
  });

  it.each([
    ['empty', new Uint8Array()],
    ['a head that is longer than it', new Uint8Array([0, 0, 1, 0, 1, 2])],
    ['a head of four gigabytes', new Uint8Array([255, 255, 255, 255])],
    ['a head that is no JSON', new Uint8Array([0, 0, 0, 1, 123])],
    ['a size beyond its end', pack({ kind: 'locked', size: 100_000 }, new Uint8Array(1))],
    ['a size that is no number', pack({ kind: 'locked', size: -1 }, new Uint8Array(1))],
  ])('with %s is refused', (_, packed) => {
    expect(() => unpack(packed)).toThrow(Unreadable);
  });

  it('shows no name that is endless or turns the page around', () => {
    const name = `\u202eexe.${'x'.repeat(10_000)}\u0000\n`;
    expect(shownName(name)).toBe(`exe.${'x'.repeat(MAX_NAME_LENGTH - 4)}`);
    const short = pack({ kind: 'file', name: '\u202eexe.csv\n', size: 0 }, new Uint8Array());
    expect(unpack(short).head).toEqual({ kind: 'file', name: 'exe.csv', size: 0 });
  });
});

describe('sealed file', () => {
  it('is opened by each of the keys and by no other', async () => {
    const [one, two, other] = [await key(), await key(), await key()];
    const sealed = await seal(file, [one.recipient, two.recipient], null);
    for (const { secret } of [one, two]) expect(await open(sealed, secret)).toEqual({ kind: 'file', file });
    await expect(open(sealed, other.secret)).rejects.toThrow(WrongKey);
  });

  it('with a passphrase needs the key and the passphrase', async () => {
    const { recipient, secret } = await key();
    const sealed = await seal(file, [recipient], ' sieben  Zwerge ', FAST);
    const opened = await open(sealed, secret);
    if (opened.kind !== 'locked') throw new Error('it is not locked');
    expect(await unlock(opened.locked, 'sieben Zwerge')).toEqual(file);
    await expect(unlock(opened.locked, 'sieben Geißlein')).rejects.toThrow(WrongKey);
  });

  it('whose lock is made to cost is not tried', async () => {
    const { recipient, secret } = await key();
    const opened = await open(await seal(file, [recipient], 'sieben Zwerge', FAST), secret);
    if (opened.kind !== 'locked') throw new Error('it is not locked');
    const text = Buffer.from(opened.locked).toString('latin1');
    for (const factor of ['19', '20', '64', '99', '018', 'x'])
      await expect(
        unlock(Buffer.from(text.replace(/ 1\n/, ` ${factor}\n`), 'latin1'), 'sieben Zwerge'),
      ).rejects.toThrow(Unreadable);
    await expect(unlock(Buffer.from('Nachname;Vorname'), 'sieben Zwerge')).rejects.toThrow(Unreadable);
  });

  it('has nothing of the file or its name in it, and no two are alike', async () => {
    const { recipient } = await key();
    const [one, two] = [await seal(file, [recipient], null), await seal(file, [recipient], null)];
    const text = new TextDecoder('latin1').decode(one);
    for (const canary of ['Ohmstedt', 'denscheidt', 'Nachname', 'csv']) expect(text).not.toContain(canary);
    expect(one).not.toEqual(two);
    expect(one.length).toBe(two.length);
  });

  it('that was changed anywhere is refused', async () => {
    const { recipient, secret } = await key();
    const sealed = await seal(file, [recipient], null);
    for (let at = 0; at < sealed.length; at += 41) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(open(changed, secret), `at ${at}`).rejects.toThrow(WrongKey);
    }
  });

  it('to nobody is not made', async () => {
    await expect(seal(file, [], null)).rejects.toThrow();
  });

  it('that holds something else is said to be unreadable', async () => {
    const { recipient, secret } = await key();
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    await expect(open(await encrypter.encrypt('Hello'), secret)).rejects.toThrow(Unreadable);
  });
});

describe('key', () => {
  it('is opened by its passphrase alone, however that is typed', async () => {
    const made = await makeKey('Grüne  Tomate', FAST);
    expect(await unlockKey(made, 'Gru\u0308ne Tomate ')).toMatch(/^AGE-SECRET-KEY-1/);
    await expect(unlockKey(made, 'grüne Tomate')).rejects.toThrow(WrongKey);
  });

  it('goes away only with its private half protected', async () => {
    const made = await makeKey('drei kleine Igel', FAST);
    const sent = JSON.stringify(made) + atob(made.identity);
    expect(sent).not.toContain('AGE-SECRET-KEY');
    expect(atob(made.identity)).toMatch(/^age-encryption\.org\/v1\n-> scrypt /);
  });

  it('whose public half was exchanged is noticed', async () => {
    const [mine, foreign] = [await makeKey('drei kleine Igel', FAST), await makeKey('drei kleine Igel', FAST)];
    await expect(unlockKey({ ...mine, recipient: foreign.recipient }, 'drei kleine Igel')).rejects.toThrow(WrongKey);
  });

  it('has a fingerprint of six groups that changes with it', async () => {
    const known = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
    expect(await fingerprint(known)).toMatch(/^\d{5}( \d{5}){5}$/);
    expect(await fingerprint(known)).toBe(await fingerprint(known));
    expect(await fingerprint(known)).not.toBe(await fingerprint((await key()).recipient));
  });
});

describe('passphrase that is proposed', () => {
  it('is long enough, easily read out, and never the same', () => {
    const some = Array.from({ length: 100 }, proposePassphrase);
    for (const one of some) expect(one).toMatch(/^([a-km-np-z2-9]{4}-){4}[a-km-np-z2-9]{4}$/);
    expect(new Set(some).size).toBe(100);
  });
});

// `page.age` was made by this page; `crate.age` has the same inside and was made by the crate `age` of Rust, version 0.12.1.
describe('files of others', () => {
  const kept = (name: string): Uint8Array => new Uint8Array(readFileSync(`../tests/fixtures/sealed/${name}`));
  const text = (name: string): string => new TextDecoder().decode(kept(name)).trim();

  it.each(['page.age', 'crate.age'])('%s opens', async (name) => {
    const opened = await open(kept(name), text('key.txt'));
    if (opened.kind !== 'file') throw new Error('it is locked');
    expect(opened.file.name).toBe('Kollegium.csv');
    expect(new TextDecoder().decode(opened.file.bytes)).toBe('Nachname;Vorname\nMüller-Lüdenscheidt;Änne\n');
  });

  it('a key that was kept is opened by its passphrase', async () => {
    const identity = btoa(String.fromCharCode(...kept('identity.age')));
    const key = { recipient: text('recipient.txt'), identity };
    expect(await unlockKey(key, 'drei kleine Igel')).toBe(text('key.txt'));
  });
});
