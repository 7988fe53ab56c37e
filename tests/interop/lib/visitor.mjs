// One person in front of one browser, who knows pages by their accessible names, also inside a frame of another site.
import { setTimeout as sleep } from 'node:timers/promises';

import { locate, sees } from '../../e2e/lib/named.mjs';
import { until } from './process.mjs';

const PATIENCE = 30_000;

export class Visitor {
  errors = [];

  /** With a profile of their own. */
  static async open(browser, name) {
    const visitor = new Visitor();
    visitor.kind = browser.kind;
    visitor.name = name;
    visitor.context = await browser.createBrowserContext();
    visitor.page = await visitor.context.newPage({ type: 'window' });
    visitor.#watch(visitor.page);
    /** Where the person looks: a page, or a frame in it. */
    visitor.place = visitor.page;
    return visitor;
  }

  #watch(page) {
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', (error) => this.errors.push(String(error?.stack ?? error)));
  }

  /** Firefox may still be opening the tab when its driver says that it is there. */
  async sized() {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.page.setViewport({ width: 1366, height: 900 });
      } catch (error) {
        if (tries === 5) throw error;
        await sleep(200);
      }
    }
  }

  async goto(url) {
    this.place = this.page;
    await this.sized();
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  /** Looks into the frame whose address begins so; waits until there is one. */
  async lookInto(origin) {
    this.place = await until(
      `${this.name} (${this.kind}): a frame at ${origin}; there are ${this.page.frames().map((frame) => frame.url())}`,
      () => this.page.frames().find((frame) => frame !== this.page.mainFrame() && frame.url().startsWith(origin)),
      PATIENCE,
    );
  }

  /** Does something that opens a window, and looks into that. */
  async follow(act) {
    const opened = new Promise((resolve) => this.context.once('targetcreated', resolve));
    await act();
    const page = await (await opened).page();
    this.#watch(page);
    this.page = page;
    this.place = page;
  }

  find(name, role = 'button') {
    return locate(this.place, this.kind, name, role, PATIENCE);
  }

  press(name, role) {
    return this.#explain(`press '${name}'`, () => this.find(name, role).click());
  }

  fill(name, text) {
    return this.#explain(`fill '${name}'`, () => this.find(name, 'textbox').fill(text));
  }

  awaits(name, role) {
    return this.#explain(`wait for '${name}'`, () => this.find(name, role).wait());
  }

  async has(name, role = 'button') {
    const found = await this.place.$(`aria/${name}[role="${role}"]`);
    await found?.dispose();
    return found !== null;
  }

  reads(text, ms = PATIENCE) {
    return this.#explain(`read '${text}'`, () => until(`'${text}'`, async () => (await this.text()).includes(text), ms));
  }

  /** Which of these texts or buttons comes first. */
  async meets(...names) {
    return this.#explain(`meet any of ${names}`, () =>
      until(`any of ${names}`, async () => {
        for (const name of names) if (await sees(this.place, this.kind, name, 'button').catch(() => false)) return name;
        return undefined;
      }, PATIENCE),
    );
  }

  text() {
    return this.place.evaluate(() => document.body?.innerText ?? '').catch(() => '');
  }

  async #explain(what, act) {
    try {
      return await act();
    } catch (error) {
      throw new Error(
        `${this.name} (${this.kind}) could not ${what}: ${error.message}\n--- at ${this.place.url()} ---\n${(await this.text()).slice(0, 1500)}` +
          (this.errors.length ? `\n--- errors in the page ---\n${this.errors.join('\n')}` : ''),
        { cause: error },
      );
    }
  }

  /** Presses `Join` and joins. */
  async joins() {
    await this.press('Join');
    await this.awaits('Leave');
  }

  close() {
    return this.context.close();
  }
}
