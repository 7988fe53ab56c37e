interface Sentinel {
  release(): Promise<void>;
}

export interface WakePorts {
  /** Absent where the browser cannot keep a screen on. */
  request: (() => Promise<Sentinel>) | undefined;
  isVisible(): boolean;
  /** Told when the page is shown or hidden; answers how to stop telling. */
  onVisibility(tell: () => void): () => void;
}

const browser = (): WakePorts => ({
  request: navigator.wakeLock ? () => navigator.wakeLock.request('screen') : undefined,
  isVisible: () => document.visibilityState === 'visible',
  onVisibility: (tell) => {
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  },
});

/** Keeps the screen on, so that a phone that only listens does not lock itself and drop out. Answers how to end it. */
export function keepAwake(ports: WakePorts = browser()): () => void {
  const { request } = ports;
  if (!request) return () => undefined;
  let wanted = true;
  let asked = false;
  let held: Sentinel | null = null;
  const take = async (): Promise<void> => {
    if (!wanted || asked || !ports.isVisible()) return;
    asked = true;
    try {
      const sentinel = await request();
      if (wanted) held = sentinel;
      else await sentinel.release();
    } catch {
      // A battery that is nearly empty, or a page around that forbids it: then the screen goes off as ever.
    } finally {
      asked = false;
    }
  };
  // A hidden page has lost it, and gets it again only by asking.
  const stop = ports.onVisibility(() => {
    held = ports.isVisible() ? held : null;
    void take();
  });
  void take();
  return () => {
    wanted = false;
    stop();
    void held?.release().catch(() => undefined);
    held = null;
  };
}
