import { describe, expect, it } from 'vitest';
import { ASPECT, bestGrid, pageSize, paginate } from './grid';

describe('best grid', () => {
  it.each([
    [1, 1366, 640, 1, 1],
    [2, 1366, 640, 2, 1],
    [4, 1366, 640, 2, 2],
    [9, 1366, 640, 3, 3],
    [25, 1366, 640, 5, 5],
    [2, 390, 700, 1, 2],
    [9, 390, 700, 2, 5],
  ])('%i tiles in %i x %i: %i columns, %i rows', (count, width, height, columns, rows) => {
    const grid = bestGrid(count, width, height, 8);
    expect([grid.columns, grid.rows]).toEqual([columns, rows]);
  });

  it('never overflows, keeps the form, and no other grid is larger', () => {
    for (let count = 1; count <= 49; count += 1) {
      for (const [width, height] of [
        [320, 400],
        [390, 700],
        [800, 300],
        [1366, 640],
        [3840, 2000],
      ] as const) {
        const gap = 8;
        const grid = bestGrid(count, width, height, gap);
        expect(grid.columns * grid.width + gap * (grid.columns - 1)).toBeLessThanOrEqual(width);
        expect(grid.rows * grid.height + gap * (grid.rows - 1)).toBeLessThanOrEqual(height);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
        expect(Math.abs(grid.width / ASPECT - grid.height)).toBeLessThan(1.6);
        for (let columns = 1; columns <= count; columns += 1) {
          const rows = Math.ceil(count / columns);
          const other = Math.min(
            (width - gap * (columns - 1)) / columns,
            ((height - gap * (rows - 1)) / rows) * ASPECT,
          );
          expect(grid.width + 1.5).toBeGreaterThan(other);
        }
      }
    }
  });

  it('survives a stage without size', () => {
    expect(bestGrid(5, 0, 0, 8).width).toBe(0);
    expect(bestGrid(0, 100, 100, 8).width).toBe(0);
    expect(bestGrid(3, 10, 4, 8).width).toBe(0);
  });
});

describe('pages', () => {
  it('holds as many tiles as stay recognisable', () => {
    expect(pageSize(1366, 640, 8, 90, 25)).toBe(25);
    expect(pageSize(390, 640, 8, 90, 9)).toBe(9);
    expect(pageSize(320, 200, 8, 90, 9)).toBeLessThanOrEqual(4);
    expect(pageSize(0, 0, 8, 90, 9)).toBe(1);
  });

  it('shows the last page when the wanted one is gone', () => {
    expect(paginate([1, 2, 3, 4, 5], 2, 9)).toEqual({ items: [5], page: 2, pages: 3 });
    expect(paginate([1, 2, 3], 2, -4)).toEqual({ items: [1, 2], page: 0, pages: 2 });
    expect(paginate([], 4, 3)).toEqual({ items: [], page: 0, pages: 1 });
  });
});
