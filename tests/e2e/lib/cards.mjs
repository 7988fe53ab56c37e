// What is printed on pupil cards, for stories: a picture cannot be scanned here. It is made as the server makes it, of the id of a
// card and the server's key.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { sql } from './database.mjs';

const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** The link of the card of this pupil, as a path with its fragment, and the code in two groups. */
export function printed(server, name) {
  const id = sql(server, `SELECT card_id FROM class_pupils WHERE name = '${name}'`).trim();
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const key = readFileSync(join(server.dataDir, 'cards.key'));
  const tag = (purpose) => createHmac('sha256', key).update(purpose).update(bytes).digest().subarray(0, 16);
  let rest = BigInt(`0x${tag('code:').toString('hex')}`);
  let code = '';
  for (let letter = 0; letter < 10; letter += 1) {
    code += LETTERS[Number(rest % 20n)];
    rest /= 20n;
  }
  const link = Buffer.concat([bytes, tag('link:')]).toString('base64url');
  return { path: `/card#${link}`, link, code: `${code.slice(0, 5)}-${code.slice(5)}` };
}
