export type Listener = (data: unknown) => void;

/** Who listens to what: the part of Node's EventEmitter that Jitsi's class has. */
export class Emitter {
  private readonly known = new Map<string, Set<Listener>>();

  addListener(name: string, listener: Listener): this {
    const those = this.known.get(name) ?? new Set();
    those.add(listener);
    this.known.set(name, those);
    return this;
  }

  on(name: string, listener: Listener): this {
    return this.addListener(name, listener);
  }

  once(name: string, listener: Listener): this {
    const first: Listener = (data) => {
      this.removeListener(name, first);
      listener(data);
    };
    return this.addListener(name, first);
  }

  listeners(name: string): Listener[] {
    return [...(this.known.get(name) ?? [])];
  }

  listenerCount(name: string): number {
    return this.known.get(name)?.size ?? 0;
  }

  eventNames(): string[] {
    return [...this.known.keys()].filter((name) => this.listenerCount(name) > 0);
  }

  addEventListener(name: string, listener: Listener): void {
    this.addListener(name, listener);
  }

  addEventListeners(listeners: Record<string, Listener>): void {
    for (const [name, listener] of Object.entries(listeners)) this.addListener(name, listener);
  }

  removeListener(name: string, listener: Listener): this {
    this.known.get(name)?.delete(listener);
    return this;
  }

  off(name: string, listener: Listener): this {
    return this.removeListener(name, listener);
  }

  removeAllListeners(name?: string): this {
    if (name === undefined) this.known.clear();
    else this.known.delete(name);
    return this;
  }

  removeEventListener(name: string): void {
    this.removeAllListeners(name);
  }

  removeEventListeners(names: string[]): void {
    for (const name of names) this.removeAllListeners(name);
  }

  emit(name: string, data?: unknown): boolean {
    const those = this.listeners(name);
    for (const listener of those) listener(data);
    return those.length > 0;
  }
}
