import type { SelfTestDevices } from '../../generated/api';
import type { Capture } from '../media/machine';
import { Sources, type Problem } from '../media/sources.svelte';
import { browserKind } from './browser';

type DeviceState = SelfTestDevices['camera'];

const REFUSALS: Problem['problem'][] = ['denied', 'framed', 'system', 'insecure'];

/** Camera, microphone and sound, tried by the person. Nothing of them is sent. */
export class DeviceTrial {
  readonly sources = new Sources();
  /** Whether the person heard the notes. */
  heard = $state<'open' | 'works' | 'bad'>('open');
  /** Whether somebody was heard. */
  voice = $state(false);
  private problems = $state.raw<Partial<Record<Capture, Problem>>>({});

  problem(kind: Capture): Problem | null {
    const now = this.sources.problem;
    return now?.source === kind ? now : this.sources.isOn(kind) ? null : (this.problems[kind] ?? null);
  }

  toggle(kind: Capture): void {
    if (this.sources.isOn(kind)) this.sources.turnOff(kind);
    else void this.turnOn(kind);
  }

  /** One after the other: two questions of the browser at once are confusing. */
  async turnBothOn(): Promise<void> {
    await this.turnOn('camera');
    await this.turnOn('microphone');
  }

  stop(): void {
    this.sources.stopAll();
  }

  /** What came of it so far, for the report. */
  tested(): SelfTestDevices {
    const speaker = { open: 'untried', works: 'works', bad: 'failed' } as const;
    return {
      browser: browserKind(),
      camera: this.state('camera'),
      microphone: this.state('microphone'),
      speaker: speaker[this.heard],
    };
  }

  private state(kind: Capture): DeviceState {
    if (this.sources.isOn(kind)) return 'works';
    const problem = this.problem(kind)?.problem;
    if (!problem) return 'untried';
    if (problem === 'missing') return 'missing';
    return REFUSALS.includes(problem) ? 'refused' : 'failed';
  }

  private async turnOn(kind: Capture): Promise<void> {
    const { [kind]: _, ...others } = this.problems;
    this.problems = others;
    await this.sources.turnOn(kind);
    const { problem } = this.sources;
    if (problem?.source === kind) this.problems = { ...this.problems, [kind]: problem };
  }
}
