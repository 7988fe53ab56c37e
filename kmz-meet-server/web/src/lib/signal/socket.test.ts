import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerMessage } from '../../generated/ServerMessage';
import { SignalSocket, signalUrl } from './socket';

class FakeWebSocket {
  static readonly OPEN = 1;
  static all: FakeWebSocket[] = [];
  readyState = 0;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  static forbidden = false;

  constructor(readonly url: string) {
    if (FakeWebSocket.forbidden) throw new Error('forbidden');
    FakeWebSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
  }
}

const last = (): FakeWebSocket => FakeWebSocket.all.at(-1)!;

function open() {
  const messages: ServerMessage[] = [];
  const links: boolean[] = [];
  const socket = new SignalSocket('ws://x/api/v1/signal');
  socket.open(() => ({ type: 'join', room: 'r', name: 'Anna' }), {
    message: (message) => messages.push(message),
    link: (up) => links.push(up),
  });
  return { socket, messages, links };
}

describe('signalling connection', () => {
  beforeEach(() => {
    FakeWebSocket.all = [];
    FakeWebSocket.forbidden = false;
    vi.useFakeTimers();
    vi.stubGlobal('WebSocket', FakeWebSocket);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('joins first, then passes messages on', () => {
    const { messages } = open();
    last().accept();
    expect(JSON.parse(last().sent[0]!)).toEqual({ type: 'join', room: 'r', name: 'Anna' });
    last().say({ type: 'waiting' });
    last().say('not json');
    last().say({ nothing: true });
    last().say({ type: 'pong' });
    expect(messages).toEqual([{ type: 'waiting' }]);
  });

  it('comes back after a loss and joins again', () => {
    const { links } = open();
    last().accept();
    last().say({ type: 'waiting' });
    last().close();
    expect(links.at(-1)).toBe(false);
    vi.advanceTimersByTime(500);
    expect(FakeWebSocket.all).toHaveLength(2);
    last().accept();
    expect(last().sent).toHaveLength(1);
    last().say({ type: 'waiting' });
    expect(links.at(-1)).toBe(true);
  });

  it('reconnects ever more slowly to a server that is too busy', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(1);
    const { links, messages } = open();
    for (const pause of [500, 1_000, 2_000, 4_000, 5_000]) {
      last().accept();
      last().say({ type: 'error', code: 'busy' });
      last().close();
      const before = FakeWebSocket.all.length;
      vi.advanceTimersByTime(pause - 1);
      expect(FakeWebSocket.all).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(FakeWebSocket.all).toHaveLength(before + 1);
    }
    expect(links).not.toContain(true);
    expect(messages).toHaveLength(5);
    last().accept();
    last().say({ type: 'lobby' });
    last().close();
    vi.advanceTimersByTime(500);
    expect(FakeWebSocket.all).toHaveLength(7);
    random.mockRestore();
  });

  it('notices a connection that died without a close', () => {
    const { links } = open();
    last().accept();
    last().say({ type: 'waiting' });
    vi.advanceTimersByTime(12_000);
    expect(last().sent.at(-1)).toBe('{"type":"ping"}');
    vi.advanceTimersByTime(8_000);
    expect(links.at(-1)).toBe(false);
  });

  it('stays while pongs come', () => {
    const { links } = open();
    last().accept();
    for (let i = 0; i < 10; i += 1) {
      vi.advanceTimersByTime(12_000);
      last().say({ type: 'pong' });
    }
    expect(FakeWebSocket.all).toHaveLength(1);
    expect(links).not.toContain(false);
  });

  it('keeps trying when no socket can be created', () => {
    const { links } = open();
    last().accept();
    last().say({ type: 'waiting' });
    FakeWebSocket.forbidden = true;
    last().close();
    vi.advanceTimersByTime(20_000);
    expect(links.at(-1)).toBe(false);
    FakeWebSocket.forbidden = false;
    vi.advanceTimersByTime(5_000);
    expect(FakeWebSocket.all).toHaveLength(2);
  });

  it('is silent once closed, and tells when nothing can be sent', () => {
    const { socket, messages, links } = open();
    expect(socket.send({ type: 'ping' })).toBe(false);
    last().accept();
    const old = last();
    socket.close();
    old.say({ type: 'ended' });
    vi.advanceTimersByTime(60_000);
    expect(FakeWebSocket.all).toHaveLength(1);
    expect(messages).toEqual([]);
    expect(links).toEqual([]);
  });

  it('is secure when the page is', () => {
    expect(signalUrl({ protocol: 'https:', host: 'meet.example' })).toBe('wss://meet.example/api/v1/signal');
    expect(signalUrl({ protocol: 'http:', host: 'localhost:8080' })).toBe('ws://localhost:8080/api/v1/signal');
  });
});
