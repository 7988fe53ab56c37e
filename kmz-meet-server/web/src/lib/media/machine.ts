/*
 * What happens to microphone, camera and loudspeaker while they are in use: devices come and go, the system takes one away
 * for a phone call, the browser refuses. Pure, so that a sequence of events can be replayed: `step` says what is to be done,
 * `Sources` does it.
 */
import type { DeviceKind } from './choice';
import type { CaptureProblem } from './capture';

export type Capture = 'microphone' | 'camera';

export interface Known {
  id: string;
  label: string;
}

/** Devices whose names the browser tells; empty where it does not. */
export type Lists = Readonly<Record<DeviceKind, readonly Known[]>>;

interface Line {
  /**
   * `silent`: in use, but the system gives nothing. `lost`: what was in use ended, the devices are being looked at.
   * `seeking`: another one is being opened in its place.
   */
  phase: 'off' | 'on' | 'silent' | 'lost' | 'seeking';
  /** Which device is in use, as the browser names it. */
  device: string | null;
  /** The last device aimed at; `null` is the standard one. Aimed at once, however it went. */
  aim: string | null;
  /** What the standard device was called at that time. */
  standard: string | null;
}

export interface State {
  readonly lists: Lists;
  readonly saved: Readonly<Record<DeviceKind, string | null>>;
  readonly lines: Readonly<Record<Capture, Line>>;
  /** Where sound is played; `null` is the standard device. */
  readonly speaker: string | null;
}

export type DeviceEvent =
  | { type: 'listed'; lists: Lists }
  | { type: 'chosen'; kind: DeviceKind; id: string | null }
  | { type: 'opened'; kind: Capture; device: string | null }
  | { type: 'failed'; kind: Capture; problem: CaptureProblem }
  | { type: 'turned_off'; kind: Capture }
  | { type: 'ended'; kind: Capture }
  | { type: 'muted'; kind: Capture }
  | { type: 'unmuted'; kind: Capture };

export type Effect =
  /** Look which devices there are. */
  | { do: 'look' }
  /** Take the device that is to be used now, in the place of the one that is. */
  | { do: 'open'; kind: Capture }
  /** It is off now. Said until it was acted on. */
  | { do: 'stop'; kind: Capture; why: 'unplugged' | 'stopped' }
  | { do: 'refuse'; kind: Capture; problem: CaptureProblem }
  | { do: 'silenced'; kind: Capture }
  /** The system gives it back, and may have stopped the sound of others as well. */
  | { do: 'resumed'; kind: Capture }
  /** Play here, also when it is the same as before: the browser may have gone elsewhere meanwhile. */
  | { do: 'play'; speaker: string | null }
  | { do: 'tell'; news: News };

export type News =
  { what: 'taken_over'; kind: Capture; label: string | null } | { what: 'heard_again' } | { what: 'speaker_gone' };

const OFF: Line = { phase: 'off', device: null, aim: null, standard: null };

export function initial(saved: State['saved']): State {
  return {
    lists: { microphone: [], camera: [], speaker: [] },
    saved,
    lines: { microphone: OFF, camera: OFF },
    speaker: saved.speaker,
  };
}

/** The saved device if it is there, else the standard one. */
export function target(lists: Lists, saved: State['saved'], kind: DeviceKind): string | null {
  const wish = saved[kind];
  return wish !== null && lists[kind].some(({ id }) => id === wish) ? wish : null;
}

/** Entries that stand for another one. */
const ALIASES: ReadonlySet<string> = new Set(['default', 'communications']);

const labelOf = (lists: Lists, kind: Capture, id: string | null): string | null =>
  lists[kind]
    .find((device) => device.id === id)
    ?.label.replace(/^[^-]+ - /u, (prefix) => (ALIASES.has(id ?? '') ? '' : prefix)) ?? null;

export function step(state: State, event: DeviceEvent): [State, Effect[]] {
  switch (event.type) {
    case 'listed':
      return listed(state, event.lists);
    case 'chosen':
      return chosen({ ...state, saved: { ...state.saved, [event.kind]: event.id } }, event.kind);
    default:
      return ofLine(state, event);
  }
}

function chosen(state: State, kind: DeviceKind): [State, Effect[]] {
  if (kind === 'speaker') return play(state, false);
  const line = state.lines[kind];
  return line.phase === 'off' ? [state, []] : open(state, kind, state.saved[kind], line.phase);
}

