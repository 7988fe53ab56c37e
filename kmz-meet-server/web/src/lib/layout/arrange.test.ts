import { describe, expect, it } from 'vitest';
import { arrange, type Rect } from './arrange';

const ids = (n: number) => Array.from({ length: n }, (_, i) => `p${i}`);
const inside = (rect: Rect, width: number, height: number) =>
  rect.left >= -1 && rect.top >= -1 && rect.left + rect.width <= width + 1 && rect.top + rect.height <= height + 1;
const overlap = (a: Rect, b: Rect) =>
  a.left < b.left + b.width - 1 &&
  b.left < a.left + a.width - 1 &&
  a.top < b.top + b.height - 1 &&
  b.top < a.top + a.height - 1;

describe('arrangement', () => {
  it('keeps everything on the stage and nothing on top of another, for every size', () => {
    for (const [width, height] of [
      [304, 130],
      [320, 500],
      [374, 690],
      [700, 380],
      [1350, 620],
      [1000, 620],
      [3800, 2000],
    ] as const) {
      for (const n of [0, 1, 2, 3, 5, 9, 25, 30, 49, 70]) {
        for (const hasMain of [false, true]) {
          const result = arrange({ width, height, others: ids(n), hasMain, page: 0, most: 25 });
          const rects = [...(result.main ? [result.main] : []), ...result.tiles.map((tile) => tile.rect)];
          for (const rect of rects)
            expect(inside(rect, width, height), JSON.stringify({ width, height, n, rect })).toBe(true);
          for (let i = 0; i < rects.length; i += 1) {
            for (let j = 0; j < i; j += 1) expect(overlap(rects[i]!, rects[j]!)).toBe(false);
          }
        }
      }
    }
  });

  it('shows everyone on exactly one page', () => {
    for (const hasMain of [false, true]) {
      const base = { width: 1350, height: 620, others: ids(70), hasMain, most: 25 };
      const first = arrange({ ...base, page: 0 });
      const seen = Array.from({ length: first.pages }, (_, page) =>
        arrange({ ...base, page }).tiles.map((tile) => tile.id),
      ).flat();
      expect(seen).toEqual(ids(70));
    }
  });

  it('has 25 tiles on a laptop page and 9 on a phone page', () => {
    expect(
      arrange({ width: 1350, height: 620, others: ids(25), hasMain: false, page: 0, most: 25 }).tiles,
    ).toHaveLength(25);
    expect(arrange({ width: 374, height: 640, others: ids(9), hasMain: false, page: 0, most: 9 }).tiles).toHaveLength(
      9,
    );
  });

  it('divides evenly and keeps the page in range', () => {
    const result = arrange({ width: 1350, height: 620, others: ids(26), hasMain: false, page: 7, most: 25 });
    expect([result.page, result.pages, result.tiles.length]).toEqual([1, 2, 13]);
  });

  it('puts the large picture above the tiles on a phone, beside them on a laptop', () => {
    const phone = arrange({ width: 374, height: 690, others: ids(4), hasMain: true, page: 0, most: 9 });
    expect(phone.tiles[0]!.rect.top).toBeGreaterThan(phone.main!.height - 1);
    const laptop = arrange({ width: 1350, height: 620, others: ids(4), hasMain: true, page: 0, most: 25 });
    expect(laptop.tiles[0]!.rect.left).toBeGreaterThan(laptop.main!.width - 1);
    expect(laptop.main!.width).toBeGreaterThan(1000);
  });

  it('survives without a stage', () => {
    expect(arrange({ width: 0, height: 0, others: ids(3), hasMain: true, page: 0, most: 9 }).tiles).toEqual([]);
  });
});
