// The REST API as a small client with its own cookies.
export class Api {
  #cookies = new Map();

  constructor(server) {
    this.server = server;
  }

  /** A client that is signed in as the teacher of the demo school. */
  static teacher(server) {
    return Api.#signedIn(server, server.demo.teacher);
  }

  /** The same as the one who administers the demo school. */
  static administrator(server) {
    return Api.#signedIn(server, server.demo.school_admin);
  }

  static async #signedIn(server, { username, password }) {
    const api = new Api(server);
    api.user = (await api.post('/api/v1/session', { username, password })).user;
    return api;
  }

  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  async request(method, path, body) {
    const answer = await fetch(this.server.origin + path, {
      method,
      headers: {
        origin: this.server.origin,
        cookie: this.cookie,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const cut = pair.indexOf('=');
      this.#cookies.set(pair.slice(0, cut), pair.slice(cut + 1));
    }
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  post(path, body) {
    return this.request('POST', path, body);
  }

  /** A new room with a proposed name. */
  room(settings = {}) {
    return this.post('/api/v1/rooms', settings);
  }
}
