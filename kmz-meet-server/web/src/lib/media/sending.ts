/**
 * An own track on its way out: which track it is, and which of its encodings are sent. Parameters of a sender are read and
 * written back, so one change is done after the other.
 */
export class Sending {
  private turn: Promise<void> = Promise.resolve();
  /** The `rid`s of the encodings that somebody looks at; `null` while that is not known. */
  private watched: readonly string[] | null = null;
  private closed = false;

  constructor(private readonly sender: RTCRtpSender) {}

  /** Sends this track, or nothing. Firefox goes on sending the last picture of a track that was taken away, unless it is told to stop. */
  attach(track: MediaStreamTrack | null): Promise<void> {
    return this.next(async () => {
      if (track === null && this.sender.track?.kind === 'video') await this.adjust(stop);
      await this.sender.replaceTrack(track);
      await this.adjustToViewers();
    });
  }

  /** Sends only the encodings with these `rid`s of a picture, or all of them. */
  watch(rids: readonly string[] | null): Promise<void> {
    return this.next(async () => {
      this.watched = rids;
      await this.adjustToViewers();
    });
  }

  close(): void {
    this.closed = true;
  }

  private next(change: () => Promise<void>): Promise<void> {
    const done = this.turn.then(async () => {
      if (!this.closed) await change();
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async adjustToViewers(): Promise<void> {
    if (this.sender.track?.kind === 'video') await this.adjust((encodings) => choose(encodings, this.watched));
  }

  private async adjust(change: (encodings: RTCRtpEncodingParameters[]) => boolean): Promise<void> {
    const parameters = this.sender.getParameters();
    if (!change(parameters.encodings)) return;
    // A browser that cannot sends more than is looked at; a track that is taken away is gone all the same.
    await this.sender.setParameters(parameters).catch(() => undefined);
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
