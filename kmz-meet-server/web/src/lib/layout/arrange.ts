import { ASPECT, bestGrid, pageSize, paginate } from './grid';

export interface Rect {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Arrangement {
  /** Where the large picture is, if there is one. */
  main: Rect | null;
  /** Who is visible, in order, and where. */
  tiles: { id: string; rect: Rect }[];
  page: number;
  pages: number;
}

export interface ArrangeInput {
  width: number;
  height: number;
  /** Ids of all who are not large, in order. */
  others: readonly string[];
  hasMain: boolean;
  page: number;
  /** Most tiles on a page: as many as can be received. */
  most: number;
}

const GAP = 8;
/** Below this height faces cannot be told apart. */
const LOWEST_TILE = 92;

/** Where everything goes. Pure, so that it can be tested for every size of screen. */
export function arrange(input: ArrangeInput): Arrangement {
  if (input.width <= 0 || input.height <= 0) return { main: null, tiles: [], page: 0, pages: 1 };
  const whole: Rect = { left: 0, top: 0, width: input.width, height: input.height };
  if (!input.hasMain) return { main: null, ...grid(input, whole) };
  if (input.others.length === 0) return { main: whole, tiles: [], page: 0, pages: 1 };
  return input.width > input.height * 1.15 ? beside(input) : above(input);
}

/** Wide stage: large on the left, a strip of tiles on the right. */
function beside(input: ArrangeInput): Arrangement {
  const strip = Math.round(Math.min(280, Math.max(132, input.width * 0.17)));
  const main: Rect = { left: 0, top: 0, width: input.width - strip - GAP, height: input.height };
  return { main, ...grid(input, { left: main.width + GAP, top: 0, width: strip, height: input.height }, 1) };
}

/** Tall stage: large on top, tiles below. */
function above(input: ArrangeInput): Arrangement {
  const height = Math.round(Math.min(input.width / ASPECT, input.height * 0.62));
  const main: Rect = { left: 0, top: 0, width: input.width, height };
  const rest: Rect = { left: 0, top: height + GAP, width: input.width, height: input.height - height - GAP };
  return { main, ...grid(input, rest) };
}

function grid(input: ArrangeInput, area: Rect, columns?: number): Omit<Arrangement, 'main'> {
  const most = Math.max(1, Math.min(input.most, input.others.length));
  const size = columns === 1 ? column(area, most) : pageSize(area.width, area.height, GAP, LOWEST_TILE, most);
  // Even pages: 26 people are 13 and 13, not 25 and one. A strip is filled instead.
  const pages = Math.max(1, Math.ceil(input.others.length / size));
  const even = columns === 1 ? size : Math.ceil(input.others.length / pages);
  const page = paginate(input.others, even, input.page);
  // Every page has tiles of the same size, so that turning pages does not jump.
  const cells = Math.max(1, Math.min(even, input.others.length));
  const best = columns === 1 ? one(area, cells) : bestGrid(cells, area.width, area.height, GAP);
  const rows = Math.ceil(page.items.length / best.columns);
  const used = rows * best.height + (rows - 1) * GAP;
  const top = area.top + Math.max(0, (area.height - used) / 2);
  const tiles = page.items.map((id, index) => {
    const row = Math.floor(index / best.columns);
    const inRow = row === rows - 1 ? page.items.length - row * best.columns : best.columns;
    const left = area.left + (area.width - inRow * best.width - (inRow - 1) * GAP) / 2;
    return {
      id,
      rect: {
        left: Math.round(left + (index % best.columns) * (best.width + GAP)),
        top: Math.round(top + row * (best.height + GAP)),
        width: best.width,
        height: best.height,
      },
    };
  });
  return { tiles, page: page.page, pages: page.pages };
}

/** How many tiles stand above each other in a strip. */
function column(area: Rect, most: number): number {
  return Math.max(1, Math.min(most, Math.floor((area.height + GAP) / (area.width / ASPECT + GAP))));
}

function one(area: Rect, cells: number): { columns: number; width: number; height: number } {
  const height = Math.floor(Math.min(area.width / ASPECT, (area.height - GAP * (cells - 1)) / cells));
  return { columns: 1, width: Math.floor(height * ASPECT), height: Math.max(0, height) };
}
