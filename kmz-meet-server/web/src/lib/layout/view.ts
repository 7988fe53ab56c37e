import type { Tile } from '../../generated/Tile';
import type { Arrangement } from './arrange';
import type { Main } from './stage';

/** Height to which pictures are limited when data is to be saved. */
const SAVING = 180;

/** What the server should send: whom this screen shows, the large one first, with heights in physical pixels. */
export function viewOf(arrangement: Arrangement, main: Main, you: string, ratio: number, saving: boolean): Tile[] {
  const height = (css: number): number => {
    const physical = Math.max(1, Math.round(css * ratio));
    return saving ? Math.min(physical, SAVING) : physical;
  };
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
