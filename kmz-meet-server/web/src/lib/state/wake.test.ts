import { describe, expect, it } from 'vitest';
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
  it('while inside, and goes off as ever afterwards', async () => {
    const { now, ports, grant } = screen();
    const end = keepAwake(ports);
    await grant();
    expect(now.held).toBe(1);
    end();
    expect(now.held).toBe(0);
  });

  it('again when the page is seen again, however often', async () => {
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

  it('not for someone who left while the browser was asked', async () => {
    const { now, ports, grant, show } = screen();
    const end = keepAwake(ports);
    end();
    await grant();
    expect(now.held).toBe(0);
    show(true);
    expect(now.asked).toBe(1);
  });

  it('where the browser can; where it refuses, it is asked again later', async () => {
    keepAwake({ ...screen().ports, request: undefined })();
    const { now, ports, grant, show } = screen(true);
    keepAwake(ports);
    await grant();
    show(true);
    await grant();
    expect([now.asked, now.held]).toEqual([2, 0]);
  });
});
