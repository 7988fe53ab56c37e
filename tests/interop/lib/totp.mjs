// An authenticator app: time-based one-time passwords (RFC 6238) with what every app takes as given: SHA-1, six digits, 30 seconds.
import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const STEP = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Base32 (RFC 4648), with the gaps that people read better. */
function bytesOf(secret) {
  const bits = [...secret.replace(/[\s=]/g, '').toUpperCase()].map((sign) => {
    const value = ALPHABET.indexOf(sign);
    if (value === -1) throw new Error(`'${sign}' is not of Base32`);
    return value.toString(2).padStart(5, '0');
  });
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

export function codeAt(secret, time) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / STEP)));
  const mac = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

export class Authenticator {
  #shown = 0;

  constructor(secret) {
    this.secret = secret;
  }

  /** A code that was not used yet: for the second one in half a minute, the person waits for the next. */
  async code() {
    const step = () => Math.floor(Date.now() / STEP);
    while (step() === this.#shown) await sleep(250);
    this.#shown = step();
    return codeAt(this.secret, Date.now());
  }
}
