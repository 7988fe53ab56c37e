import { afterEach, describe, expect, it, vi } from 'vitest';
import { keepAwake, type WakePorts } from './wake';

function screen(fails = false) {
  const now = { visible: true, asked: 0, held: 0, tell: (): void => undefined };
  const waiting: (() => void)[] = [];
  const ports: WakePorts = {
    request: () => {
      now.asked += 1;
      if (fails) return Promise.reject(new DOMException('', 'NotAllowedError'));
      return new Promise((resolve) =>
        waiting.push(() => {
          now.held += 1;
          resolve({ release: () => Promise.resolve(void (now.held -= 1)) });
        }),
      );
    },
    isVisible: () => now.visible,
    onVisibility: (tell) => {
      now.tell = tell;
      return () => (now.tell = () => undefined);
    },
  };
  const grant = async (): Promise<void> => {
    waiting.splice(0).forEach((give) => give());
    for (let i = 0; i < 5; i += 1) await Promise.resolve();
  };
  const show = (visible: boolean): void => {
    // The browser takes it from a page that is hidden.
    if (!visible) now.held = 0;
    now.visible = visible;
    now.tell();
  };
  return { now, ports, grant, show };
}

describe('the screen stays on', () => {
  it('during a conference, and goes off as usual afterwards', async () => {
    const { now, ports, grant } = screen();
    const end = keepAwake(ports);
    await grant();
    expect(now.held).toBe(1);
    end();
    expect(now.held).toBe(0);
  });

  it('again when the page is shown again, however often', async () => {
    const { now, ports, grant, show } = screen();
    keepAwake(ports);
    await grant();
    for (let times = 0; times < 3; times += 1) {
      show(false);
      expect(now.held).toBe(0);
      show(true);
      await grant();
      expect(now.held).toBe(1);
    }
    expect(now.asked).toBe(4);
  });

  it('not for a person who left while the browser was asked', async () => {
    const { now, ports, grant, show } = screen();
    const end = keepAwake(ports);
    end();
    await grant();
    expect(now.held).toBe(0);
    show(true);
    expect(now.asked).toBe(1);
  });

  it('when the browser can; after a refusal it is asked again later', async () => {
    keepAwake({ ...screen().ports, request: undefined })();
    const { now, ports, grant, show } = screen(true);
    keepAwake(ports);
    await grant();
    show(true);
    await grant();
    expect([now.asked, now.held]).toEqual([2, 0]);
  });
});

describe('in a browser', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A page with what browsers have: `navigator.wakeLock`, and a document that is shown and hidden. */
  function page() {
    const now = { held: 0, asked: [] as string[] };
    const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    const request = (kind: string): Promise<object> => {
      now.asked.push(kind);
      if (document.visibilityState !== 'visible') return Promise.reject(new DOMException('', 'NotAllowedError'));
      now.held += 1;
      return Promise.resolve({ release: () => Promise.resolve(void (now.held -= 1)) });
    };
    vi.stubGlobal('document', document);
    vi.stubGlobal('navigator', { wakeLock: { request } });
    const show = async (visible: boolean): Promise<void> => {
      if (!visible) now.held = 0;
      document.visibilityState = visible ? 'visible' : 'hidden';
      document.dispatchEvent(new Event('visibilitychange'));
      for (let i = 0; i < 5; i += 1) await Promise.resolve();
    };
    return { now, show };
  }

  it('the lock is requested on joining and when the page is shown again, and released on leaving', async () => {
    const { now, show } = page();
    const end = keepAwake();
    await Promise.resolve();
    expect([now.held, now.asked]).toEqual([1, ['screen']]);
    await show(false);
    const before = now.asked.length;
    await show(false);
    expect(now.asked).toHaveLength(before);
    await show(true);
    expect(now.held).toBe(1);
    end();
    expect(now.held).toBe(0);
    await show(false);
    await show(true);
    expect([now.held, now.asked.length]).toEqual([0, before + 1]);
  });

  it('nothing is requested when there is no such lock', () => {
    page();
    vi.stubGlobal('navigator', {});
    expect(() => keepAwake()()).not.toThrow();
  });
});
