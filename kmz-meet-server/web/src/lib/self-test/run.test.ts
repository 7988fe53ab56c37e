import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SelfTestDevices } from '../../generated/api';
import { SelfTestRun } from './run.svelte';

// What only a browser has: every path goes through at once.
vi.mock('./trial', () => ({
  Trial: class {
    connectMs = 1;
    constructor(readonly path: unknown) {}
    offers = (): Promise<object> => Promise.resolve({});
    connect = (): Promise<boolean> => Promise.resolve(true);
    measure = (): Promise<object> => Promise.resolve({});
    close = (): void => undefined;
  },
}));
vi.mock('./picture', () => ({ testMedia: () => ({ stop: () => undefined }) }));

const TESTED: SelfTestDevices = { browser: 'other', camera: 'untried', microphone: 'untried', speaker: 'untried' };
const RELAY = { username: 'u', password: 'p' };
const NETWORK = { host: 'meet.example', port: 443, secure: true, media: [] };

type Answer = [status: number, body: object];
const gone: Answer = [404, { code: 'not_found' }];
const begun = (id: string): Answer => [
  201,
  { id, seconds: 30, sender_relay: RELAY, receiver_relay: RELAY, network: NETWORK },
];
const connected: Answer = [201, { number: 0, sender: '', receiver: '' }];
const reported: Answer = [201, { code: 'BCDFGHJK', made_at: '2027-01-01T00:00:00Z', report: {} }];

/** Runs a test against these answers; gives it and the paths that it called. */
async function run(...answers: Answer[]): Promise<{ test: SelfTestRun; called: string[] }> {
  const called: string[] = [];
  vi.stubGlobal('fetch', (path: string) => {
    called.push(path.replace('/api/v1/self-tests', ''));
    const [status, body] = answers.shift() ?? [500, {}];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  vi.stubGlobal('location', { protocol: 'https:', hostname: 'meet.example', port: '', host: 'meet.example' });
  const test = new SelfTestRun();
  await test.run(null, () => TESTED);
  return { test, called };
}

describe('a test that had to give its place to others', () => {
  beforeEach(() => vi.unstubAllGlobals());

  it('begins once more when its report is not taken', async () => {
    const { test, called } = await run(begun('a'), connected, gone, begun('b'), connected, reported);
    expect(called).toEqual(['', '/a/connections', '/a/report', '', '/b/connections', '/b/report']);
    expect([test.phase, test.result?.code, test.gaveWay]).toEqual(['done', 'BCDFGHJK', false]);
  });

  it('begins once more when a connection is not made', async () => {
    const { test, called } = await run(begun('a'), gone, begun('b'), connected, reported);
    expect(called).toEqual(['', '/a/connections', '', '/b/connections', '/b/report']);
    expect(test.phase).toBe('done');
  });

  it('says so the second time', async () => {
    const { test, called } = await run(begun('a'), connected, gone, begun('b'), gone, begun('c'));
    expect(called).toHaveLength(5);
    expect([test.phase, test.gaveWay, test.offline]).toEqual(['failed', true, false]);
  });

  it('is told from one that failed otherwise, which is not repeated', async () => {
    const { test, called } = await run(begun('a'), connected, [500, {}], begun('b'));
    expect(called).toHaveLength(3);
    expect([test.phase, test.gaveWay]).toEqual(['failed', false]);
  });
});
