// Starts and ends programs of other people beside our server.
import { execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PYTHON = process.env['INTEROP_PYTHON'];
const HERE = new URL('../', import.meta.url);
const exec = promisify(execFile);

export async function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Runs a program of the Python environment to its end; gives what it printed. A failure says what it printed, too. */
export async function python(args, env = {}) {
  if (!PYTHON) throw new Error('INTEROP_PYTHON is not set: start the tests by tests/interop/run.sh');
  const { stdout } = await exec(PYTHON, args, { cwd: fileURLToPath(HERE), env: { PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1', ...env }, timeout: 60_000 });
  return stdout;
}

/** A Python web server, from its start until `close()`. */
export class PythonServer {
  #child;
  #output = '';

  /** `url` is what must answer before it counts as ready. */
  static async start(args, { env = {}, url }) {
    if (!PYTHON) throw new Error('INTEROP_PYTHON is not set: start the tests by tests/interop/run.sh');
    const server = new PythonServer();
    server.#child = spawn(PYTHON, args, {
      cwd: fileURLToPath(HERE),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', ...env },
    });
    for (const stream of [server.#child.stdout, server.#child.stderr]) stream.on('data', (data) => (server.#output += data));
    for (let tries = 0; tries < 300; tries += 1) {
      if (server.#child.exitCode !== null) throw new Error(`${args.join(' ')} ended at its start:\n${server.log()}`);
      if (await fetch(url).then((answer) => answer.ok, () => false)) return server;
      await sleep(100);
    }
    throw new Error(`${args.join(' ')} is not ready after 30 s:\n${server.log()}`);
  }

  log() {
    return this.#output.split('\n').slice(-60).join('\n');
  }

  async close() {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }
}

/** Waits until `ask` gives something; `what` is for the failure. */
export async function until(what, ask, ms = 30_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${ms / 1000} s: ${what}`);
    await sleep(100);
  }
}
