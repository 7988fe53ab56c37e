// HTTPS in front of our server, as an operator's proxy: Jitsi's wrapper loads its script from https only.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A front at `port` for the plain server at `target`; the certificate is of its own making. */
export async function tlsFront(port, target) {
  const dir = mkdtempSync(join(tmpdir(), 'kmz-meet-front-'));
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', 'key.pem', '-out', 'cert.pem'],
    { cwd: dir, stdio: 'ignore' },
  );
  const front = createServer({ key: readFileSync(join(dir, 'key.pem')), cert: readFileSync(join(dir, 'cert.pem')) });
  rmSync(dir, { recursive: true });
  front.on('request', (incoming, outgoing) => {
    const onward = request({ host: '127.0.0.1', port: target, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  front.on('upgrade', (incoming, socket, head) => {
    const onward = connect(target, '127.0.0.1', () => {
      const lines = incoming.rawHeaders.reduce((text, part, at) => text + part + (at % 2 ? '\r\n' : ': '), '');
      onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines}\r\n`);
      if (head.length) onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const one of [onward, socket]) one.on('error', () => [onward, socket].forEach((other) => other.destroy()));
  });
  await new Promise((resolve) => front.listen(port, '127.0.0.1', resolve));
  return {
    close() {
      front.closeAllConnections();
      front.close();
    },
  };
}
