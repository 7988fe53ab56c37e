/** Tiles are 16:9, always: a picture of another form is fitted into it. */
export const ASPECT = 16 / 9;

export interface Grid {
  columns: number;
  rows: number;
  /** Size of one tile in CSS pixels. */
  width: number;
  height: number;
}

/** The grid that shows `count` tiles as large as possible in `width` × `height`. */
export function bestGrid(count: number, width: number, height: number, gap: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), width: 0, height: 0 };
  if (count <= 0 || width <= 0 || height <= 0) return best;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const room = {
      width: (width - gap * (columns - 1)) / columns,
      height: (height - gap * (rows - 1)) / rows,
    };
    const tile = Math.max(0, Math.min(room.width, room.height * ASPECT));
    // The first of equals wins: fewer columns, so that names have room.
    if (tile > best.width + 0.5) best = { columns, rows, width: tile, height: tile / ASPECT };
  }
  return { ...best, width: Math.floor(best.width), height: Math.floor(best.height) };
}

/** How many tiles fit on one page when none may be lower than `lowest` pixels; at least one, at most `most`. */
export function pageSize(width: number, height: number, gap: number, lowest: number, most: number): number {
  for (let count = most; count > 1; count -= 1) {
    if (bestGrid(count, width, height, gap).height >= lowest) return count;
  }
  return 1;
}

export interface Page<T> {
  items: T[];
  /** From 0; kept within what there is. */
  page: number;
  pages: number;
}

/** One page of `all`. A page that does not exist (people left) becomes the last one. */
export function paginate<T>(all: readonly T[], size: number, wanted: number): Page<T> {
  const pages = Math.max(1, Math.ceil(all.length / Math.max(1, size)));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { items: all.slice(page * size, (page + 1) * size), page, pages };
}
