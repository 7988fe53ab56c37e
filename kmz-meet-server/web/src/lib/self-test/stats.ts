import type { SelfTestMeasured as Measured } from '../../generated/api';

/** What is read of the browser's statistics (W3C: Identifiers for WebRTC's Statistics API). */
export interface Stat {
  type: string;
  kind?: string;
  bytesSent?: number;
  bytesReceived?: number;
  packetsSent?: number;
  packetsReceived?: number;
  packetsLost?: number;
  jitter?: number;
  roundTripTime?: number;
  currentRoundTripTime?: number;
  nominated?: boolean;
  state?: string;
}

/** Both ends of a path at one moment. */
export interface Sample {
  /** Milliseconds. */
  at: number;
  sender: readonly Stat[];
  receiver: readonly Stat[];
}

/** The rate is that of the end, when the browser has found out what the line carries. */
const RATE_OVER = 2_500;

const sum = (stats: readonly Stat[], type: string, field: 'bytesSent' | 'bytesReceived'): number =>
  stats.filter((stat) => stat.type === type).reduce((total, stat) => total + (stat[field] ?? 0), 0);
const voice = (stats: readonly Stat[], type: string): Stat | undefined =>
  stats.find((stat) => stat.type === type && stat.kind === 'audio');

/** Lost of a thousand; `undefined` where nothing was sent. */
function permille(lost: number, arrived: number): number | undefined {
  const all = lost + arrived;
  return all > 0 ? Math.min(1000, Math.round((1000 * Math.max(0, lost)) / all)) : undefined;
}

/** The shortest round trip that was seen, in seconds. */
function roundTrip(samples: readonly Sample[]): number | undefined {
  const checks = samples.flatMap(({ sender, receiver }) =>
    [...sender, ...receiver]
      .filter(
        ({ type, nominated, state }) => type === 'candidate-pair' && (nominated === true || state === 'succeeded'),
      )
      .map(({ currentRoundTripTime }) => currentRoundTripTime),
  );
  const reports = samples.flatMap(({ sender }) =>
    sender.filter(({ type }) => type === 'remote-inbound-rtp').map(({ roundTripTime }) => roundTripTime),
  );
  const known = (times: (number | undefined)[]): number[] =>
    times.filter((time): time is number => time !== undefined && time > 0);
  // Not every browser tells the time of its checks; that of reports has the pauses of both ends in it.
  const times = known(checks).length > 0 ? known(checks) : known(reports);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** What these samples, taken one after the other, say about a path. */
export function measured(samples: readonly Sample[], connectMs: number): Measured {
  const [first, last] = [samples[0], samples.at(-1)];
  const result: Measured = { connect_ms: whole(connectMs, 60_000) };
  if (!first || !last) return result;
  const from = samples.findLast(({ at }) => last.at - at >= RATE_OVER) ?? first;
  const seconds = (last.at - from.at) / 1000;
  const set = (field: keyof Measured, value: number | undefined, most: number): void => {
    if (value !== undefined && Number.isFinite(value)) result[field] = whole(value, most);
  };
  if (seconds > 0) {
    const rate = (end: 'sender' | 'receiver', type: string, field: 'bytesSent' | 'bytesReceived'): number =>
      ((sum(last[end], type, field) - sum(from[end], type, field)) * 8) / 1000 / seconds;
    set('up_kbps', rate('sender', 'outbound-rtp', 'bytesSent'), 1_000_000);
    set('down_kbps', rate('receiver', 'inbound-rtp', 'bytesReceived'), 1_000_000);
  }
  const time = roundTrip(samples);
  set('round_trip_ms', time === undefined ? undefined : Math.max(1, time * 1000), 60_000);
  const heard = voice(last.receiver, 'inbound-rtp');
  const before = voice(first.receiver, 'inbound-rtp');
  set('jitter_ms', heard?.jitter === undefined ? undefined : heard.jitter * 1000, 60_000);
  const diff = (field: 'packetsLost' | 'packetsReceived'): number => (heard?.[field] ?? 0) - (before?.[field] ?? 0);
  set('lost_down_permille', permille(diff('packetsLost'), diff('packetsReceived')), 1_000);
  const reported = voice(last.sender, 'remote-inbound-rtp');
  const sent = voice(last.sender, 'outbound-rtp')?.packetsSent ?? 0;
  const lost = reported?.packetsLost;
  if (lost !== undefined) set('lost_up_permille', permille(lost, Math.max(0, sent - lost)), 1_000);
  return result;
}

const whole = (value: number, most: number): number => Math.min(most, Math.max(0, Math.round(value)));
