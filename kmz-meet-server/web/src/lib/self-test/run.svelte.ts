import type {
  SelfTestMeasured as Measured,
  SelfTest,
  SelfTestResult,
  SelfTestDevices as Tested,
} from '../../generated/api';
import { ApiError, call } from '../api/http';
import { relayServer } from '../media/relay';
import { pathsOf, type MediaPath } from './paths';
import { testMedia } from './picture';
import { Trial } from './trial';

/** How a path stands in a test that runs. */
export interface PathProgress extends MediaPath {
  state: 'waiting' | 'connecting' | 'measuring' | 'reached' | 'blocked';
}

export type Phase = 'idle' | 'queued' | 'connecting' | 'measuring' | 'reporting' | 'done' | 'failed';

/** A path that goes through has done so by then, also over a bad line. */
const CONNECT_WITHIN = 8_000;
/** What the voice and the picture need to find out what a path carries. */
const MEASURE = 6_000;
const MIN_MEASURE = 2_500;
/** The server ends a test by itself; we are ready before. */
const SPARE = 3_000;
/** How long a place among the tests of this server is waited for: a class in one network takes some minutes. */
const MAX_QUEUE = 300_000;
/** The test begins so often, where it had to give its place to others. */
const MAX_BEGINS = 2;

/** The server knows nothing of the test any more: others needed the place, or it began anew. */
const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A test of the network: on every path a connection is made by itself, and then measured by itself. */
export class SelfTestRun {
  phase = $state<Phase>('idle');
  paths = $state<PathProgress[]>([]);
  result = $state.raw<SelfTestResult | null>(null);
  /** The server was not reached any more. */
  offline = $state(false);
  /** The test had to give its place to others, again and again. */
  gaveWay = $state(false);
  private stopped = false;

  /** Whether it runs. */
  get isRunning(): boolean {
    return !['idle', 'done', 'failed'].includes(this.phase);
  }

  /** @param tested asked for at the end: people may be trying their devices meanwhile */
  async run(room: string | null, tested: () => Tested): Promise<void> {
    if (this.isRunning) return;
    this.result = null;
    this.offline = false;
    this.gaveWay = false;
    this.stopped = false;
    for (let begun = 1; ; begun++) {
      try {
        await this.once(room, tested);
        return;
      } catch (error) {
        if (this.stopped) return;
        if (isGone(error) && begun < MAX_BEGINS) continue;
        this.offline = error instanceof ApiError && error.status === 0;
        this.gaveWay = isGone(error);
        this.phase = 'failed';
        return;
      }
    }
  }

  private async once(room: string | null, tested: () => Tested): Promise<void> {
    this.paths = [];
    this.phase = 'connecting';
    const test = await this.begin(room);
    if (!test || this.stopped) return;
    const found = await this.tryAll(test);
    if (this.stopped) return;
    this.phase = 'reporting';
    this.result = await call('post', '/api/v1/self-tests/{id}/report', {
      path: { id: test.id },
      body: { tested: tested(), paths: found },
    });
    this.phase = 'done';
  }

  /** The page goes. */
  stop(): void {
    this.stopped = true;
  }

  /** Others may be testing at this moment: then this test waits for its turn. */
  private async begin(room: string | null): Promise<SelfTest | null> {
    const until = performance.now() + MAX_QUEUE;
    for (;;) {
      try {
        const test = await call('post', '/api/v1/self-tests', { body: room === null ? {} : { room } });
        this.phase = 'connecting';
        return test;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 429 || performance.now() > until) throw error;
        this.phase = 'queued';
        // Not all who wait at the same moment.
        await sleep(Math.max(1, error.retryAfter) * 1000 * (0.8 + 0.4 * Math.random()));
        if (this.stopped) return null;
      }
    }
  }

  private async tryAll(test: SelfTest): Promise<Report[]> {
    const end = performance.now() + test.seconds * 1000 - SPARE;
    const relays = { sender: relayServer(test.sender_relay), receiver: relayServer(test.receiver_relay) };
    this.paths = pathsOf(test.network).map((path) => ({ ...path, state: 'connecting' }));
    const media = testMedia();
    const trials = this.paths.map((path) => new Trial({ kind: path.kind, port: path.port }, relays));
    try {
      const numbers = await Promise.all(trials.map((trial, index) => this.connect(test.id, trial, index)));
      const reports: Report[] = trials.map(({ path }, index) => ({
        kind: path.kind,
        port: path.port,
        ...(numbers[index] === null ? {} : { connection: numbers[index] }),
        measured: {},
      }));
      const reached = trials.filter(({ connectMs }) => connectMs !== null);
      this.phase = 'measuring';
      for (const [done, trial] of reached.entries()) {
        if (this.stopped) break;
        const index = trials.indexOf(trial);
        this.show(index, 'measuring');
        const time = (end - performance.now()) / (reached.length - done);
        const report = reports[index];
        if (report) report.measured = await trial.measure(media, Math.min(MEASURE, Math.max(MIN_MEASURE, time)));
        this.show(index, 'reached');
      }
      return reports;
    } finally {
      for (const trial of trials) trial.close();
      media.stop();
    }
  }

  /** The number of the connection, whether it came up or not; `null` when there is none. The other paths are tried all the same. */
  private async connect(id: string, trial: Trial, index: number): Promise<number | null> {
    try {
      const connection = await call('post', '/api/v1/self-tests/{id}/connections', {
        path: { id },
        body: await trial.offers(),
      });
      const reached = await trial.connect(connection, CONNECT_WITHIN);
      this.show(index, reached ? 'waiting' : 'blocked');
      return connection.number;
    } catch (error) {
      // The whole test has ended.
      if (isGone(error)) throw error;
      this.show(index, 'blocked');
      return null;
    }
  }

  private show(index: number, state: PathProgress['state']): void {
    const path = this.paths[index];
    if (path) path.state = state;
  }
}

interface Report extends MediaPath {
  connection?: number;
  measured: Measured;
}
