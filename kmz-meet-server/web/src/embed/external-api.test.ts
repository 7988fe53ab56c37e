import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import type { Envelope } from './protocol';

type Post = (message: Envelope, target: string | { targetOrigin: string; delegate?: string }) => void;

interface Api {
  executeCommand(name: string, ...args: unknown[]): void;
  on(name: string, listener: (data: unknown) => void): Api;
  listeners(name: string): unknown[];
  listenerCount(name: string): number;
  getSupportedEvents(): string[];
  getNumberOfParticipants(): number;
  getDisplayName(id: string): string | undefined;
  isVisitor(): boolean;
  listBreakoutRooms(): Promise<unknown>;
  captureCameraPicture(): Promise<unknown>;
  resizeLargeVideo(): void;
  setVideoInputDevice(label: string): void;
  dispose(): void;
}

class FakeFrame {
  allow = '';
  src = '';
  removed = false;
  style: Record<string, string> = {};
  posted: { message: Envelope; target: unknown }[] = [];
  refuses = false;
  contentWindow = {
    postMessage: ((message, target) => {
      if (this.refuses && typeof target === 'object') throw new DOMException('', 'NotAllowedError');
      this.posted.push({ message, target });
    }) as Post,
  };
  remove(): void {
    this.removed = true;
  }
  commands(): unknown[] {
    return this.posted
      .filter(({ message }) => message.type === 'command')
      .map(({ message }) => [message.name, ...(message.data as unknown[])]);
  }
}

describe('the class for embedding pages', () => {
  let frame: FakeFrame;
  let heard: ((event: unknown) => void)[];
  let api: Api;
  let warn: MockInstance<typeof console.warn>;
  let id = 0;

  /** The room sends a message, after its hello. */
  const say = (envelope: Omit<Envelope, 'kmzMeet'>): void => {
    for (const listener of heard)
      listener({ source: frame.contentWindow, origin: 'https://meet.example', data: { kmzMeet: id, ...envelope } });
  };
  const event = (name: string, data: object = {}): void => say({ type: 'event', name, data });

  beforeEach(async () => {
    vi.resetModules();
    vi.useFakeTimers();
    frame = new FakeFrame();
    heard = [];
    warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.stubGlobal('document', { currentScript: null, createElement: () => frame, body: { append: () => undefined } });
    vi.stubGlobal('location', { host: 'school.example' });
    vi.stubGlobal('addEventListener', (_: string, listener: (event: unknown) => void) => heard.push(listener));
    vi.stubGlobal('removeEventListener', () => undefined);
    await import('./external-api');
    const Class = (globalThis as unknown as Record<string, new (domain: string, options: object) => Api>)[
      'JitsiMeetExternalAPI'
    ]!;
    api = new Class('meet.example', { roomName: 'Klasse 7b' });
    id = 0;
    say({ type: 'ready' });
  });
  afterEach(() => {
    warn.mockRestore();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('asks the browser for every permission of a lesson, and for a wake lock in a frame', () => {
    const allowed = frame.allow.split('; ');
    for (const need of [
      'camera',
      'microphone',
      'display-capture',
      'autoplay',
      'fullscreen',
      'screen-wake-lock',
      'speaker-selection',
      'clipboard-write',
    ]) {
      expect(allowed).toContain(need);
    }
  });

  it('hangs up before it removes the frame when the person is inside', () => {
    event('videoConferenceJoined', { id: 'me', displayName: 'Anna' });
    expect([api.getNumberOfParticipants(), api.getDisplayName('me')]).toEqual([1, 'Anna']);
    api.dispose();
    expect(frame.commands()).toEqual([['hangup']]);
    expect(frame.removed).toBe(false);
    vi.advanceTimersByTime(1_000);
    expect(frame.removed).toBe(true);
  });

  it('removes the frame at once when nobody is inside', () => {
    event('videoConferenceJoined', { id: 'me', displayName: 'Anna' });
    event('videoConferenceLeft');
    api.dispose();
    expect([frame.removed, frame.commands()]).toEqual([true, []]);
  });

  it('delegates the click that sharing a screen needs, when the browser can', () => {
    api.executeCommand('toggleShareScreen');
    expect(frame.posted.at(-1)?.target).toEqual({ targetOrigin: 'https://meet.example', delegate: 'display-capture' });
    frame.refuses = true;
    api.executeCommand('toggleShareScreen');
    expect(frame.posted.at(-1)).toMatchObject({
      message: { name: 'toggleShareScreen' },
      target: 'https://meet.example',
    });
  });

  it('does not send to everyone what is meant for one person, and warns', () => {
    api.executeCommand('sendChatMessage', 'for Ben', 'ben');
    expect(frame.commands()).toEqual([]);
    expect(warn).toHaveBeenCalledOnce();
    api.executeCommand('sendChatMessage', 'for all', '');
    expect(frame.commands()).toEqual([['sendChatMessage', 'for all', '']]);
  });

  it('has the methods of Jitsi that we lack, and warns once that they do nothing', async () => {
    expect(api.isVisitor()).toBe(false);
    api.resizeLargeVideo();
    api.resizeLargeVideo();
    expect(await api.listBreakoutRooms()).toEqual({});
    expect(await api.captureCameraPicture()).toBeUndefined();
    expect(warn).toHaveBeenCalledTimes(4);
    expect(frame.commands()).toEqual([]);
  });

  it('is an event emitter, and knows its events and devices', () => {
    const listener = (): void => undefined;
    api.on('chatUpdated', listener);
    expect([api.listenerCount('chatUpdated'), api.listeners('chatUpdated'), api.listenerCount('nothing')]).toEqual([
      1,
      [listener],
      0,
    ]);
    expect(api.getSupportedEvents()).toContain('passwordRequired');
    api.setVideoInputDevice('Second camera');
    expect(frame.commands()).toEqual([['setVideoInputDevice', 'Second camera', undefined]]);
    event('participantJoined', { id: 'ben', displayName: 'Ben' });
    event('displayNameChange', { id: 'ben', displayname: 'Ben (2)' });
    expect(api.getDisplayName('ben')).toBe('Ben (2)');
  });
});