function ofLine(state: State, event: Exclude<DeviceEvent, { type: 'listed' | 'chosen' }>): [State, Effect[]] {
  const { kind } = event;
  const line = state.lines[kind];
  const running = line.phase === 'on' || line.phase === 'silent';
  switch (event.type) {
    case 'opened': {
      const { device } = event;
      const next = set(state, kind, {
        phase: 'on',
        device,
        aim: line.aim,
        standard: labelOf(state.lists, kind, 'default'),
      });
      if (line.phase === 'silent') return [next, [{ do: 'resumed', kind }]];
      if (line.phase !== 'seeking') return [next, []];
      return [next, [{ do: 'tell', news: { what: 'taken_over', kind, label: labelOf(state.lists, kind, device) } }]];
    }
    case 'failed':
      if (line.phase === 'seeking') return stop(state, kind, 'unplugged');
      return [set(state, kind, OFF), [{ do: 'refuse', kind, problem: event.problem }]];
    case 'turned_off':
      return [set(state, kind, OFF), []];
    case 'ended':
      return running ? [set(state, kind, { ...line, phase: 'lost' }), [{ do: 'look' }]] : [state, []];
    case 'muted':
      return line.phase === 'on'
        ? [set(state, kind, { ...line, phase: 'silent' }), [{ do: 'silenced', kind }]]
        : [state, []];
    case 'unmuted': {
      if (line.phase !== 'silent') return [state, []];
      const effects: Effect[] = [{ do: 'resumed', kind }];
      if (kind === 'microphone') effects.push({ do: 'tell', news: { what: 'heard_again' } });
      return [set(state, kind, { ...line, phase: 'on' }), effects];
    }
  }
}

function listed(before: State, lists: Lists): [State, Effect[]] {
  let [state, effects] = play({ ...before, lists }, true);
  for (const kind of ['microphone', 'camera'] as const) {
    const [next, more] = capture(state, kind);
    state = next;
    effects = [...effects, ...more];
  }
  return [state, effects];
}

/** What the devices that are there mean for one that is in use. */
function capture(state: State, kind: Capture): [State, Effect[]] {
  const { lists, saved } = state;
  const line = state.lines[kind];
  if (line.phase === 'lost') return replace(state, kind);
  if ((line.phase !== 'on' && line.phase !== 'silent') || lists[kind].length === 0) return [state, []];
  const to = target(lists, saved, kind);
  if (to !== null && to !== line.device && to !== line.aim) return open(state, kind, to, line.phase);
  const gone = line.device !== null && !ALIASES.has(line.device) && !lists[kind].some(({ id }) => id === line.device);
  if (gone) return replace(set(state, kind, { ...line, phase: 'lost' }), kind);
  const standard = labelOf(lists, kind, 'default');
  if (line.device !== 'default' || standard === null || standard === line.standard) return [state, []];
  // The system has another standard device now; the browser stays with the one of before.
  if (line.standard === null) return [set(state, kind, { ...line, standard }), []];
  return open(state, kind, null, line.phase);
}

/** What was in use has ended: another microphone takes over. A camera does not: nobody is shown from where they do not expect it. */
function replace(state: State, kind: Capture): [State, Effect[]] {
  const line = state.lines[kind];
  const list = state.lists[kind];
  const there = ALIASES.has(line.device ?? '')
    ? labelOf(state.lists, kind, 'default') === line.standard
    : list.some(({ id }) => id === line.device);
  // It is still plugged in: the permission was taken back, or the device failed. Asking again at once would be rude.
  if (there && list.length > 0) return stop(state, kind, 'stopped');
  if (kind === 'camera' || list.length === 0) return stop(state, kind, 'unplugged');
  return open(state, kind, target(state.lists, state.saved, kind), 'seeking');
}

function play(state: State, tells: boolean): [State, Effect[]] {
  const { lists, saved } = state;
  // Where the browser lists no loudspeakers, only trying tells whether the saved one is there.
  const speaker = lists.speaker.length === 0 ? saved.speaker : target(lists, saved, 'speaker');
  const effects: Effect[] = [{ do: 'play', speaker }];
  if (tells && speaker === null && state.speaker !== null) effects.push({ do: 'tell', news: { what: 'speaker_gone' } });
  return [{ ...state, speaker }, effects];
}

function open(state: State, kind: Capture, aim: string | null, phase: Line['phase']): [State, Effect[]] {
  const standard = labelOf(state.lists, kind, 'default');
  return [set(state, kind, { ...state.lines[kind], phase, aim, standard }), [{ do: 'open', kind }]];
}

function stop(state: State, kind: Capture, why: 'unplugged' | 'stopped'): [State, Effect[]] {
  return [set(state, kind, OFF), [{ do: 'stop', kind, why }]];
}

function set(state: State, kind: Capture, line: Line): State {
  return { ...state, lines: { ...state.lines, [kind]: line } };
}
