// The bad line and the process at its far end.
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const here = (file) => new URL(file, import.meta.url).pathname;
const ip = (...words) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });

export class Line {
  #waiting = new Map();
  #number = 0;

  /** Lays a line to a namespace of its own, in which `port` of this one's server is localhost's. */
  static async lay(port) {
    const line = new Line();
    line.bridge = spawn('python3', [here('./line.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
    line.told = createInterface({ input: line.bridge.stdout })[Symbol.asyncIterator]();
    if ((await line.told.next()).value !== 'ready') throw new Error('the line cannot be laid: line.py ended');
    line.far = fork(here('./far.mjs'), { execPath: '/usr/bin/unshare', execArgv: ['--net', process.execPath] });
    await once(line.far, 'message');
    line.far.on('message', (message) => line.#take(message));
    ip('address', 'add', '10.98.0.1/24', 'dev', 'line0');
    ip('link', 'set', 'line0', 'up');
    ip('link', 'set', 'line1', 'netns', String(line.far.pid));
    await line.tell('plug', { port });
    return line;
  }

  #take({ number, result, failed }) {
    const { resolve, reject } = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (failed) reject(new Error(`at the far end: ${failed}`));
    else resolve(result);
  }

  /** Lets the far end act. */
  tell(act, words = {}) {
    const number = (this.#number += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.far.send({ number, act, ...words });
    });
  }

  /** How the line is from now on. */
  set(down, up = down) {
    this.bridge.stdin.write(`${JSON.stringify({ down, up })}\n`);
  }

  /** What happened on it since the last report. */
  async report() {
    this.bridge.stdin.write('{"report": true}\n');
    return JSON.parse((await this.told.next()).value);
  }

  async close() {
    await this.tell('close').catch(() => {});
    this.far.disconnect();
    this.bridge.stdin.end();
  }
}
