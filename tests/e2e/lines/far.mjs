// The end of the bad line: its own network namespace, its own browser. `run.mjs` starts it and says by messages what to do.
import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:net';

import { launch } from '../lib/browsers.mjs';
import { Person } from '../lib/person.mjs';
import * as watch from './watch.mjs';

const ip = (...words) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] });
let browser;
let person;

const acts = {
  /** The device is here: gives it an address and makes the server's page reachable as localhost, which browsers trust. */
  async plug({ port }) {
    ip('link', 'set', 'lo', 'up');
    ip('address', 'add', '10.98.0.2/24', 'dev', 'line1');
    ip('link', 'set', 'line1', 'up');
    ip('route', 'add', 'default', 'via', '10.98.0.1');
    const forwarder = createServer((near) => {
      const far = connect(port, '10.98.0.1');
      for (const [from, to] of [[near, far], [far, near]]) {
        from.pipe(to);
        from.on('error', () => to.destroy());
      }
    });
    await new Promise((resolve, reject) => forwarder.once('error', reject).listen(port, '127.0.0.1', resolve));
  },
  async launch({ kind, options }) {
    browser = await launch(kind, options);
  },
  async join({ server, room, name, sends }) {
    person = await Person.open(browser, server, { name });
    await person.join(room);
    for (const source of sends) {
      await person.press(`Turn on ${source}`);
      await person.awaits(`Turn off ${source}`);
    }
  },
  sees: ({ name }) => person.decodesVideoOf(name),
  grows: ({ name, height, ms }) => person.page.evaluate(watch.grows, name, height, ms),
  begin: ({ name }) => person.page.evaluate(watch.begin, name),
  end: () => person.page.evaluate(watch.end),
  sends: () => person.page.evaluate(watch.sends),
  picture: ({ path }) => person.page.screenshot({ path }).then(() => undefined),
  async leave() {
    await person.close();
    await person.context.close();
  },
  async close() {
    await browser?.close();
    browser = undefined;
  },
};

process.on('message', async ({ number, act, ...words }) => {
  try {
    process.send({ number, result: (await acts[act](words)) ?? null });
  } catch (error) {
    process.send({ number, failed: String(error?.stack ?? error) });
  }
});
process.on('disconnect', async () => {
  await browser?.close().catch(() => {});
  process.exit(0);
});
process.send({ ready: true });
