import { describe, expect, it } from 'vitest';
import { isZone, offsetAt, pointInTime, wallTimeAt } from './zone';

const BERLIN = 'Europe/Berlin';
const at = (text: string): number => Date.parse(text);

describe('zone', () => {
  it('is known by its name in the IANA database', () => {
    expect(isZone(BERLIN)).toBe(true);
    expect(isZone('Europe/Göppingen')).toBe(false);
    expect(isZone('')).toBe(false);
  });

  it('offset follows the clocks', () => {
    expect(offsetAt(BERLIN, at('2026-10-25T00:59:59Z'))).toBe(120);
    expect(offsetAt(BERLIN, at('2026-10-25T01:00:00Z'))).toBe(60);
    expect(offsetAt('Asia/Kathmandu', at('2026-01-01T00:00:00Z'))).toBe(345);
    expect(offsetAt('America/New_York', at('2026-01-01T00:00:00Z'))).toBe(-300);
  });

  it.each([
    ['in winter', '2026-11-30', '08:00', '2026-11-30T07:00:00Z'],
    ['in summer', '2026-06-30', '08:00', '2026-06-30T06:00:00Z'],
    ['on the day of a change', '2026-10-25', '08:00', '2026-10-25T07:00:00Z'],
    ['that comes twice is the first', '2026-10-25', '02:30', '2026-10-25T00:30:00Z'],
    ['that is left out counts by the offset before', '2026-03-29', '02:30', '2026-03-29T01:30:00Z'],
    ['at midnight', '2026-11-30', '00:00', '2026-11-29T23:00:00Z'],
  ])('wall time %s', (_, date, time, expected) => {
    expect(new Date(pointInTime(BERLIN, { date, time })).toISOString()).toBe(expected.replace('Z', '.000Z'));
  });

  it('point in time gives its wall time back', () => {
    expect(wallTimeAt(BERLIN, at('2026-11-30T23:30:00Z'))).toEqual({ date: '2026-12-01', time: '00:30' });
  });
});
