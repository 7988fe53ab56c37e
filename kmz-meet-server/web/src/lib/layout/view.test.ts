import { describe, expect, it } from 'vitest';
import { MAX_HEIGHT_SAVING, viewOf } from './view';

const arrangement = {
  main: { left: 0, top: 0, width: 1280, height: 900 },
  tiles: [
    { id: 'me', rect: { left: 0, top: 0, width: 200, height: 112 } },
    { id: 'anna', rect: { left: 0, top: 0, width: 200, height: 112 } },
  ],
  page: 0,
  pages: 1,
};

describe('the view that is requested from the server', () => {
  it('is the large person first, then tiles, in physical pixels, never oneself', () => {
    expect(viewOf(arrangement, { kind: 'person', id: 'ben' }, 'me', 2, Infinity)).toEqual([
      { participant: 'ben', height: 1440 },
      { participant: 'anna', height: 224 },
    ]);
  });

  it('leaves a shared screen to its own slot', () => {
    expect(viewOf(arrangement, { kind: 'screen', id: 'ben' }, 'me', 1, Infinity)).toEqual([
      { participant: 'anna', height: 112 },
    ]);
  });

  it('is small when the browser saves data', () => {
    expect(
      viewOf(arrangement, { kind: 'person', id: 'ben' }, 'me', 2, MAX_HEIGHT_SAVING).map((tile) => tile.height),
    ).toEqual([180, 180]);
  });
});
