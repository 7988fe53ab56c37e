// Every way to something that needs a contract, as somebody goes it: the same ways are tried while it holds and when it is over.
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Raw } from '../../e2e/lib/socket.mjs';
import { Moodle, followJoin } from './bbb.mjs';
import { Walker } from './lti.mjs';
import { activity, createParameters, joinParameters } from './moodle-bbb.mjs';
import { linkIn } from './mailbox.mjs';

const exec = promisify(execFile);
const JITSI = { app_id: 'county', algorithm: 'HS256', key: 'a secret of the school, long enough' };
/** What a school's own programs may do. */
const SCOPES = ['rooms:read', 'rooms:write', 'tickets:write', 'teachers:read', 'teachers:write', 'school:write', 'lti:write'];

/** What came of it: whether it opened, and what was said if not. */
const opened = (says = '') => ({ opens: true, says });
const refused = (says) => ({ opens: false, says });

export class Gate {
  #number = 0;

  /** @param {{ server, office, school, teacher, platform, provider, mailbox }} world `teacher`: over REST, signed in */
  static async of(world) {
    const gate = new Gate();
    Object.assign(gate, world);
    await gate.#integrate();
    return gate;
  }

  get #at() {
    return `?school=${this.school.id}`;
  }

  /** What the school set up while its contract held. */
  async #integrate() {
    const { api } = this.office;
    const { token } = await api.post(`/api/v1/keys${this.#at}`, { name: 'Moodle', scopes: SCOPES });
    this.key = token;
    await this.#rest('POST', '/jitsi/apps', JITSI);
    const secret = await api.post(`/api/v1/bbb/secrets${this.#at}`);
    this.moodle = new Moodle({ url: this.server.demo.bbb.url, secret: secret.secret });
    this.tool = await this.platform.addTool(this.server.demo.lti, { client_id: 'county', deployment_id: '7' });
    await this.#rest('POST', '/lti/platforms', this.platform.registration(this.tool));
    this.link = await this.platform.addLink(this.server.demo.lti.redirect_url, 'Videokonferenz der 7b');
    this.room = await this.teacher.room();
    this.other = await this.#rest('POST', '/rooms', {});
    const who = { user: '8', role: 'moderator', name: 'Frau M', valid_seconds: 86_400 };
    this.ticket = (await this.#rest('POST', `/rooms/${this.other.id}/tickets`, who)).ticket;
  }

  #meeting(of) {
    return createParameters(of, this.platform.origin, { callbacks: false });
  }

  /** REST by the school's key. */
  async #rest(method, path, body) {
    const answer = await fetch(`${this.server.origin}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async #open(ask) {
    return ask().then(() => opened(), (error) => refused(error.message));
  }

  /** Whether somebody who joins so starts the conference. It ends at once, so that the next one has to start it again. */
  async #starts(join, cookie) {
    const raw = await Raw.connect(this.server, { cookie });
    raw.say({ type: 'join', ...join });
    const answer = await raw.until((one) => one.messages.find(({ type }) => type !== 'way_back'), 'an answer to join');
    if (answer.type !== 'joined') {
      raw.drop();
      return refused(JSON.stringify(answer));
    }
    raw.say({ type: 'end_for_all' });
    await raw.until((one) => one.closed || one.messages.some(({ type }) => type === 'left' || type === 'ended'), 'the end');
    raw.drop();
    return opened();
  }

  async #launches(more) {
    const end = await new Walker().go(this.platform.launchUrl({ tool: this.tool, ...more }));
    return { end, refusal: refused(`${end.status} ${end.text?.replace(/<style[\s\S]*?<\/style>|<[^>]+>/g, ' ').replace(/\s+/g, ' ')}`) };
  }

  async #command(...args) {
    const env = { PATH: process.env['PATH'], KMZ_MEET_DATA_DIR: this.server.dataDir, KMZ_MEET_PUBLIC_URL: this.server.origin };
    return exec(process.env['KMZ_MEET_BIN'], args, { env }).then(() => opened(), (error) => refused(error.stderr));
  }

  #jitsi(room) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const user = { id: '3', name: 'Frau M', moderator: true };
    const claims = { iss: JITSI.app_id, aud: 'jitsi', sub: 'localhost', room, exp: Math.floor(Date.now() / 1_000) + 3_600, context: { user } };
    const text = `${part({ typ: 'JWT', alg: 'HS256' })}.${part(claims)}`;
    return `${text}.${createHmac('sha256', JITSI.key).update(text).digest('base64url')}`;
  }

  /** Somebody new comes by the school's own account. */
  async #signsOn(login) {
    const walker = new Walker();
    const door = await walker.go(`${this.server.origin}/sign-in/oidc/${this.provider.id}`);
    const consent = await walker.send(door.form, { login, password: 'any' });
    const end = await walker.send(consent.form);
    const at = new URL(end.url);
    return at.pathname === '/rooms' ? opened() : refused(`${end.status} ${end.text.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')}`);
  }

  #list(name) {
    return `Nachname;Vorname;E-Mail\nNachtrag;${name};${name}@${this.school.domains[0]}\n`;
  }

  /** A teacher whose account was made of a list. */
  async #imported(name) {
    const { office, school } = this;
    const { id } = await office.checkList(school, this.#list(name));
    await office.api.post(`/api/v1/schools/${school.id}/teacher-imports/${id}/confirm`);
    return office.doneImport(school, id);
  }

  /** What can be gone once only is prepared as often as it is gone. Here: lists and requests that wait for a decision. */
  async prepare(times) {
    const { office, school, mailbox } = this;
    const [domain] = school.domains;
    this.lists = [];
    this.requests = [];
    this.links = [];
    this.drops = [];
    this.meetings = [];
    this.unused = await this.#imported('wartet');
    for (let number = 0; number < times; number += 1) {
      // Names have no digits.
      const letter = String.fromCharCode(97 + number);
      this.meetings.push(activity());
      await this.moodle.call('create', ...this.#meeting(this.meetings[number]));
      this.lists.push(await office.checkList(school, this.#list(`spaet${letter}`)));
      this.drops.push(new URL((await office.api.post(`/api/v1/schools/${school.id}/sealed-drops`)).url));
      // Somebody with a link who has not used it yet.
      const list = await this.#imported(`neu${letter}`);
      const { mails } = await office.mailLinks(school, list);
      if (mails !== 1) throw new Error(`${mails} mails for one teacher: ${JSON.stringify(list)}`);
      this.links.push(linkIn(await mailbox.mailTo(`neu${letter}@${domain}`)).split('#')[1]);
      // Somebody who asked, and whose address is proved.
      const email = `bittet${letter}@${domain}`;
      const name = `Bodo Bittet${letter}`;
      await office.api.post('/api/v1/teacher-requests', { school_id: school.id, name, email, language: 'en' });
      const token = linkIn(await mailbox.mailTo(email)).split('#')[1];
      await office.api.post('/api/v1/teacher-requests/confirm', { token });
      this.requests.push(name);
    }
    this.sealKey = (await office.api.request('GET', '/api/v1/operator-keys')).keys[0].id;
    this.csv = join(this.server.dataDir, 'late.csv');
  }

  /** All ways by their names. Each gives whether it opened. */
  get ways() {
    const { office, teacher, school, room, other } = this;
    const of = `/api/v1/schools/${school.id}`;
    const number = (this.#number += 1);
    const turn = number - 1;
    return {
      'room by a teacher': () => this.#open(() => teacher.room()),
      'room by an operator': () => this.#open(() => office.api.post(`/api/v1/rooms${this.#at}`, {})),
      'room by a key': () => this.#open(() => this.#rest('POST', '/rooms', {})),
      'ticket by a key': () => this.#open(() => this.#rest('POST', `/rooms/${room.id}/tickets`, { user: '9', role: 'moderator', name: 'Frau N' })),
      'the room’s link, by its owner': () => this.#starts({ room: room.name, name: '' }, teacher.cookie),
      'a ticket from before': () => this.#starts({ room: other.name, name: '', token: this.ticket }),
      'a Jitsi token': () => this.#starts({ room: `klasse7b${number}`, name: 'Frau M', token: this.#jitsi(`klasse7b${number}`) }),
      'BigBlueButton create': async () => {
        const made = await this.moodle.call('create', ...this.#meeting(activity({ instance: number })));
        return made.returncode === 'SUCCESS' ? opened() : refused(made.messageKey);
      },
      'BigBlueButton join': async () => {
        const link = this.moodle.link('join', joinParameters(this.meetings[turn], this.platform.origin, { name: 'Frau M', user: 3, moderator: true }));
        return followJoin(link).then(({ room: name, ticket }) => this.#starts({ room: name, name: '', token: ticket }), (error) => refused(error.message));
      },
      'LTI launch by a teacher': async () => {
        const { end, refusal } = await this.#launches({ link: this.link, user: '3' });
        return end.entry ? this.#starts({ room: end.room, name: '', token: end.ticket }) : refusal;
      },
      'LTI launch by a pupil': async () => {
        const { end, refusal } = await this.#launches({ link: this.link, user: '4' });
        return end.entry ? opened() : refusal;
      },
      'LTI Deep Linking': async () => {
        const { end, refusal } = await this.#launches({ user: '3' });
        if (!end.form) return refusal;
        const answer = await fetch(end.form.action, {
          method: 'POST',
          body: new URLSearchParams({ ...end.form.fields, room: 'new', title: `Elternabend ${number}` }),
        });
        return answer.ok ? opened() : refused(`${answer.status} ${await answer.text()}`);
      },
      'one-time link': () =>
        this.#open(() => office.api.request('PUT', '/api/v1/password', { token: this.links[turn], new_password: 'Kürbis Lampe Treppe 4711' })),
      'import accepted': () => this.#open(() => office.api.post(`${of}/teacher-imports/${this.lists[turn].id}/confirm`)),
      'mails of an import': () => this.#open(() => office.mailLinks(school, this.unused)),
      'letters of an import': () => this.#open(() => this.#rest('POST', `/schools/${school.id}/teacher-imports/${this.unused.id}/letters`).catch(letters)),
      'request accepted': () => this.#open(() => office.acceptRequest(school, this.requests[turn])),
      'link for a sealed list': () => this.#open(() => office.api.post(`${of}/sealed-drops`)),
      'sealed list by a link from before': async () => {
        const token = this.drops[turn].hash.slice(1);
        const answer = await fetch(`${this.server.origin}/api/v1/drop-link/content?keys=${this.sealKey}`, {
          method: 'PUT',
          headers: { origin: this.server.origin, 'content-type': 'application/octet-stream', 'drop-token': token },
          body: 'no sealed list',
        });
        const says = `${answer.status} ${await answer.text()}`;
        // Who is let in hears what is wrong with the file.
        return says.includes('This is no sealed list') ? opened() : refused(says);
      },
      'single sign-on, the first time': () => this.#signsOn(`sso${turn}`),
      'command line: teacher add': () => this.#command('teacher', 'add', `befehl${number}`, '--name', 'Frau Befehl', '--school', school.name),
      'command line: school key': () => this.#command('school', 'key', school.name),
      'command line: import': () => {
        writeFileSync(this.csv, `Nachname;Vorname;E-Mail\nDatei;Dora;datei${number}@${school.domains[0]}\n`);
        return this.#command('import', this.csv, '--school', school.name);
      },
    };
  }

  /** Goes every way; gives what came of each. */
  async tryAll() {
    const found = {};
    for (const [name, go] of Object.entries(this.ways)) found[name] = await go();
    return found;
  }
}

/** The answer is a PDF and no JSON. */
function letters(error) {
  if (!(error instanceof SyntaxError)) throw error;
}
