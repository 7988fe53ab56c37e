import type { Sections } from '../../generated/Sections';
import { Sending } from './sending';
import { Silence } from './silence';

/** What a person sends; each has its own place in the offer, whether it is used or not. */
export type Outgoing = 'microphone' | 'camera' | 'screen' | 'screen_sound';

export const AUDIO_SLOTS = 5;
/** The server takes no longer session description. */
const MAX_SDP_BYTES = 64 * 1024;
const CONNECT_WITHIN = 12_000;
/** Where UDP goes through, it has done so by then. After it the relay is tried too. */
const DIRECT_WITHIN = 2_000;
/** How long a path may stay away, once the browser has noticed, before a new one is made. Short hiccups end by themselves. */
const LOST_AFTER = 1_800;
/** … where there is another way to try at once. Browsers notice after about five seconds; nobody waits for more than ten. */
const DIRECT_LOST_AFTER = 500;

export interface PeerEvents {
  connected(): void;
  /** Nothing comes through at the moment; often it comes back by itself. */
  interrupted(): void;
  /** The way is broken: a new session is needed. */
  lost(): void;
}

/** By which way media go: straight to the media port, or over the TCP port of the page. */
export type Way = 'direct' | 'relay';

/** The sizes of the own pictures that somebody looks at. */
export type Watched = Record<'camera' | 'screen', readonly string[]>;

export interface Offer {
  sdp: string;
  sections: Sections;
}

/** One media session: offered once with fixed slots, never negotiated again. */
export interface Peer {
  readonly audio: readonly MediaStream[];
  readonly video: readonly MediaStream[];
  readonly screen: MediaStream;
  /** Does what an offer takes, so that it is there at once when it is wanted. */
  prepare?(): Promise<void>;
  /** The offer, if it is there already: who waits for a promise waits until the conference is drawn. */
  offered?(): Offer | null;
  offer(): Promise<Offer>;
  answer(sdp: string): Promise<void>;
  attach(what: Outgoing, track: MediaStreamTrack | null): Promise<void>;
  /** Sends only these of the sizes of a picture, by their `rid`s; `null`: all. */
  watch(watched: Watched | null): Promise<void>;
  /** By which way media go now; `null` before they do. */
  way(): Promise<Way | null>;
  close(): void;
}

/** Three sizes of the own picture; the server picks for every viewer what fits their tile and their line. */
const CAMERA_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_700_000 },
];

/** Two sizes of the screen: a line that does not carry the large one still shows the small one, and the voices go on. */
const SCREEN_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 300_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 2_200_000 },
];

/** Header extensions that a forwarding server can use. The others only make the offer long. */
const EXTENSIONS = [
  'ssrc-audio-level',
  'sdes:mid',
  'sdes:rtp-stream-id',
  'sdes:repaired-rtp-stream-id',
  'transport-wide-cc',
  'abs-send-time',
  'dependency-descriptor',
  'video-orientation',
];

/** What is read of the browser's statistics. */
interface Stat {
  type: string;
  id: string;
  selectedCandidatePairId?: string;
  nominated?: boolean;
  state?: string;
  localCandidateId?: string;
  candidateType?: string;
  relayProtocol?: string;
  packetsReceived?: number;
}

/** The real one, on the browser's RTCPeerConnection. */
export class BrowserPeer implements Peer {
  readonly audio: MediaStream[];
  readonly video: MediaStream[];
  readonly screen: MediaStream;
  private readonly connection: RTCPeerConnection;
  private readonly outgoing: Record<Outgoing, RTCRtpTransceiver>;
  private readonly slots: { audio: RTCRtpTransceiver[]; video: RTCRtpTransceiver[]; screen: RTCRtpTransceiver };
  private readonly sending: Record<Outgoing, Sending>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: Silence | undefined;
  private described: Promise<void> | undefined;
  private closed = false;

