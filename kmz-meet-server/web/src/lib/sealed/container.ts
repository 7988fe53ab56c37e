/**
 * What is inside a sealed drop: the file with its name, so that neither the server nor the network learns it. Zeros at the end
 * hide how long the file is but for its rough size.
 *
 * Layout: four bytes, the length of the head in big-endian order; the head as JSON; the content; zeros.
 */

/** What a head says. */
export type Head = { kind: 'file'; name: string; size: number } | { kind: 'locked'; size: number };

/** Something that was packed. */
export interface Packed {
  head: Head;
  content: Uint8Array<ArrayBuffer>;
}

/** The content is not what a page of ours packs. */
export class Unreadable extends Error {}

/** Longer names are cut: nobody needs them, and they would spoil a page. In UTF-16 code units. */
export const MAX_NAME_LENGTH = 200;
const LENGTH_BYTES = 4;
const MAX_HEAD_BYTES = 4_096;

/**
 * The padded length for a length in bytes. By PADMÉ (Nikitin et al., Reducing Metadata Leakage from Encrypted Files and
 * Communication with PURBs, 2019, section 4), at most 12 per cent longer.
 */
export function paddedLength(length: number): number {
  if (length < 2) return length;
  const exponent = Math.floor(Math.log2(length));
  const bits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** Math.max(0, exponent - bits);
  return Math.ceil(length / step) * step;
}

/** A name without what cannot be seen, not longer than it may be. */
export function shownName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '').slice(0, MAX_NAME_LENGTH);
}

export function pack(head: Head, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const written = new TextEncoder().encode(JSON.stringify(head));
  const used = LENGTH_BYTES + written.length + content.length;
  const packed = new Uint8Array(paddedLength(used));
  new DataView(packed.buffer).setUint32(0, written.length);
  packed.set(written, LENGTH_BYTES);
  packed.set(content, LENGTH_BYTES + written.length);
  return packed;
}

/** @throws {Unreadable} */
export function unpack(packed: Uint8Array): Packed {
  if (packed.length < LENGTH_BYTES) throw new Unreadable('too short');
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0);
  const begin = LENGTH_BYTES + length;
  if (length > MAX_HEAD_BYTES || begin > packed.length) throw new Unreadable('no head');
  const head = readHead(packed.subarray(LENGTH_BYTES, begin));
  if (head.size > packed.length - begin) throw new Unreadable('cut off');
  return { head, content: packed.slice(begin, begin + head.size) };
}

function readHead(bytes: Uint8Array): Head {
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Unreadable('no head');
  }
  const { kind, name, size } = (typeof read === 'object' && read !== null ? read : {}) as Record<string, unknown>;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw new Unreadable('no size');
  if (kind === 'locked') return { kind, size };
  if (kind === 'file' && typeof name === 'string') return { kind, name: shownName(name), size };
  throw new Unreadable('of another kind');
}
