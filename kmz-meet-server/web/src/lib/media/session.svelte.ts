import type { ClientMessage } from '../../generated/ClientMessage';
import type { Relay } from '../../generated/Relay';
import {
  BrowserPeer,
  fits,
  thisDevice,
  videoSlots,
  type Offer,
  type Outgoing,
  type Peer,
  type PeerEvents,
  type Watched,
  type Way,
} from './peer';
import { Probe } from './probe';
import { relayServer, relayWasNeeded, rememberRelay } from './relay';
import type { Sources } from './sources.svelte';

export interface Slots {
  audio: (string | null)[];
  video: (string | null)[];
  screen: string | null;
}

const NOBODY: Slots = { audio: [], video: [], screen: null };
/** Pause before a session that did not come about is offered anew; doubled each time, to eight seconds. */
const FIRST_PAUSE = 500;
/** So long after the way to the server came back, an interruption is the old way's end: there is nothing to wait for. */
const NEW_NETWORK = 15_000;

/** Pauses before it is tried whether the direct way is open again; the last one for ever. */
const PROBE_AFTER = [15_000, 30_000, 60_000, 120_000, 300_000];

/** A peer that was made before it was needed knows the network of that time, which may be another one soon. */
const PREPARED_FOR = 60_000;

/** Milliseconds until a connection is asked again which way it takes. */
const LEARN_AGAIN = 500;

/** Milliseconds for which the conference is not drawn yet, because the answer to the offer may come. */
const ANSWERED_WITHIN = 200;

export type MakePeer = (videoSlots: number, events: PeerEvents, relay: RTCIceServer | null) => Peer;

/** Tells what happens to a peer to whoever has it by then. */
class Forwarded implements PeerEvents {
  to: PeerEvents | null = null;
  connected(): void {
    this.to?.connected();
  }
  interrupted(): void {
    this.to?.interrupted();
  }
  lost(): void {
    this.to?.lost();
  }
}

/** The media of one conference: keeps a session alive and says whose picture is in which stream. */
export class MediaSession {
  state = $state<'off' | 'connecting' | 'connected'>('off');
  slots = $state.raw<Slots>(NOBODY);
  /** One stream for each audio slot. */
  audio = $state.raw<readonly MediaStream[]>([]);
  screen = $state.raw<MediaStream | null>(null);
  private video = $state.raw<readonly MediaStream[]>([]);
  /** Pictures by person. */
  readonly pictures = $derived.by(() => {
    const pictures = new Map<string, MediaStream>();
    this.slots.video.forEach((id, slot) => {
      const stream = this.video[slot];
      if (id !== null && stream) pictures.set(id, stream);
    });
    return pictures;
  });
  /** How many pictures can be received. */
  capacity = $state(25);
  /** Whether the last tries did not get through: then a tip helps. */
  failing = $state(false);
  /** By which way media go; `null` while they do not, or while it is not known. */
  way = $state<Way | null>(null);
  /**
   * From the beginning of an offer to its answer, and for 200 ms at most. Drawing the conference meanwhile would delay the answer,
   * and with it the first picture.
   */
  awaitsAnswer = $state(false);

