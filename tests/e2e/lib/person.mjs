// One person in front of one browser window, who knows the product by its accessible names.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import * as inside from './inside.mjs';
import { locate, sees } from './named.mjs';

const LAPTOP = { width: 1366, height: 768 };
/** How long a person waits for something that should be there at once; two busy cores need room. */
export const PATIENCE = 30_000;

/** What Firefox tells of as if it were an error of the page, though it is what a story is about. */
const FIREFOX_TELLS = [
  /can’t establish a connection to the server/,
  /was interrupted while the page was loading/,
  /WebRTC: ICE failed/,
  // A page that leads on to another one was left before its fonts were there (NS_BINDING_ABORTED).
  /downloadable font: download failed .* status=2152398850 /,
];

export class Person {
  foreign = [];
  errors = [];
  /** What the product is asked to speak; null leaves it to the page. */
  language = 'en';

  /** A person with a browser profile of their own (cookies, storage). `as` of another person shares theirs. */
  static async open(browser, server, { name, viewport = LAPTOP, as } = {}) {
    const person = new Person();
    person.browser = browser;
    person.server = server;
    person.name = name;
    person.context = as?.context ?? (await browser.createBrowserContext());
    // A window, not a tab: a tab behind another one would not decode.
    person.page = await person.context.newPage({ type: 'window' });
    const { page } = person;
    page.setDefaultTimeout(PATIENCE);
    await page.setViewport(viewport);
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${server.origin}/`) && !/^(data|blob|about):/.test(url)) person.foreign.push(url);
    });
    page.on('pageerror', (error) => {
      const text = String(error?.stack ?? error);
      if (!FIREFOX_TELLS.some((told) => told.test(text))) person.errors.push(text);
    });
    await page.evaluateOnNewDocument(inside.watch);
    return person;
  }

  // --- what everyone can do on a page ---

  async visit(path) {
    const url = new URL(path, this.server.origin);
    if (this.language) url.searchParams.set('lang', this.language);
    await this.page.goto(url.href, { waitUntil: 'domcontentloaded' });
  }

  reload() {
    return this.page.reload({ waitUntil: 'domcontentloaded' });
  }

  /** The element with this role and accessible name. */
  find(name, role = 'button') {
    return locate(this.page, this.browser.kind, name, role, PATIENCE);
  }

  async press(name, role) {
    await this.explain(`press '${name}'`, () => this.find(name, role).click());
  }

  async fill(name, text) {
    // Firefox has no role and no place in its tree of names for a field whose text is hidden.
    const hidden = name === 'Password' && this.browser.kind === 'firefox';
    const field = hidden ? this.page.locator('input[type="password"]') : this.find(name, 'textbox');
    await this.explain(`fill '${name}'`, () => field.fill(text));
  }

  async awaits(name, role) {
    await this.explain(`wait for ${role ?? 'button'} '${name}'`, () => this.find(name, role).wait());
  }

  async has(name, role = 'button') {
    const found = await this.page.$(`aria/${name}[role="${role}"]`);
    await found?.dispose();
    return found !== null;
  }

  /** Waits until this text can be read on the page. */
  async reads(text, ms = PATIENCE) {
    await this.explain(`read '${text}'`, () =>
      this.page.waitForFunction((wanted) => document.body.innerText.includes(wanted), { timeout: ms, polling: 100 }, text),
    );
  }

  async readsNot(text, ms = PATIENCE) {
    await this.explain(`no longer read '${text}'`, () =>
      this.page.waitForFunction((gone) => !document.body.innerText.includes(gone), { timeout: ms, polling: 100 }, text),
    );
  }

  text() {
    return this.page.evaluate(() => document.body.innerText);
  }

  /** Adds to a failure who failed at what, and what their page showed. */
  async explain(what, act) {
    try {
      return await act();
    } catch (error) {
      const shown = await this.text().catch(() => '(no page)');
      throw new Error(
        `${this.name} (${this.browser.kind}) could not ${what}: ${error.message}\n--- on the page ---\n${shown.slice(0, 1500)}`,
        { cause: error },
      );
    }
  }

  // --- the product ---

  async signIn({ username, password }) {
    await this.visit('/sign-in');
    await this.fill('User name', username);
    await this.fill('Password', password);
    await this.press('Sign in');
    await this.reads('My rooms');
  }

  /** Opens the link of a room and presses `Join`. The answer depends on the room. */
  async knock(room, { password } = {}) {
    await this.visit(`/${room.name}`);
    await this.awaits('Join');
    if (await sees(this.page, this.browser.kind, 'Your name', 'textbox')) await this.fill('Your name', this.name);
    if (password) await this.fill('Password', password);
    await this.press('Join');
  }

  /** Opens the link of a room and joins. */
  async join(room, options) {
    await this.knock(room, options);
    await this.isIn();
  }

  async isIn() {
    await this.awaits('Leave');
  }

  /** Opens a panel unless it is open. The chat's button also tells of unread messages. */
  async panel(name) {
    const open = await this.page.evaluate((wanted) => {
      const button = [...document.querySelectorAll('button')].find((one) =>
        (one.getAttribute('aria-label') ?? one.textContent).trim().startsWith(wanted),
      );
      return button?.getAttribute('aria-expanded') === 'true' || button?.getAttribute('aria-pressed') === 'true';
    }, name);
    if (open) return;
    const unread = name === 'Chat' ? await this.page.$('button[aria-label^="Chat, "]') : null;
    if (unread) await unread.click();
    else await this.press(name);
  }

  async writes(text) {
    await this.panel('Chat');
    await this.fill('Message', text);
    await this.press('Send');
  }

  /** Whether, in the participants' list, the one stands before the other. The page's whole text has announcements, too. */
  async lists(first, second) {
    await this.panel('Participants');
    const items = await this.page.evaluate(() =>
      [...document.querySelectorAll('aside li, [role=dialog] li, [role=complementary] li, section li')]
        .filter((item) => item.checkVisibility() && !item.querySelector('li'))
        .map((item) => item.innerText),
    );
    const place = (name) => items.findIndex((text) => text.includes(name));
    return place(first) !== -1 && place(first) < place(second);
  }

  /** How many entries of the participants' list carry this name. */
  async entries(name) {
    await this.panel('Participants');
    await sleep(300);
    return this.page.evaluate(
      (wanted) =>
        [...document.querySelectorAll('aside li, [role=dialog] li, [role=complementary] li, section li')].filter(
          (item) => item.checkVisibility() && !item.querySelector('li') && item.innerText.includes(wanted),
        ).length,
      name,
    );
  }

  // --- what arrives ---

  async decodesVideoOf(name, { frames = 10, ms = 20_000 } = {}) {
    const found = await this.page.evaluate(inside.decodes, name, frames, ms);
    assert.ok(found.ok, `${this.name} (${this.browser.kind}) sees no moving picture of ${name}: ${JSON.stringify(found)}`);
    return found;
  }

  framesOf(name, ms = 1_000) {
    return this.page.evaluate(inside.framesDuring, name, ms);
  }

  /** Waits until no picture of this person moves here any more. */
  async seesNothingOf(name, ms = 20_000) {
    const end = Date.now() + ms;
    let frames = 1;
    while (frames > 0) {
      assert.ok(Date.now() < end, `${this.name} (${this.browser.kind}) still sees a moving picture of ${name}`);
      frames = await this.framesOf(name, 1_000);
    }
  }

  /** Waits until this person's page sends no pictures any more: what the encoder had made still goes out. */
  async uploadsNoPictures(ms = 20_000) {
    const end = Date.now() + ms;
    let bytes = 1;
    while (bytes > 0) {
      assert.ok(Date.now() < end, `${this.name} (${this.browser.kind}) uploads pictures: ${bytes} bytes in 2 s`);
      bytes = await this.page.evaluate(inside.pictureBytesDuring, 2_000);
    }
  }

  async hearsSound(ms = 20_000) {
    const found = await this.page.evaluate(inside.loudness, 0.01, ms);
    assert.ok(found.loudest >= 0.01, `${this.name} (${this.browser.kind}) hears nothing: ${JSON.stringify(found)}`);
    return found;
  }

  async hearsNothing(ms = 3_000) {
    // What is in the buffers may still be played.
    await sleep(1_000);
    const found = await this.page.evaluate(inside.loudness, 0.01, ms);
    assert.ok(found.loudest < 0.01, `${this.name} (${this.browser.kind}) still hears something: ${JSON.stringify(found)}`);
  }

  // --- at the end ---

  /** What must hold for every page in every story. */
  async assertClean() {
    assert.deepEqual(this.foreign, [], `${this.name}: requests to other hosts`);
    assert.deepEqual(this.errors, [], `${this.name}: errors in the page`);
    const violations = await this.page.evaluate(() => globalThis.__e2e.violations);
    assert.deepEqual(violations, [], `${this.name}: violations of the Content-Security-Policy`);
  }

  async close() {
    if (!this.page.isClosed()) await this.page.close();
  }
}
