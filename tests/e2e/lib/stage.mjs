// What a story needs around it: a server, browsers and people; and how it cleans up.
import { after } from 'node:test';

import { Api } from './api.mjs';
import { launch } from './browsers.mjs';
import { Person } from './person.mjs';
import { Server } from './server.mjs';
import { Raw } from './socket.mjs';

export class Stage {
  #browsers = new Map();
  #people = [];
  #sockets = [];

  /** For a whole file of stories; browsers start when first needed and are shared. */
  static async set(env, options) {
    const stage = new Stage();
    stage.server = await Server.start(env, options);
    stage.api = await Api.teacher(stage.server);
    after(() => stage.strike());
    return stage;
  }

  async browser(kind, options = {}) {
    const key = JSON.stringify([kind, options]);
    if (!this.#browsers.has(key)) this.#browsers.set(key, launch(kind, options));
    return this.#browsers.get(key);
  }

  /** @param {'chromium' | 'firefox'} kind */
  async person(kind, name, { browser, ...options } = {}) {
    const person = await Person.open(await this.browser(kind, browser), this.server, { name, ...options });
    this.#people.push(person);
    return person;
  }

  /** The demo school's teacher, signed in. */
  async teacher(kind, options) {
    const person = await this.person(kind, this.api.user.name, options);
    await person.signIn(this.server.demo.teacher);
    return person;
  }

  /** A participant without a browser, inside the room. `teacher: true` comes with the teacher's session. */
  async raw(room, name, { teacher = false, ...join } = {}) {
    const raw = await Raw.join(
      this.server,
      { room: room.name, name, ...join },
      teacher ? { cookie: this.api.cookie } : {},
    );
    this.#sockets.push(raw);
    return raw;
  }

  /** A connected socket that has sent nothing yet. */
  async socket(options) {
    const raw = await Raw.connect(this.server, options);
    this.#sockets.push(raw);
    return raw;
  }

  /** Closes everything after a story. Every page must be clean. */
  async clear() {
    const problems = [];
    for (const raw of this.#sockets.splice(0)) raw.drop();
    await Promise.all(
      this.#people.splice(0).map(async (person) => {
        if (person.page.isClosed()) return;
        await person.assertClean().catch((error) => problems.push(error));
        await person.close().catch((error) => problems.push(error));
      }),
    );
    if (problems.length) throw new AggregateError(problems, problems.map((one) => one.message).join('\n'));
  }

  async strike() {
    try {
      await this.clear();
    } finally {
      for (const browser of this.#browsers.values()) await (await browser).close().catch(() => {});
      await this.server.close();
    }
  }
}
