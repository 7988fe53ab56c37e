// Looks for texts that must not be anywhere: in what crosses the network, in files, and in the memory of a process.
import { createServer, request } from 'node:http';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A text in the forms in which it could lie around: UTF-8, UTF-16 in both orders, base64 at each of three offsets, percent-encoded. */
export function formsOf(text) {
  const utf8 = Buffer.from(text, 'utf8');
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  const forms = [
    ['UTF-8', utf8],
    ['UTF-16LE', little],
    ['UTF-16BE', big],
    ['percent-encoded', Buffer.from(encodeURIComponent(text), 'utf8')],
    ['hex', Buffer.from(utf8.toString('hex'), 'utf8')],
  ];
  // Base64 of a text depends on where in three bytes it begins. Its first and last letters depend on its neighbours.
  for (const [name, bytes] of [['UTF-8', utf8], ['UTF-16LE', little]]) {
    for (let offset = 0; offset < 3; offset += 1) {
      const letters = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replace(/=+$/, '');
      const inner = letters.slice(Math.ceil((offset * 4) / 3), -2);
      forms.push([`base64 of ${name} at ${offset}`, Buffer.from(inner, 'utf8')]);
      forms.push([`base64url of ${name} at ${offset}`, Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_'), 'utf8')]);
    }
  }
  return forms;
}

/** Where in `bytes` one of the texts is, in any of its forms. */
function hitsIn(bytes, texts, where) {
  const hits = [];
  for (const text of texts) {
    for (const [form, wanted] of formsOf(text)) {
      if (bytes.includes(wanted)) hits.push(`${where}: ${text} as ${form}`);
    }
  }
  return hits;
}

/** In all files of a folder. */
export function hitsInFiles(dir, texts) {
  const hits = [];
  const read = [];
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (!statSync(path).isFile()) continue;
    read.push(name);
    hits.push(...hitsIn(readFileSync(path), texts, name));
  }
  return { hits, read };
}

/** Which files of a folder have these bytes in them. */
export function filesWith(dir, bytes) {
  const files = readdirSync(dir).filter((name) => statSync(join(dir, name)).isFile());
  return files.filter((name) => readFileSync(join(dir, name)).includes(bytes));
}

const PIECE = 16 * 1024 * 1024;
const LONGEST_FORM = 1_024;

/** In all memory of a process that can be read; gives how much that was. */
export function hitsInMemory(pid, texts) {
  const hits = new Set();
  let bytes = 0;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to, rights, name] = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s*(.*)$/.exec(line) ?? [];
      // The kernel's own pages cannot be read.
      if (!rights?.startsWith('r') || /^\[(vvar|vsyscall)/.test(name)) continue;
      const end = BigInt(`0x${to}`);
      for (let at = BigInt(`0x${from}`); at < end; at += BigInt(PIECE - LONGEST_FORM)) {
        const piece = Buffer.alloc(Number(end - at < BigInt(PIECE) ? end - at : BigInt(PIECE)));
        let read = 0;
        try {
          read = readSync(memory, piece, 0, piece.length, at);
        } catch (error) {
          // Memory may be given back while it is read.
          if (!['EIO', 'EFAULT'].includes(error.code)) throw error;
        }
        bytes += read;
        for (const hit of hitsIn(piece.subarray(0, read), texts, `memory ${name || 'without a name'}`)) hits.add(hit);
      }
    }
  } finally {
    closeSync(memory);
  }
  return { hits: [...hits], bytes };
}

/** Stands before `server` and keeps all that goes through it, in both directions, as it is on the line. */
export async function recorder(server) {
  const kept = [];
  const requests = [];
  let origin;
  const proxy = createServer((from, to) => {
    const head = `${from.method} ${from.url}\n${from.rawHeaders.join('\n')}\n`;
    kept.push(Buffer.from(head));
    const body = [];
    const headers = { ...from.headers };
    // What is compressed could hide what is looked for.
    headers['accept-encoding'] = 'identity';
    // The server knows its own origin alone; the page is at that of the recorder.
    if (headers.origin === origin) headers.origin = server.origin;
    const onward = request({ host: '127.0.0.1', port: server.port, method: from.method, path: from.url, headers }, (answer) => {
      kept.push(Buffer.from(answer.rawHeaders.join('\n')));
      to.writeHead(answer.statusCode, answer.headers);
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => kept.push(Buffer.concat(parts)));
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.on('data', (part) => body.push(part));
    from.on('end', () => {
      const whole = Buffer.concat(body);
      kept.push(whole);
      requests.push({ method: from.method, path: from.url, body: whole });
    });
    from.pipe(onward);
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  origin = `http://localhost:${proxy.address().port}`;
  return {
    origin,
    requests,
    hits: (texts) => kept.flatMap((part, index) => hitsIn(part, texts, `traffic, part ${index}`)),
    bytes: () => kept.reduce((sum, part) => sum + part.length, 0),
    close: () => {
      proxy.closeAllConnections();
      return new Promise((resolve) => proxy.close(resolve));
    },
  };
}
