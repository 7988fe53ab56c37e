// The county's office: an operator with the console in a browser, and with REST for lists that came another way. Stories say what
// the office does and not by which of the two ways.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { until } from './process.mjs';

const LONG = 120_000;

export class Office {
  /**
   * @param {import('../../e2e/lib/person.mjs').Person} person the operator in front of Chromium, who is signed in
   * @param {import('../../e2e/lib/api.mjs').Api} api the same account over REST
   */
  constructor(person, api) {
    this.person = person;
    this.api = api;
  }

  /** Files that the browser saves or sends are in this folder for so long. */
  async #withFolder(act) {
    const folder = mkdtempSync(join(tmpdir(), 'kmz-meet-office-'));
    try {
      return await act(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Presses a button, and gives what the browser then saves. */
  #saved(button) {
    return this.#withFolder(async (folder) => {
      const { browser, context } = this.person;
      const session = await browser.target().createCDPSession();
      await session.send('Browser.setDownloadBehavior', { behavior: 'allow', browserContextId: context.id, downloadPath: folder });
      await this.person.press(button);
      // What is still being written has a name of its own.
      const isWhole = (name) => !name.startsWith('.') && !name.endsWith('.crdownload');
      const name = await until(`what '${button}' saves`, () => readdirSync(folder).find(isWhole));
      await session.detach();
      return readFileSync(join(folder, name));
    });
  }

  // --- schools and contracts ---

  /** A school asked: from now on its contract is asked for. */
  async noteSchool(name, domains) {
    const { person } = this;
    await person.visit('/console/schools');
    await person.fill('Name of the school', name);
    await person.fill('Mail domains of the teachers', domains.join('\n'));
    await person.press('Make the school');
    await person.reads('The school asked for a contract.');
    const path = await person.page.evaluate(() => location.pathname);
    const [, id] = /^\/console\/schools\/([^/]+)\/contract$/.exec(path);
    return { id, name, domains };
  }

  /** The names of the schools that have asked and got no form yet. */
  async waitingSchools() {
    const { person } = this;
    await person.visit('/console/schools');
    await person.find('Contracts', 'combobox').fill('requested');
    return person.page.$$eval('main table a bdi', (names) => names.map((one) => one.textContent));
  }

  /** What is kept of a contract. */
  contract(school) {
    return this.api.request('GET', `/api/v1/schools/${school.id}/contract`);
  }

  async #goToContract(school) {
    await this.person.visit(`/console/schools/${school.id}/contract`);
    await this.person.awaits('Download the form (PDF)');
  }

  /** The step at which the console shows the contract. */
  async contractStep(school) {
    await this.#goToContract(school);
    return this.person.page.$eval('[aria-label="Steps of the contract"] [aria-current="step"]', (one) => one.lastElementChild.textContent);
  }

  /** The form as it is printed, for the head of the school; it is noted that they have it. */
  async sendForm(school) {
    const { person } = this;
    await this.#goToContract(school);
    const form = await this.#saved('Download the form (PDF)');
    await person.press('Enter it as sent');
    await person.reads('The head of the school has the form.');
    return form;
  }

  /** The signed document comes back. Gives what the console gives for it later. */
  async sign(school, document, { signer, signed_on, last_day }) {
    const { person } = this;
    const { page } = person;
    await this.#goToContract(school);
    await this.#withFolder(async (folder) => {
      const path = join(folder, 'Vertrag.pdf');
      writeFileSync(path, document);
      await (await page.waitForSelector('#contract-document_id')).uploadFile(path);
      await person.fill('Who signed?', signer);
      await page.locator('#contract-signed_on').fill(signed_on);
      await page.locator('#contract-last_day').fill(last_day);
      await person.press('Enter the contract');
      await person.reads('The contract is entered and holds.');
    });
    await person.reads(`signed by ${signer}`);
    const button = await page.$eval('button[aria-label^="Download the contract of "]', (one) => one.ariaLabel);
    return this.#saved(button);
  }

  async endContract(school) {
    const { person } = this;
    await this.#goToContract(school);
    await person.press('End the contract');
    await person.reads('What runs finishes');
    await person.press('End the contract');
    await person.reads('The contract is ended: no room opens');
  }

  // --- the sealed drop, in the browser ---

  /** A key of the office's own, made in the browser. */
  async makeKey(label, passphrase) {
    const { person } = this;
    await person.visit('/console/sealed-lists');
    await person.reads('There is no key yet');
    await person.press('Make a key');
    await person.fill('Whose key is it? Schools see this.', label);
    await person.fill('Passphrase of the key', passphrase);
    await person.fill('Passphrase again', passphrase);
    await person.press('Make the key');
    await person.reads('The key is ready.', LONG);
  }

  /** A link for this school; gives it, and the digits that the office reads on the telephone. */
  async inviteToDrop(school) {
    const { person } = this;
    await person.visit('/console/sealed-lists');
    await person.awaits('Make a link');
    await person.page.select('#link-school', school.id);
    await person.press('Make a link');
    await person.reads('The link is ready');
    const link = await person.page.$eval('#made-link', (field) => field.value);
    const digits = await person.page.$eval('[role=group] .digits span[translate]', (one) => one.textContent);
    return { link, digits };
  }

  /** Opens the list of this school with the office's key. */
  async openDrop(school, passphrase) {
    const { person } = this;
    await person.visit('/console/sealed-lists');
    await person.press(`Open the list of ${school.name}`);
    await person.fill('Passphrase of the key', passphrase);
    await person.press('Open here in the browser');
    await person.reads('Until you press the button, this list is in this browser alone.', LONG);
  }

  /** The dry run of the opened list, which asks for the workbook's password; gives what it says. */
  async checkDrop(password) {
    const { person } = this;
    await person.press('Check the list');
    await person.awaits('Password of the workbook', 'textbox');
    await person.fill('Password of the workbook', password);
    await person.press('Check the list');
    await person.reads('This is what the check found');
    return person.page.$$eval('.verdicts li', (items) => items.map((item) => item.textContent));
  }

  async confirmDrop(count) {
    await this.person.press(count === 1 ? 'Make one account' : `Make ${count} accounts`);
    await this.person.reads('the sealed list is deleted.');
  }

  // --- teachers ---

  #imports(school, rest = '') {
    return `/api/v1/schools/${school.id}/teacher-imports${rest}`;
  }

  /** The import of a school, when its accounts are made; without an id the only one. */
  doneImport(school, id) {
    return until('the accounts of the import', async () => {
      const { imports } = await this.api.request('GET', this.#imports(school));
      const found = id ? imports.find((one) => one.id === id) : imports[0];
      return found?.state === 'done' ? found : undefined;
    });
  }

  /** A list that came another way: only looked at. */
  async checkList(school, text) {
    const { origin } = this.api.server;
    const headers = { origin, cookie: this.api.cookie, 'content-type': 'application/octet-stream' };
    const answer = await fetch(origin + this.#imports(school), { method: 'POST', body: text, headers });
    const says = await answer.text();
    if (!answer.ok) throw new Error(`a list: ${answer.status} ${says}`);
    return JSON.parse(says);
  }

  /** The teachers of an import get their links by mail. */
  mailLinks(school, list, language = 'en') {
    return this.api.post(this.#imports(school, `/${list.id}/mails?language=${language}`));
  }

  /** Accepts somebody's request. Fails with what the console says if that does not go. */
  async acceptRequest(school, name) {
    const { person } = this;
    await person.visit(`/console/schools/${school.id}/requests`);
    await person.press(`Look at the request of ${name}`);
    await person.press('Accept');
    const accepted = `${name} gets an account and a mail.`;
    const says = await person.explain(`have the request of ${name} decided`, async () => {
      const found = await person.page.waitForFunction(
        (good) => (document.body.innerText.includes(good) ? good : document.querySelector('dialog [role=alert]')?.innerText),
        { polling: 100 },
        accepted,
      );
      return found.jsonValue();
    });
    if (says !== accepted) throw new Error(says);
  }
}
