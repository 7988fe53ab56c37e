/** Shortest time between two announcements to a screen reader, in milliseconds. */
export const QUIET = 3_000;

/** Events of one kind that are told together: 'Anna, Ben and 3 more joined.' */
export interface Batch {
  kind: string;
  names: string[];
}

export interface AnnouncerPorts {
  /** Makes one sentence of a batch, in the language of the moment. */
  phrase(batch: Batch): string;
  say(text: string): void;
  now(): number;
  later(run: () => void, after: number): void;
}

/**
 * Collects what happened and tells it at most every three seconds, so that a class that comes in together is one
 * sentence and not thirty.
 */
export class Announcer {
  private batches: Batch[] = [];
  private last = Number.NEGATIVE_INFINITY;
  private planned = false;

  constructor(private readonly ports: AnnouncerPorts) {}

  add(kind: string, name: string): void {
    const batch = this.batches.find((known) => known.kind === kind);
    if (!batch) this.batches.push({ kind, names: [name] });
    else if (!batch.names.includes(name)) batch.names.push(name);
    if (this.planned) return;
    this.planned = true;
    // A short wait even after a silence: what belongs together arrives together.
    this.ports.later(() => this.flush(), Math.max(300, this.last + QUIET - this.ports.now()));
  }

  private flush(): void {
    this.planned = false;
    const batches = this.batches;
    this.batches = [];
    if (batches.length === 0) return;
    this.last = this.ports.now();
    this.ports.say(batches.map((batch) => this.ports.phrase(batch)).join(' '));
  }
}
