// The county's office: an operator, with the console in a browser, and with REST for what has no page in it. Stories say what the
// office does and not by which of the two ways.
import { until } from './process.mjs';

const LONG = 120_000;

export class Office {
  /**
   * @param {import('../../e2e/lib/person.mjs').Person} person the operator in front of a browser, who is signed in
   * @param {import('../../e2e/lib/api.mjs').Api} api the same account over REST
   */
  constructor(person, api) {
    this.person = person;
    this.api = api;
  }

  /** A file goes up, or comes down: what the small client for JSON does not do. */
  async #file(method, path, { body, headers = {} } = {}) {
    const { origin } = this.api.server;
    const answer = await fetch(origin + path, { method, body, headers: { origin, cookie: this.api.cookie, ...headers } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${bytes}`);
    return { bytes, headers: answer.headers };
  }

  // --- schools and contracts ---

  /** A school asked: from now on its contract is asked for. */
  noteSchool(name, domains) {
    return this.api.post('/api/v1/schools', { name, domains });
  }

  contract(school) {
    return this.api.request('GET', `/api/v1/schools/${school.id}/contract`);
  }

  #step(school, step) {
    return this.api.post(`/api/v1/schools/${school.id}/contract/changes`, step);
  }

  /** The form as it is printed, for the head of the school; it is noted that they have it. */
  async sendForm(school) {
    const path = `/api/v1/schools/${school.id}/contract/form`;
    const { bytes, headers } = await this.#file('GET', path, { headers: { 'accept-language': 'de' } });
    if (headers.get('content-type') !== 'application/pdf') throw new Error(`the form is ${headers.get('content-type')}`);
    await this.#step(school, { step: 'send_form' });
    return bytes;
  }

  /** The signed document comes back. */
  async sign(school, document, { signer, signed_on, last_day }) {
    const headers = { 'content-type': 'application/octet-stream' };
    const { bytes } = await this.#file('POST', `/api/v1/schools/${school.id}/contract/documents`, { body: document, headers });
    const { id, sha256 } = JSON.parse(bytes);
    const contract = await this.#step(school, { step: 'sign', signer, signed_on, last_day, document_id: id });
    const stored = await this.#file('GET', `/api/v1/schools/${school.id}/contract/documents/${id}`);
    return { contract, sha256, stored: stored.bytes };
  }

  endContract(school, note) {
    return this.#step(school, { step: 'end', note });
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
    const { bytes } = await this.#file('POST', this.#imports(school), {
      body: text,
      headers: { 'content-type': 'application/octet-stream' },
    });
    return JSON.parse(bytes);
  }

  /** The teachers of an import get their links by mail. */
  mailLinks(school, list, language = 'en') {
    return this.api.post(this.#imports(school, `/${list.id}/mails?language=${language}`));
  }

  async waitingRequest(school, email) {
    const { requests } = await this.api.request('GET', `/api/v1/schools/${school.id}/teacher-requests`);
    const found = requests.find((one) => one.email === email);
    if (!found) throw new Error(`no request of ${email}: ${JSON.stringify(requests)}`);
    return found;
  }
}
