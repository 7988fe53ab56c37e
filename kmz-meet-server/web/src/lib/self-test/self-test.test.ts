import { describe, expect, it } from 'vitest';
import type { SelfTestPath, SelfTestReport } from '../../generated/api';
import { browserKind } from './browser';
import { onlyBy, pathsOf } from './paths';
import { measured, type Sample, type Stat } from './stats';
import { bestPath, judge } from './verdict';
import { ar } from './words/ar';
import { de } from './words/de';
import { easy } from './words/de-simple';
import { en } from './words/en';
import { ru } from './words/ru';
import { tr } from './words/tr';
import { uk } from './words/uk';

const network = (ports: number[]): Parameters<typeof pathsOf>[0] => ({
  host: 'meet.example',
  port: 443,
  secure: true,
  media: ports.flatMap((port) => ['192.0.2.1', '2001:db8::1'].map((address) => ({ address, port }))),
});

describe('paths', () => {
  it('are one for each port, whatever the addresses, and the relay', () => {
    expect(pathsOf(network([10_000, 443]))).toEqual([
      { kind: 'udp', port: 10_000 },
      { kind: 'udp', port: 443 },
      { kind: 'relay', port: 443 },
    ]);
  });

  it('are never more than the server connects', () => {
    const many = pathsOf(network(Array.from({ length: 20 }, (_, index) => index + 1)));
    expect(many).toHaveLength(8);
    expect(many.at(-1)?.kind).toBe('relay');
  });

  const line = (address: string, port: number): string => `a=candidate:1 1 udp 2130706431 ${address} ${port} typ host`;
  const answer = ['v=0', line('192.0.2.1', 10_000), line('192.0.2.1', 443), 'a=end-of-candidates', ''].join('\r\n');

  it('lead by their own port only', () => {
    expect(onlyBy({ kind: 'udp', port: 443 }, answer)).toBe(
      ['v=0', line('192.0.2.1', 443), 'a=end-of-candidates', ''].join('\r\n'),
    );
    expect(onlyBy({ kind: 'relay', port: 443 }, answer)).toBe(answer);
  });
});

describe('statistics', () => {
  const sample = (at: number, sender: Stat[], receiver: Stat[]): Sample => ({ at, sender, receiver });

  it('give rate, loss, jitter and round trip of both directions', () => {
    const at = (seconds: number, bytes: number, received: number, lost: number): Sample =>
      sample(
        seconds * 1000,
        [
          { type: 'outbound-rtp', kind: 'audio', bytesSent: bytes, packetsSent: received + lost },
          { type: 'outbound-rtp', kind: 'video', bytesSent: bytes * 3 },
          { type: 'remote-inbound-rtp', kind: 'audio', packetsLost: 10, roundTripTime: 0.2 },
          { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.1 / seconds },
        ],
        [
          {
            type: 'inbound-rtp',
            kind: 'audio',
            bytesReceived: bytes,
            packetsReceived: received,
            packetsLost: lost,
            jitter: 0.004,
          },
        ],
      );
    expect(measured([at(1, 0, 0, 0), at(2, 50_000, 90, 10), at(5, 425_000, 180, 20)], 151.4)).toEqual({
      connect_ms: 151,
      up_kbps: 4_000,
      down_kbps: 1_000,
      round_trip_ms: 20,
      jitter_ms: 4,
      lost_down_permille: 100,
      lost_up_permille: 50,
    });
  });

  it('take the round trip of reports where the browser tells no other', () => {
    const only = [{ type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.03 }];
    expect(measured([sample(0, only, []), sample(1_000, only, [])], 1).round_trip_ms).toBe(30);
  });

  it('leave out what nobody measured', () => {
    expect(measured([], 1)).toEqual({ connect_ms: 1 });
    const empty = [sample(0, [], []), sample(1_000, [], [])];
    expect(measured(empty, 1)).toEqual({ connect_ms: 1, up_kbps: 0, down_kbps: 0 });
  });
});

describe('verdict', () => {
  const path = (
    kind: SelfTestPath['kind'],
    reached: boolean,
    numbers: SelfTestPath['measured'] = {},
  ): SelfTestPath => ({
    kind,
    port: 1,
    reached,
    measured: numbers,
  });
  const report = (paths: SelfTestPath[], outcome: SelfTestReport['outcome']): SelfTestReport => ({
    outcome,
    paths,
    tested: { browser: 'firefox', camera: 'works', microphone: 'works', speaker: 'untried' },
  });

  it.each([
    ['good', [path('udp', true), path('relay', false)], 'direct'],
    ['weak', [path('udp', true, { lost_down_permille: 80 })], 'direct'],
    ['weak', [path('udp', true, { up_kbps: 100 })], 'direct'],
    ['good', [path('udp', false), path('udp', true), path('relay', true, { up_kbps: 1 })], 'direct'],
    ['relay', [path('udp', false), path('relay', true)], 'relay'],
    ['blocked', [path('udp', false), path('relay', false)], 'nothing'],
  ] as const)('is %s', (verdict, paths, outcome) => {
    expect(judge(report([...paths], outcome))).toBe(verdict);
  });

  it('is about the path that a conference would take', () => {
    expect(bestPath([path('relay', true), path('udp', true)])?.kind).toBe('udp');
    expect(bestPath([path('udp', false)])).toBeUndefined();
  });

  it('of a browser without WebRTC is about the browser', () => {
    const unfit = report([path('udp', false)], 'nothing');
    expect(judge({ ...unfit, tested: { ...unfit.tested, browser: 'unfit' } })).toBe('unfit');
  });
});

describe('browser', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'firefox'],
    ['Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36', 'chromium'],
    ['Mozilla/5.0 (iPhone) AppleWebKit/605 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1', 'safari'],
    ['something', 'other'],
  ])('of %s', (agent, kind) => expect(browserKind(agent, true)).toBe(kind));

  it('that cannot confer is unfit', () => expect(browserKind('Chrome', false)).toBe('unfit'));
});

describe('texts', () => {
  const paths = (value: unknown, at = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => paths(inner, `${at}.${key}`))
      : [at];

  it.each(Object.entries({ ar, de, easy, ru, tr, uk }))('%s has the texts of English', (_, texts) =>
    expect(paths(texts).sort()).toEqual(paths(en).sort()),
  );
});
