import type { SelfTestMeasured as Measured, NewSelfTestConnection as NewConnection } from '../../generated/api';
import { add } from '../media/peer';
import { onlyBy, type MediaPath } from './paths';
import { TEST_LAYERS, type TestMedia } from './picture';
import { measured, type Sample, type Stat } from './stats';

const SAMPLE_EVERY = 500;

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** One path, tried: a connection that sends and one that receives what the first one sends, by way of the server. */
export class Trial {
  private readonly sender: RTCPeerConnection;
  private readonly receiver: RTCPeerConnection;
  private readonly out: { audio: RTCRtpTransceiver; video: RTCRtpTransceiver };
  private readonly in: { audio: RTCRtpTransceiver; video: RTCRtpTransceiver };
  private answered = 0;
  /** Milliseconds until media could flow both ways; `null` as long as they cannot. */
  connectMs: number | null = null;

  constructor(
    readonly path: MediaPath,
    relays: { sender: RTCIceServer; receiver: RTCIceServer },
  ) {
    const connection = (relay: RTCIceServer): RTCPeerConnection =>
      path.kind === 'relay'
        ? new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [relay], iceTransportPolicy: 'relay' })
        : new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [] });
    this.sender = connection(relays.sender);
    this.receiver = connection(relays.receiver);
    this.out = {
      audio: add(this.sender, 'audio', { direction: 'sendonly' }),
      video: add(this.sender, 'video', { direction: 'sendonly', sendEncodings: TEST_LAYERS }),
    };
    this.in = {
      audio: add(this.receiver, 'audio', { direction: 'recvonly' }),
      video: add(this.receiver, 'video', { direction: 'recvonly' }),
    };
  }

  async offers(): Promise<NewConnection> {
    await Promise.all([this.sender.setLocalDescription(), this.receiver.setLocalDescription()]);
    const mid = (transceiver: RTCRtpTransceiver): string => transceiver.mid ?? '';
    return {
      sender: {
        sdp: this.sender.localDescription?.sdp ?? '',
        sections: {
          microphone: mid(this.out.audio),
          camera: mid(this.out.video),
          audio_slots: [],
          video_slots: [],
        },
      },
      receiver: {
        sdp: this.receiver.localDescription?.sdp ?? '',
        sections: { audio_slots: [mid(this.in.audio)], video_slots: [mid(this.in.video)] },
      },
    };
  }

  /** Whether media can flow, after this time at the most. */
  async connect(answers: { sender: string; receiver: string }, within: number): Promise<boolean> {
    this.answered = performance.now();
    const connected = Promise.all([this.sender, this.receiver].map((one) => isConnected(one, within)));
    const answer = (one: RTCPeerConnection, sdp: string): Promise<void> =>
      one.setRemoteDescription({ type: 'answer', sdp: onlyBy(this.path, sdp) });
    await Promise.all([answer(this.sender, answers.sender), answer(this.receiver, answers.receiver)]);
    if (!(await connected).every(Boolean)) return false;
    this.connectMs = performance.now() - this.answered;
    return true;
  }

  /** Sends for so long, and says what the path carried. */
  async measure(media: TestMedia, milliseconds: number): Promise<Measured> {
    await Promise.all([
      this.out.audio.sender.replaceTrack(media.audio),
      this.out.video.sender.replaceTrack(media.video),
    ]);
    const samples: Sample[] = [];
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      await sleep(SAMPLE_EVERY);
      const [sender, receiver] = await Promise.all([read(this.sender), read(this.receiver)]);
      samples.push({ at: performance.now(), sender, receiver });
    }
    await Promise.all([this.out.audio.sender.replaceTrack(null), this.out.video.sender.replaceTrack(null)]);
    return measured(samples, this.connectMs ?? 0);
  }

  close(): void {
    this.sender.close();
    this.receiver.close();
  }
}

const read = async (connection: RTCPeerConnection): Promise<Stat[]> =>
  [...(await connection.getStats()).values()] as Stat[];

function isConnected(connection: RTCPeerConnection, within: number): Promise<boolean> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), within);
    connection.onconnectionstatechange = () => {
      if (connection.connectionState === 'connected') resolve(true);
      if (connection.connectionState === 'failed') resolve(false);
    };
  });
}
