// A participant without a browser: the signalling protocol over a plain WebSocket.
import WebSocket from 'ws';

export class Raw {
  /** Every message as it came over the wire. */
  frames = [];
  messages = [];
  roster = new Map();
  chat = [];
  closed = false;
  #waiting = new Set();

  static async connect(server, { cookie, origin = server.origin } = {}) {
    const raw = new Raw();
    const url = `${server.origin.replace('http', 'ws')}/api/v1/signal`;
    raw.socket = new WebSocket(url, { headers: { origin, ...(cookie ? { cookie } : {}) } });
    raw.socket.on('message', (data) => raw.#take(String(data)));
    raw.socket.on('close', () => {
      raw.closed = true;
      raw.#wake();
    });
    await new Promise((resolve, reject) => {
      raw.socket.once('open', resolve);
      raw.socket.once('error', reject);
    });
    raw.socket.on('error', () => {});
    return raw;
  }

  /** Connects and enters; fails unless that ends in `joined`. */
  static async join(server, join, options) {
    const raw = await Raw.connect(server, options);
    raw.say({ type: 'join', ...join });
    await raw.hear('joined');
    return raw;
  }

  #take(text) {
    this.frames.push(text);
    const message = JSON.parse(text);
    this.messages.push(message);
    switch (message.type) {
      case 'joined':
        this.you = message.you;
        this.seat = message.seat;
        this.room = message.room;
        this.chat = [...message.chat];
        this.roster = new Map(message.participants.map((one) => [one.id, one]));
        break;
      case 'participant_joined':
      case 'participant_changed':
        this.roster.set(message.participant.id, message.participant);
        break;
      case 'participant_left':
        this.roster.delete(message.participant);
        break;
      case 'hands_changed':
        for (const [id, one] of this.roster) {
          const place = message.hands.indexOf(id) + 1;
          this.roster.set(id, { ...one, hand: place || null });
        }
        break;
      case 'room_changed':
        this.room = message.room;
        break;
      case 'chat':
        this.chat.push(message.message);
        break;
      case 'lobby_changed':
        this.knockers = message.knockers;
        break;
    }
    this.#wake();
  }

  #wake() {
    for (const look of this.#waiting) look();
  }

  say(message) {
    this.socket.send(JSON.stringify(message));
  }

  /** Waits until `holds(this)` is true. */
  until(holds, what = String(holds), ms = 5_000) {
    return new Promise((resolve, reject) => {
      const done = (act) => {
        this.#waiting.delete(look);
        clearTimeout(timer);
        act();
      };
      const look = () => {
        const value = holds(this);
        if (value) done(() => resolve(value));
      };
      const timer = setTimeout(
        () => done(() => reject(new Error(`not within ${ms} ms: ${what}; last heard: ${this.frames.slice(-5).join(' ')}`))),
        ms,
      );
      this.#waiting.add(look);
      look();
    });
  }

  /** The first message of this type (that `fits`), heard before or not. */
  hear(type, fits = () => true, ms = 5_000) {
    return this.until(
      () => this.messages.find((one) => one.type === type && fits(one)),
      `message ${type} ${fits}`,
      ms,
    );
  }

  /** The next message of this type (that `fits`) after this call. */
  next(type, fits = () => true, ms = 5_000) {
    const from = this.messages.length;
    return this.until(
      () => this.messages.slice(from).find((one) => one.type === type && fits(one)),
      `next message ${type} ${fits}`,
      ms,
    );
  }

  named(name) {
    return [...this.roster.values()].filter((one) => one.name === name);
  }

  types() {
    return this.messages.map((one) => one.type);
  }

  /** The line drops: no `leave`, no closing handshake. */
  drop() {
    this.socket.terminate();
  }

  leave() {
    this.say({ type: 'leave' });
    this.socket.close();
  }
}
