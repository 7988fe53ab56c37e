import { keepEntry, webAddress, type Entry } from './entry';
import { closeWindow, hasOpener } from './own-window';

/** Where 'leave' leads, if a platform sent this person and the server has read so from the ticket. */
export class ReturnWay {
  url = $state<string | null>(null);

  constructor(
    private readonly room: string,
    private readonly entry: Entry | null,
  ) {
    this.url = entry?.leave ?? null;
  }

  /** As the server says. */
  learn(url: string): void {
    this.url = webAddress(url);
    if (this.entry) keepEntry(this.room, { ...this.entry, leave: this.url });
  }

  /**
   * A window that the platform opened closes itself: what was before is in the other one. A tab without an opener may be all that
   * the person has of the platform: there the way leads back.
   */
  depart(): void {
    if (this.entry && hasOpener()) closeWindow(() => this.go());
    else this.go();
  }

  /** To where the person came from, if that was another platform. */
  go(): boolean {
    if (!this.url) return false;
    location.assign(this.url);
    return true;
  }
}
