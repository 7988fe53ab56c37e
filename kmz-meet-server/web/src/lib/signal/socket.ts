import type { ClientMessage } from '../../generated/ClientMessage';
import type { ServerMessage } from '../../generated/ServerMessage';
import { pause } from './backoff';

/** How often the connection is tried, and how long an answer may take, in milliseconds. */
const PING_EVERY = 12_000;
const PONG_WITHIN = 8_000;

/** What shows that the way into the conference is open. */
const ARRIVED: ReadonlySet<ServerMessage['type']> = new Set(['joined', 'lobby', 'waiting'] as const);

export interface SignalEvents {
  message(message: ServerMessage): void;
  /** The connection is there (true) or lost; after a loss it is tried again by itself. */
  link(up: boolean): void;
}

/** What the rest of the client needs of a signalling connection; tests and the development page bring their own. */
export interface Signal {
  open(join: () => ClientMessage, events: SignalEvents): void;
  /** False when there is no connection: the message was not sent. */
  send(message: ClientMessage): boolean;
  close(): void;
}

/** The WebSocket to the server: typed messages, reconnecting with pauses, and a heartbeat. */
export class SignalSocket implements Signal {
  private socket: WebSocket | null = null;
  private join: (() => ClientMessage) | null = null;
  private events: SignalEvents | null = null;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private heartbeat: ReturnType<typeof setInterval> | undefined;
  private deadline: ReturnType<typeof setTimeout> | undefined;

  /** The address is asked for with each connection: pages around are known only after a while. */
  constructor(private readonly url: string | (() => string)) {}

  open(join: () => ClientMessage, events: SignalEvents): void {
    this.close();
    this.join = join;
    this.events = events;
    this.attempt = 0;
    globalThis.addEventListener?.('online', this.hurry);
    this.connect();
  }

  send(message: ClientMessage): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  close(): void {
    globalThis.removeEventListener?.('online', this.hurry);
    clearTimeout(this.retry);
    this.events = null;
    this.join = null;
    this.drop();
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.drop();
    let socket: WebSocket;
    try {
      socket = new WebSocket(typeof this.url === 'string' ? this.url : this.url());
    } catch {
      return this.lost(); // something on this computer forbids it now, perhaps not in a moment
    }
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket || !this.join) return;
      this.send(this.join());
      this.heartbeat = setInterval(() => this.ping(), PING_EVERY);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (socket !== this.socket) return;
      clearTimeout(this.deadline);
      this.deadline = undefined;
      const message = decode(event.data);
      if (!message) return;
      // A server that only says that it is too busy has let nobody in: the pauses go on growing.
      if (ARRIVED.has(message.type)) this.attempt = 0;
      if (message.type === 'pong') return;
      if (message.type !== 'error') this.events?.link(true);
      this.events?.message(message);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  private ping(): void {
    if (!this.send({ type: 'ping' }) || this.deadline !== undefined) return;
    // A connection that died without a word would otherwise look alive for minutes.
    this.deadline = setTimeout(() => this.lost(), PONG_WITHIN);
  }

  private lost(): void {
    this.drop();
    if (!this.events) return;
    this.events.link(false);
    this.retry = setTimeout(() => this.connect(), pause(this.attempt));
    this.attempt += 1;
  }

  /** The network is back: do not sit out the pause. */
  private readonly hurry = (): void => {
    if (this.events && this.socket?.readyState !== WebSocket.OPEN) this.connect();
    else this.ping();
  };

  private drop(): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.deadline);
    this.deadline = undefined;
    const socket = this.socket;
    this.socket = null;
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close();
  }
}

function decode(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const message = JSON.parse(data) as ServerMessage | null;
    return message && typeof message === 'object' && typeof message.type === 'string' ? message : null;
  } catch {
    return null; // a newer server may say things that this client does not know
  }
}

/** The address of the signalling of the server that this page came from; in a frame it names the pages around. */
export function signalUrl(
  location: Pick<Location, 'protocol' | 'host'>,
  around: readonly string[] | null = null,
): string {
  const query = around ? `?${new URLSearchParams(around.map((origin) => ['around', origin])).toString()}` : '';
  return `${location.protocol === 'http:' ? 'ws' : 'wss'}://${location.host}/api/v1/signal${query}`;
}
