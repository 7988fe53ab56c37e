/** What a page around this one says and is told, where a room stands in a frame. `src/embed` fills it in. */
export class Embedding {
  /** The name that the page proposes. */
  proposedName = $state('');
  /** What the page calls the room; only this person sees it. */
  subject = $state<string | null>(null);
  /** Told of each button that is pressed, by Jitsi's name for it; true when the page itself does what it is for. */
  onPress: ((key: string) => boolean) | null = null;
  /** The page can take this room away. */
  onClose = $state.raw<(() => void) | null>(null);
  /** The origin of the page, as soon as it has said something. */
  pageAround = $state<string | null>(null);
  /** Whether the pages around are those of the room's own school, as the server says. */
  ownPage = $state(false);

  /** A button was pressed; false when the page itself does what it is for. */
  press(key: string): boolean {
    return !(this.onPress?.(key) ?? false);
  }
}
