// The REST API as an integrator uses it: an API key and nothing else.
import { Raw } from '../../e2e/lib/socket.mjs';

export class Rest {
  constructor(server) {
    this.server = server;
  }

  async call(method, path, body) {
    const answer = await fetch(`${this.server.origin}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.server.demo.api_key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** A person joins without a browser, with a ticket. */
  async enter(room, user, role) {
    const { ticket } = await this.call('POST', `/rooms/${room.id}/tickets`, { user, name: user, role });
    return Raw.join(this.server, { room: room.name, name: '', token: ticket });
  }
}
