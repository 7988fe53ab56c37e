// The real server: started, killed, started again.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BINARY = process.env['KMZ_MEET_BIN'];

async function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A certificate for localhost; the requests of the tests themselves take it, too. */
function certificate(dir) {
  const [key, file] = [join(dir, 'tls.key'), join(dir, 'tls.pem')];
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  execFileSync('openssl', ['req', '-x509', ...options, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', file], {
    stdio: 'ignore',
  });
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  return { KMZ_MEET_TLS_CERTIFICATE: file, KMZ_MEET_TLS_KEY: key };
}

export class Server {
  #child;
  #output = '';

  /**
   * Starts a server with a fresh data directory; `env` are more KMZ_MEET_... keys. `tls`: with a certificate that nobody
   * knows, so the browsers have to be `trusting`.
   */
  static async start(env = {}, { tls = false } = {}) {
    if (!BINARY) throw new Error('KMZ_MEET_BIN is not set: start the tests by tests/e2e/run.sh');
    const server = new Server();
    server.dataDir = mkdtempSync(join(tmpdir(), 'kmz-meet-e2e-'));
    server.port = await freePort();
    server.origin = `${tls ? 'https' : 'http'}://localhost:${server.port}`;
    server.env = tls ? { ...env, ...certificate(server.dataDir) } : env;
    await server.up();
    server.demo = JSON.parse(readFileSync(join(server.dataDir, 'demo.json'), 'utf8'));
    return server;
  }

  /** Starts the process (again) and waits until it is ready. */
  async up() {
    this.#child = spawn(BINARY, ['serve', '--demo'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        RUST_BACKTRACE: '1',
        KMZ_MEET_DATA_DIR: this.dataDir,
        KMZ_MEET_LISTEN: `0.0.0.0:${this.port}`,
        KMZ_MEET_PUBLIC_URL: this.origin,
        KMZ_MEET_MEDIA_ADDRESSES: '10.99.0.1',
        ...this.env,
      },
    });
    const child = this.#child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (this.#output += data));
    for (let tries = 0; tries < 300; tries += 1) {
      if (child.exitCode !== null) throw new Error(`the server ended at its start:\n${this.log()}`);
      const ready = await fetch(`${this.origin}/healthz`).then((answer) => answer.ok, () => false);
      if (ready) return;
      await sleep(50);
    }
    throw new Error(`the server is not ready after 15 s:\n${this.log()}`);
  }

  /** The process dies at once, without a chance to save anything. */
  async kill() {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Ends the process and deletes its data. A server that died before is a failure. */
  async close() {
    const died = this.#child.exitCode ?? this.#child.signalCode;
    if (died === null) {
      const gone = new Promise((resolve) => this.#child.once('exit', resolve));
      this.#child.kill('SIGTERM');
      const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(late);
    }
    rmSync(this.dataDir, { recursive: true, force: true });
    if (died !== null) throw new Error(`the server ended by itself (${died}):\n${this.log()}`);
    if (this.#output.includes('panicked at')) throw new Error(`the server panicked:\n${this.log()}`);
  }

  get pid() {
    return this.#child.pid;
  }

  log() {
    return this.#output.split('\n').slice(-60).join('\n');
  }
}