  private peer: Peer | null = null;
  /** Made while the way in is still on: it takes longer than the way in. */
  private prepared: { peer: Peer; events: Forwarded; slots: number; at: number } | null = null;
  private failures = 0;
  private interrupted = false;
  private returned = Number.NEGATIVE_INFINITY;
  private relay: RTCIceServer | null = null;
  /** Whether the relay is tried as well. Who has UDP pays nothing for it. */
  private relayed = relayWasNeeded();
  private readonly probe: Probe;
  /** The own camera waits: it is on, and nothing of it is sent. */
  private cameraHeld = false;
  private probing: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private answerTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly sources: Sources,
    private readonly send: (message: ClientMessage) => boolean,
    private readonly make: MakePeer = (slots, events, relay) => new BrowserPeer(slots, events, relay),
  ) {
    this.probe = new Probe(send);
    this.capacity = videoSlots(thisDevice());
    sources.onTrack = async (what, track) => await this.attach(what, track);
  }

  /** Somebody is about to come in: makes what the first offer takes. */
  prepare(): void {
    if (this.prepared && performance.now() - this.prepared.at > PREPARED_FOR / 2) this.unprepare();
    if (this.peer || this.prepared || this.relayed) return;
    const events = new Forwarded();
    try {
      const peer = this.make(this.capacity, events, null);
      this.prepared = { peer, events, slots: this.capacity, at: performance.now() };
      // If it does not work, the offer says so.
      peer.prepare?.().catch(() => {});
    } catch {
      // A browser without WebRTC: the offer says so.
    }
  }

  /** After `joined`: keeps what still runs, else offers. */
  async start(kept: boolean, relay?: Relay): Promise<void> {
    this.relay = relay ? relayServer(relay) : null;
    // What was told meanwhile was not heard: who is in the slots and what is watched, the server tells again.
    if (kept) this.returned = performance.now();
    if (kept && this.peer && this.state === 'connected' && !this.interrupted) return;
    await this.offer();
  }

  async answer(sdp: string): Promise<void> {
    try {
      const taken = this.peer?.answer(sdp);
      this.stopAwaiting();
      await taken;
    } catch {
      this.broken(this.peer);
    }
  }

  /** Somebody looks at these sizes of the own pictures, and at no others. */
  async watched(watched: Watched): Promise<void> {
    await this.peer?.watch(watched);
  }

  /** The server answered a probe. */
  async probed(sdp: string): Promise<void> {
    await this.probe.answer(sdp);
  }

  /** Holds the own camera back, or lets go of it. It stays on: what is let go of is sent at once. */
  holdCamera(held: boolean): void {
    if (this.cameraHeld === held) return;
    this.cameraHeld = held;
    void this.attach('camera', this.sources.camera);
  }

  stop(): void {
    clearTimeout(this.retry);
    this.cameraHeld = false;
    this.drop();
    this.unprepare();
    this.state = 'off';
    this.failures = 0;
    this.failing = false;
    this.slots = NOBODY;
  }

  /** The server could not answer the offer. */
  refused(): void {
    if (this.state === 'connecting') this.broken(this.peer);
  }

  private async offer(): Promise<void> {
    clearTimeout(this.retry);
    this.drop();
    this.awaitsAnswer = true;
    this.answerTimer = setTimeout(() => this.stopAwaiting(), ANSWERED_WITHIN);
    try {
      let peer = this.open();
      let description = peer.offered?.() ?? (await peer.offer());
      if (!fits(description.sdp) && this.capacity > 25) {
        this.capacity = 25;
        this.drop();
        peer = this.open();
        description = await peer.offer();
      }
      await this.begin(peer, description);
    } catch {
      // A browser without WebRTC, or one that forbids it: chat works without any media.
      this.drop();
      this.state = 'off';
      this.failing = true;
    }
  }

  private open(): Peer {
    let peer: Peer | null = null;
    const events: PeerEvents = {
      connected: () => {
        if (peer !== this.peer) return;
        this.state = 'connected';
        this.interrupted = false;
        this.failures = 0;
        this.failing = false;
        void this.learn(peer);
      },
      interrupted: () => {
        if (peer !== this.peer) return;
        this.interrupted = true;
        if (performance.now() - this.returned < NEW_NETWORK && this.state === 'connected') this.broken(peer);
      },
      lost: () => this.broken(peer),
    };
    peer = this.takePrepared(events) ?? this.make(this.capacity, events, this.relayed ? this.relay : null);
    this.peer = peer;
    this.interrupted = false;
    this.state = 'connecting';
    this.audio = peer.audio;
    this.video = peer.video;
    this.screen = peer.screen;
    return peer;
  }

  private unprepare(): void {
    this.prepared?.peer.close();
    this.prepared = null;
  }

  private takePrepared(events: PeerEvents): Peer | null {
    const { prepared } = this;
    this.prepared = null;
    if (!prepared) return null;
    const isFresh = performance.now() - prepared.at < PREPARED_FOR;
    if (isFresh && !this.relayed && prepared.slots === this.capacity) {
      prepared.events.to = events;
      return prepared.peer;
    }
    prepared.peer.close();
    return null;
  }

  private async begin(peer: Peer, { sdp, sections }: Offer): Promise<void> {
    if (peer !== this.peer) return;
    // The tracks do not change the offer, and they are there long before the way is.
    this.send({ type: 'offer', sdp, sections });
    const { microphone, camera, screen, screenSound } = this.sources;
    await Promise.all([
      peer.attach('microphone', microphone),
      peer.attach('camera', this.cameraHeld ? null : camera),
      peer.attach('screen', screen),
      peer.attach('screen_sound', screenSound),
    ]);
  }

  private async attach(what: Outgoing, track: MediaStreamTrack | null): Promise<void> {
    const sent = what === 'camera' && this.cameraHeld ? null : track;
    await this.peer?.attach(what, sent).catch(() => {
      // The session is about to be replaced; the next one takes the track along.
    });
  }

  private broken(peer: Peer | null): void {
    if (peer === null || peer !== this.peer) return;
    this.drop();
    const worked = this.state === 'connected';
    this.state = 'connecting';
    // The direct way was the only one so far. Another one is tried at once, and nothing has failed yet.
    const another = this.relay !== null && !this.relayed;
    this.relayed ||= another;
    if (!another) this.failures += 1;
    this.failing = this.failures >= 2;
    // The first try after a session that worked is made at once.
    const pause = worked || another ? 0 : Math.min(8_000, FIRST_PAUSE * 2 ** (this.failures - 1));
    this.retry = setTimeout(() => void this.offer(), pause);
  }

  private async learn(peer: Peer | null): Promise<void> {
    const way = (await peer?.way().catch(() => null)) ?? null;
    if (peer !== this.peer || this.state !== 'connected') return;
    this.way = way;
    if (way === null) {
      // A browser that has much to do knows its path only later.
      clearTimeout(this.probing);
      this.probing = setTimeout(() => void this.learn(peer), LEARN_AGAIN);
      return;
    }
    this.relayed = way === 'relay';
    rememberRelay(this.relayed);
    if (this.relayed) this.probeLater(peer, 0);
  }

  /** The relay is for as long as it is needed. */
  private probeLater(peer: Peer | null, tries: number): void {
    clearTimeout(this.probing);
    const pause = PROBE_AFTER[Math.min(tries, PROBE_AFTER.length - 1)];
    this.probing = setTimeout(() => void this.tryDirect(peer, tries), pause);
  }

  private async tryDirect(peer: Peer | null, tries: number): Promise<void> {
    const reached = await this.probe.run();
    if (peer !== this.peer || this.state !== 'connected') return;
    if (!reached) return this.probeLater(peer, tries + 1);
    this.relayed = false;
    await this.offer();
  }

  private stopAwaiting(): void {
    clearTimeout(this.answerTimer);
    this.awaitsAnswer = false;
  }

  private drop(): void {
    clearTimeout(this.probing);
    this.stopAwaiting();
    this.probe.cancel();
    this.peer?.close();
    this.peer = null;
    this.way = null;
  }
}
