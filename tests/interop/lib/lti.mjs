// The independent platforms, and a browser so small that it only knows redirects, cookies and forms that send themselves.
import { PythonServer, freePort } from './process.mjs';

/** The platform on `lti1p3platform` (lti/learning_platform.py). */
export class Platform {
  static async start() {
    const platform = new Platform();
    const port = await freePort();
    platform.origin = `http://127.0.0.1:${port}`;
    platform.process = await PythonServer.start(['lti/learning_platform.py', String(port)], { url: `${platform.origin}/certs.php` });
    return platform;
  }

  async #post(path, body) {
    const answer = await fetch(this.origin + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** An administrator types in what our page shows. */
  async addTool(lti, { client_id = 'tool1', deployment_id = '1' } = {}) {
    await this.#post('/control/tool', {
      client_id,
      deployment_id,
      target_link_uri: lti.redirect_url,
      deep_linking_uri: lti.redirect_url,
      initiate_login_uri: lti.initiate_login_url,
      redirect_uris: [lti.redirect_url],
      jwks_uri: lti.jwks_url,
    });
    return { client_id, deployment_id };
  }

  /** Registers the platform on our side over REST. */
  registration({ client_id, deployment_id }) {
    return {
      issuer: this.origin,
      client_id,
      deployment_ids: [deployment_id],
      authorization_endpoint: `${this.origin}/auth.php`,
      token_endpoint: `${this.origin}/token.php`,
      jwks_uri: `${this.origin}/certs.php`,
    };
  }

  /** A teacher adds an activity. Returns its number. */
  async addLink(url, title) {
    return (await this.#post('/control/link', { url, title })).link;
  }

  #query(parameters) {
    return new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== undefined));
  }

  /** The activity in a window of its own. Without a link it is Deep Linking. */
  launchUrl({ tool, user, link, container = 'window', names, locale }) {
    return `${this.origin}/launch.php?${this.#query({ client_id: tool.client_id, user, link, container, names, locale })}`;
  }

  /** The page of the course with the activity in a frame. */
  courseUrl({ tool, user, link, names, locale }) {
    return `${this.origin}/course.php?${this.#query({ client_id: tool.client_id, user, link, names, locale })}`;
  }

  async seen() {
    return (await fetch(`${this.origin}/control/seen`)).json();
  }

  close() {
    return this.process.close();
  }
}

/** The second platform, `lti-provider-mock`, as it comes from the registry: only settings. It knows neither teachers nor services. */
export class MockPlatform {
  static tool = { client_id: 'lti-provider-mock', deployment_id: '1' };

  static async start(lti) {
    const platform = new MockPlatform();
    const port = await freePort();
    platform.origin = `http://127.0.0.1:${port}`;
    platform.process = await PythonServer.start(['-m', 'uvicorn', 'lti_provider_mock.server:app', '--host', '127.0.0.1', '--port', String(port), '--log-level', 'warning'], {
      url: `${platform.origin}/jwks`,
      env: {
        LTI_PROVIDER_MOCK__USERS: JSON.stringify([
          { id: 'u1', given_name: 'Mia', family_name: 'Schäfer', email: 'mia@school.example' },
          { id: 'u2', given_name: 'Ben', family_name: "O'Neill", email: 'ben@school.example' },
        ]),
        LTI_PROVIDER_MOCK__COURSES: JSON.stringify([{ id: 'c1', name: 'Erdkunde 9', users: [] }]),
        LTI_PROVIDER_MOCK__LTI__ISS: platform.origin,
        LTI_PROVIDER_MOCK__LTI__LOGIN_URL: lti.initiate_login_url,
        LTI_PROVIDER_MOCK__LTI__LAUNCH_URL: lti.redirect_url,
      },
    });
    return platform;
  }

  registration() {
    return {
      issuer: this.origin,
      client_id: MockPlatform.tool.client_id,
      deployment_ids: [MockPlatform.tool.deployment_id],
      authorization_endpoint: `${this.origin}/authorize`,
      token_endpoint: `${this.origin}/token`,
      jwks_uri: `${this.origin}/jwks`,
    };
  }

  close() {
    return this.process.close();
  }
}

/** Goes from page to page without a browser. */
export class Walker {
  cookies = new Map();

  async #fetch(url, options = {}) {
    const { host } = new URL(url);
    const cookie = [...(this.cookies.get(host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, ...(cookie ? { cookie } : {}), accept: 'text/html,*/*' } });
    const jar = this.cookies.get(host) ?? new Map();
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const cut = pair.indexOf('=');
      jar.set(pair.slice(0, cut), pair.slice(cut + 1));
    }
    this.cookies.set(host, jar);
    return answer;
  }

  /** Follows redirects and self-sending forms; stops before our client and at pages that want a person. */
  async go(url, options) {
    for (let step = 0; step < 12; step += 1) {
      const answer = await this.#fetch(url, options);
      const location = answer.headers.get('location');
      if (location) {
        const next = new URL(location, url);
        if (next.hash.startsWith('#ticket=')) return { entry: next, ...Object.fromEntries(new URLSearchParams(next.hash.slice(1))), room: next.pathname.slice(1) };
        [url, options] = [next.href, undefined];
        continue;
      }
      const text = await answer.text();
      const form = readForm(text, url);
      const sendsItself = form && (/submit\(\)/.test(text) || /data-send/.test(text));
      if (!sendsItself || answer.status >= 400) return { status: answer.status, url, text, form, headers: answer.headers };
      [url, options] = [form.action, submit(form.fields)];
    }
    throw new Error(`too many steps, last ${url}`);
  }

  /** Sends a form with these changes. */
  send(form, changes = {}) {
    return this.go(form.action, submit({ ...form.fields, ...changes }));
  }
}

function submit(fields) {
  return { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString() };
}

function readForm(text, base) {
  const form = /<form[^>]*action="([^"]*)"/.exec(text);
  if (!form) return undefined;
  const plain = (value) => value.replace(/&quot;/g, '"').replace(/&#x27;|&#39;/g, "'").replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
  const fields = {};
  for (const [tag] of text.matchAll(/<input[^>]*>/g)) {
    const part = (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1];
    const kind = part('type');
    if (kind === 'radio' && !/\bchecked\b/.test(tag)) continue;
    if (part('name')) fields[plain(part('name'))] = plain(part('value') ?? '');
  }
  return { action: new URL(plain(form[1]), base).href, fields };
}
