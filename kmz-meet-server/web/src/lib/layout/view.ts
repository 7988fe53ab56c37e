import type { Tile } from '../../generated/Tile';
import type { Arrangement } from './arrange';
import type { Main } from './stage';

/** Height in physical pixels to which pictures are limited when this browser is to save data. */
export const MAX_HEIGHT_SAVING = 180;
/** … and where the line of everybody is to be spared: a face that speaks. */
export const MAX_HEIGHT_SPARING = 360;

/** What the server should send: whom this screen shows, the large one first, with heights in physical pixels, `most` at most. */
export function viewOf(arrangement: Arrangement, main: Main, you: string, ratio: number, most: number): Tile[] {
  const height = (css: number): number => Math.min(Math.max(1, Math.round(css * ratio)), most);
  const view: Tile[] = [];
  if (main?.kind === 'person' && main.id !== you && arrangement.main) {
    // A tall large place still shows a picture of 16:9.
    const shown = Math.min(arrangement.main.height, (arrangement.main.width * 9) / 16);
    view.push({ participant: main.id, height: height(shown) });
  }
  for (const tile of arrangement.tiles) {
    if (tile.id !== you) view.push({ participant: tile.id, height: height(tile.rect.height) });
  }
  return view;
}
