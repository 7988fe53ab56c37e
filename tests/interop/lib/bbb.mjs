// The BigBlueButton API as seen from outside: links followed as a browser does, answers read as Moodle reads them.
import { createHash } from 'node:crypto';

import { Raw } from '../../e2e/lib/socket.mjs';

/** Follows a join link up to our client's address, as a browser would; gives what stands in its fragment. */
export async function followJoin(link) {
  const answer = await fetch(link, { redirect: 'manual', headers: { accept: 'text/html' } });
  if (answer.status !== 302) throw new Error(`${link}: ${answer.status} ${await answer.text()}`);
  const url = new URL(answer.headers.get('location'));
  const fragment = new URLSearchParams(url.hash.slice(1));
  return { url, room: url.pathname.slice(1), ...Object.fromEntries(fragment) };
}

/** The person of a join link enters without a browser. */
export async function enter(server, link) {
  const { room, ticket } = await followJoin(link);
  return Raw.join(server, { room, name: '', token: ticket });
}

/** Percent-encoding as PHP's urlencode (RFC 1738) writes it. */
export function urlencode(text) {
  return encodeURIComponent(text).replace(/%20/g, '+').replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** What PHP's `simplexml_load_string` makes of an answer, as far as Moodle goes: repeated elements become arrays. */
export function readXml(text) {
  const tokens = text.replace(/^\s*<\?xml[^?]*\?>/, '').match(/<!\[CDATA\[[\s\S]*?\]\]>|<[^>]+>|[^<]+/g) ?? [];
  const root = {};
  const path = [root];
  const names = [];
  let words = '';
  let leaf = true;
  for (const token of tokens) {
    if (token.startsWith('<![CDATA[')) words += token.slice(9, -3);
    else if (!token.startsWith('<')) words += unescaped(token);
    else if (token.startsWith('</')) {
      const name = names.pop();
      if (token !== `</${name}>`) throw new Error(`not well-formed at ${token}: ${text}`);
      const value = leaf ? words : path.at(-1);
      path.pop();
      put(path.at(-1), name, value);
      leaf = false;
      words = '';
    } else if (token.endsWith('/>')) {
      put(path.at(-1), token.slice(1, -2).trim(), '');
      leaf = false;
    } else {
      names.push(token.slice(1, -1).trim());
      path.push({});
      leaf = true;
      words = '';
    }
  }
  if (names.length || !('response' in root)) throw new Error(`no <response>: ${text}`);
  return root.response;
}

function put(parent, name, value) {
  if (!(name in parent)) parent[name] = value;
  else if (Array.isArray(parent[name])) parent[name].push(value);
  else parent[name] = [parent[name], value];
}

function unescaped(text) {
  const signs = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (all, name) => {
    if (name[0] !== '#') return signs[name] ?? all;
    return String.fromCodePoint(name[1] === 'x' ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
}

/** Moodle 4.5's client: GET, RFC 1738, checksum over the query as sent, last in the line. */
export class Moodle {
  constructor({ url, secret }, algorithm = 'sha256') {
    // trim, then a slash, then `/api` off and on again
    this.base = `${url.trim().replace(/\/+$/, '').replace(/\/api$/, '')}/api/`;
    this.secret = secret;
    this.algorithm = algorithm;
  }

  link(action, data = {}, meta = {}) {
    const pairs = [...Object.entries(data), ...Object.entries(meta).map(([name, value]) => [`meta_${name}`, value])];
    const query = pairs.map(([name, value]) => `${urlencode(name)}=${urlencode(value)}`).join('&');
    const checksum = createHash(this.algorithm).update(action + query + this.secret).digest('hex');
    return `${this.base}${action}?${query}&checksum=${checksum}`;
  }

  /** The body is read whatever the status is. */
  async call(action, data, meta, presentation) {
    const answer = await fetch(this.link(action, data, meta), {
      headers: { 'user-agent': 'MoodleBot/4.5 (+http://127.0.0.1)', ...(presentation ? { 'content-type': 'application/xml' } : {}) },
      ...(presentation ? { method: 'POST', body: presentation } : {}),
    });
    const type = answer.headers.get('content-type') ?? '';
    if (!/^(text|application)\/xml/.test(type)) throw new Error(`${action}: ${answer.status} ${type} ${await answer.text()}`);
    return readXml(await answer.text());
  }
}
