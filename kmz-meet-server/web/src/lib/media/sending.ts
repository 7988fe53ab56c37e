/** Pauses before encodings are set again that a browser did not set, in milliseconds. After the last one the next change has to do. */
const PAUSES = [250, 500, 1_000, 2_000, 4_000, 8_000];

/**
 * An own track on its way out: which track it is, and which of its encodings are sent. Parameters of a sender are read and
 * written back, so one change is done after the other.
 */
export class Sending {
  private turn: Promise<void> = Promise.resolve();
  /** The `rid`s of the encodings that somebody looks at; `null` while that is not known. */
  private watched: readonly string[] | null = null;
  /** A picture was sent, so there are encodings that may have to stop. */
  private wasPicture = false;
  private closed = false;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly sender: RTCRtpSender) {}

  /** Sends this track, or nothing. Firefox goes on sending the last picture of a track that was taken away, unless it is told to stop. */
  attach(track: MediaStreamTrack | null): Promise<void> {
    return this.change(async () => {
      this.wasPicture ||= this.sender.track?.kind === 'video';
      const stopped = track !== null || (await this.adjust(null));
      await this.sender.replaceTrack(track);
      if (track !== null) await this.settle();
      else if (!stopped) this.later();
    });
  }

  /** Sends only the encodings with these `rid`s of a picture, or all of them. */
  watch(rids: readonly string[] | null): Promise<void> {
    return this.change(async () => {
      this.watched = rids;
      await this.settle();
    });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
  }

  /** Somebody changes something: whatever failed before is done with it, and may be tried as often again. */
  private change(change: () => Promise<void>): Promise<void> {
    return this.next(async () => {
      clearTimeout(this.retry);
      this.failures = 0;
      await change();
    });
  }

  private next(change: () => Promise<void>): Promise<void> {
    const done = this.turn.then(async () => {
      if (!this.closed) await change();
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  /** Sends what is to be sent of the track that there is. An encoding that stays off is seen by nobody, so it is tried again. */
  private async settle(): Promise<void> {
    if (!(await this.adjust(this.sender.track))) this.later();
  }

  private later(): void {
    const pause = PAUSES[this.failures];
    if (pause === undefined || this.closed) return;
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.next(() => this.settle()), pause);
  }

  /**
   * Turns the encodings on that are to be sent of this track, and the others off; answers whether that is done. A track that
   * is taken away is gone also where it is not.
   */
  private async adjust(track: MediaStreamTrack | null): Promise<boolean> {
    if (track === null ? !this.wasPicture : track.kind !== 'video') return true;
    try {
      const parameters = this.sender.getParameters();
      const changed = track === null ? stop(parameters.encodings) : choose(parameters.encodings, this.watched);
      if (changed) await this.sender.setParameters(parameters);
      return true;
    } catch {
      return false;
    }
  }
}

/** Turns on the encodings with these `rid`s, and the others off; answers whether that changes something. Never turns off all. */
function choose(encodings: RTCRtpEncodingParameters[], rids: readonly string[] | null): boolean {
  const wants = ({ rid }: RTCRtpEncodingParameters): boolean =>
    rids === null || rid === undefined || rids.includes(rid);
  return encodings.some(wants) && activate(encodings, wants);
}

function stop(encodings: RTCRtpEncodingParameters[]): boolean {
  return activate(encodings, () => false);
}

function activate(
  encodings: RTCRtpEncodingParameters[],
  wants: (encoding: RTCRtpEncodingParameters) => boolean,
): boolean {
  let changed = false;
  for (const encoding of encodings) {
    const active = wants(encoding);
    changed ||= (encoding.active ?? true) !== active;
    encoding.active = active;
  }
  return changed;
}