  constructor(
    videoSlots: number,
    private readonly events: PeerEvents,
    private readonly relay: RTCIceServer | null = null,
  ) {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: relay ? [relay] : [] });
    this.connection = connection;
    const receive = (kind: 'audio' | 'video'): RTCRtpTransceiver => add(connection, kind, { direction: 'recvonly' });
    this.outgoing = {
      microphone: add(connection, 'audio', { direction: 'sendonly' }),
      camera: add(connection, 'video', { direction: 'sendonly', sendEncodings: CAMERA_LAYERS }),
      screen: add(connection, 'video', { direction: 'sendonly', sendEncodings: SCREEN_LAYERS }),
      screen_sound: add(connection, 'audio', { direction: 'sendonly' }),
    };
    const sending = (what: Outgoing): Sending => new Sending(this.outgoing[what].sender);
    this.sending = {
      microphone: sending('microphone'),
      camera: sending('camera'),
      screen: sending('screen'),
      screen_sound: sending('screen_sound'),
    };
    this.slots = {
      audio: Array.from({ length: AUDIO_SLOTS }, () => receive('audio')),
      video: Array.from({ length: videoSlots }, () => receive('video')),
      screen: receive('video'),
    };
    const stream = (slot: RTCRtpTransceiver): MediaStream => new MediaStream([slot.receiver.track]);
    this.audio = this.slots.audio.map(stream);
    this.video = this.slots.video.map(stream);
    this.screen = stream(this.slots.screen);
    connection.onconnectionstatechange = () => this.changed();
    connection.oniceconnectionstatechange = () => {
      if (this.isReached && connection.connectionState === 'connecting') this.wait(CONNECT_WITHIN);
    };
  }

  prepare(): Promise<void> {
    return (this.described ??= this.connection.setLocalDescription());
  }

  async offer(): Promise<Offer> {
    await this.prepare();
    const offer = this.offered();
    if (offer === null) throw new Error('the browser has described nothing');
    return offer;
  }

  offered(): Offer | null {
    const sdp = this.connection.localDescription?.sdp;
    if (sdp === undefined) return null;
    const mid = (slot: RTCRtpTransceiver): string => slot.mid ?? '';
    this.wait(CONNECT_WITHIN);
    return {
      sdp,
      sections: {
        microphone: mid(this.outgoing.microphone),
        camera: mid(this.outgoing.camera),
        screen: mid(this.outgoing.screen),
        screen_sound: mid(this.outgoing.screen_sound),
        audio_slots: this.slots.audio.map(mid),
        video_slots: this.slots.video.map(mid),
        screen_slot: mid(this.slots.screen),
      },
    };
  }

  async answer(sdp: string): Promise<void> {
    if (this.closed || this.connection.signalingState !== 'have-local-offer') return;
    this.wait(this.relay ? CONNECT_WITHIN : DIRECT_WITHIN);
    await this.connection.setRemoteDescription({ type: 'answer', sdp });
  }

  attach(what: Outgoing, track: MediaStreamTrack | null): Promise<void> {
    return this.sending[what].attach(track);
  }

  async watch(watched: Watched | null): Promise<void> {
    const { camera, screen } = this.sending;
    await Promise.all([camera.watch(watched?.camera ?? null), screen.watch(watched?.screen ?? null)]);
  }

  close(): void {
    this.closed = true;
    for (const one of Object.values(this.sending)) one.close();
    clearTimeout(this.timer);
    this.silence?.end();
    this.connection.onconnectionstatechange = null;
    this.connection.oniceconnectionstatechange = null;
    this.connection.close();
  }

  private changed(): void {
    clearTimeout(this.timer);
    this.silence?.end();
    switch (this.connection.connectionState) {
      case 'connected':
        this.events.connected();
        break;
      case 'failed':
        this.broken();
        break;
      case 'disconnected':
        // A new session costs a moment of silence. On a line that loses much a browser misses an answer to a check of the path
        // now and then, while media still come; where the path is gone, nothing does, or the state becomes `failed`.
        this.silence = new Silence(() => this.received(), this.relay ? LOST_AFTER : DIRECT_LOST_AFTER, {
          begins: () => this.events.interrupted(),
          lasts: () => this.broken(),
        });
        break;
      case 'connecting':
        this.wait(this.relay || this.isReached ? CONNECT_WITHIN : DIRECT_WITHIN);
        break;
      default:
        break;
    }
  }

  async way(): Promise<Way | null> {
    const stats = [...(await this.connection.getStats()).values()] as Stat[];
    const find = (type: string, id: string | undefined): Stat | undefined =>
      stats.find((stat) => stat.type === type && stat.id === id);
    const transport = stats.find(({ type }) => type === 'transport');
    const pair =
      find('candidate-pair', transport?.selectedCandidatePairId) ??
      stats.find((stat) => stat.type === 'candidate-pair' && stat.nominated === true && stat.state === 'succeeded');
    const local = find('local-candidate', pair?.localCandidateId);
    if (!local) return null;
    return local.candidateType === 'relay' || local.relayProtocol !== undefined ? 'relay' : 'direct';
  }

  /** The server answered on some path: what is missing is the handshake, and no other path makes it faster. */
  private get isReached(): boolean {
    return ['connected', 'completed'].includes(this.connection.iceConnectionState);
  }

  /** Packets of media that have come so far. */
  private async received(): Promise<number> {
    let packets = 0;
    for (const stat of ((await this.connection.getStats()) as Map<string, Stat>).values()) {
      if (stat.type === 'inbound-rtp') packets += stat.packetsReceived ?? 0;
    }
    return packets;
  }

  private wait(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.broken(), milliseconds);
  }

  private broken(): void {
    if (!this.closed) this.events.lost();
  }
}

