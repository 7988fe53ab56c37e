import { describe, expect, it } from 'vitest';
import { endOf, isOver, lastDay, MAX_WEEKS, occurrences, scheduleProblem, type Schedule } from './schedule';

const schedule = (more: Partial<Schedule> = {}): Schedule => ({
  date: '2026-10-19',
  time: '08:00',
  minutes: 45,
  until: null,
  ...more,
});

describe('schedule', () => {
  it.each([
    ['date', { date: '' }],
    ['date', { date: '0026-10-19' }],
    ['date', { date: '202610-10-19' }],
    ['date', { date: '2026-02-31' }],
    ['time', { time: '' }],
    ['time', { time: '24:00' }],
    ['until-missing', { until: '' }],
    ['until-before', { until: '2026-10-18' }],
    ['until-far', { until: '2028-10-18' }],
    [null, {}],
    [null, { until: '2026-10-19' }],
    [null, { date: '2028-02-29' }],
  ] as const)('problem is %s with %o', (problem, more) => {
    expect(scheduleProblem(schedule(more))).toBe(problem);
  });

  it('repetition without end cannot be said', () => {
    const far = new Date(Date.parse('2026-10-19') + (MAX_WEEKS * 7 + 1) * 86_400_000).toISOString().slice(0, 10);
    expect(scheduleProblem(schedule({ until: far }))).toBe('until-far');
    expect(occurrences(schedule({ until: far }))).toBeLessThanOrEqual(MAX_WEEKS + 1);
  });

  it('last day is one on which it takes place', () => {
    const weekly = schedule({ until: '2026-11-08' });
    expect([occurrences(weekly), lastDay(weekly)]).toEqual([3, '2026-11-02']);
    expect([occurrences(schedule()), lastDay(schedule())]).toEqual([1, '2026-10-19']);
  });

  it('lesson is over once it has ended by the clock of the school', () => {
    const end = Date.parse('2026-10-19T06:45:00Z');
    expect(isOver('Europe/Berlin', schedule(), end)).toBe(false);
    expect(isOver('Europe/Berlin', schedule(), end + 1)).toBe(true);
    expect(endOf('Europe/Berlin', schedule())).toEqual({ date: '2026-10-19', time: '08:45' });
  });
});
