import type { ClientMessage } from '../../generated/ClientMessage';

/** A path that goes through has done so by then. */
const WITHIN = 4_000;

/**
 * Whether the direct way (UDP) goes through: a connection beside the media session, which goes on meanwhile. It has no relay,
 * and sends nothing.
 */
export class Probe {
  private connection: RTCPeerConnection | null = null;
  private end: ((reached: boolean) => void) | null = null;

  constructor(private readonly send: (message: ClientMessage) => boolean) {}

  async run(): Promise<boolean> {
    this.cancel();
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [] });
    this.connection = connection;
    const slot = connection.addTransceiver('audio', { direction: 'recvonly' });
    const reached = new Promise<boolean>((resolve) => {
      this.end = resolve;
      setTimeout(() => resolve(false), WITHIN);
      connection.onconnectionstatechange = () => {
        if (connection.connectionState === 'connected') resolve(true);
        if (connection.connectionState === 'failed') resolve(false);
      };
    });
    try {
      await connection.setLocalDescription();
      const sdp = connection.localDescription?.sdp ?? '';
      const sections = { audio_slots: [slot.mid ?? ''], video_slots: [] };
      if (this.connection !== connection || !this.send({ type: 'probe', sdp, sections })) return false;
      return await reached;
    } catch {
      return false;
    } finally {
      connection.close();
      if (this.connection === connection) this.connection = null;
    }
  }

  async answer(sdp: string): Promise<void> {
    if (this.connection?.signalingState !== 'have-local-offer') return;
    await this.connection.setRemoteDescription({ type: 'answer', sdp }).catch(() => this.cancel());
  }

  cancel(): void {
    this.end?.(false);
    this.end = null;
  }
}