/** Whether an offer of this length is accepted; with 49 slots and a talkative browser it is not. */
export function fits(sdp: string): boolean {
  return sdp.length < MAX_SDP_BYTES - 1024;
}

/** A place in an offer: the codecs and header extensions that the server forwards, and no others. */
export function add(
  connection: RTCPeerConnection,
  kind: 'audio' | 'video',
  init: RTCRtpTransceiverInit,
): RTCRtpTransceiver {
  const transceiver = connection.addTransceiver(kind, init);
  const wanted = kind === 'video' ? /\/(VP8|rtx)$/i : /\/(opus|red)$/i;
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs.filter((codec) => wanted.test(codec.mimeType)) ?? [];
  try {
    // One codec for everybody is what a forwarding server needs, and it keeps the offer short.
    if (codecs.length > 0) transceiver.setCodecPreferences(codecs);
  } catch {
    // An older browser offers all it has; the server picks.
  }
  slim(transceiver);
  return transceiver;
}

interface HeaderExtensions {
  getHeaderExtensionsToNegotiate?: () => { uri: string; direction: string }[];
  setHeaderExtensionsToNegotiate?: (extensions: { uri: string; direction: string }[]) => void;
}

/** Where the browser lets us: offers only the header extensions that are used. */
function slim(transceiver: RTCRtpTransceiver): void {
  const adjustable = transceiver as RTCRtpTransceiver & HeaderExtensions;
  try {
    const all = adjustable.getHeaderExtensionsToNegotiate?.();
    if (!all) return;
    adjustable.setHeaderExtensionsToNegotiate?.(
      all.map((extension) =>
        EXTENSIONS.some((name) => extension.uri.includes(name)) ? extension : { ...extension, direction: 'stopped' },
      ),
    );
  } catch {
    // Only shorter, not needed.
  }
}

/** How many pictures this device can show: 9 on a phone, 25 on a laptop, 49 on a large screen with a strong processor. */
export function videoSlots(device: {
  shortSide: number;
  longSidePhysical: number;
  touch: boolean;
  cores: number;
}): number {
  if (device.touch && device.shortSide < 600) return 9;
  if (!device.touch && device.longSidePhysical >= 3000 && device.cores >= 8) return 49;
  return 25;
}

export function thisDevice(): Parameters<typeof videoSlots>[0] {
  return {
    shortSide: Math.min(screen.width, screen.height),
    longSidePhysical: Math.max(screen.width, screen.height) * devicePixelRatio,
    touch: matchMedia('(pointer: coarse)').matches,
    cores: navigator.hardwareConcurrency || 2,
  };
}
