import type { Piece } from './links';

/** What finds addresses comes with the chat, not with the first page; until then they are text. */
class Linking {
  find = $state.raw((text: string): Piece[] => [{ text }]);

  async load(): Promise<void> {
    try {
      this.find = (await import('./links')).linkify;
    } catch {
      // The line is down: text stays text.
    }
  }
}

export const linking = new Linking();
