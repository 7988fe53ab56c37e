/** A picture and a sound that nobody's camera or microphone gave: what a test sends. */
export interface TestMedia {
  readonly audio: MediaStreamTrack;
  readonly video: MediaStreamTrack;
  stop(): void;
}

const WIDTH = 480;
const HEIGHT = 270;
const FRAMES_PER_SECOND = 25;

/**
 * Two sizes, as browsers make of a picture this small. It is small so that old computers measure their line and not themselves;
 * what it lacks in size it has in noise.
 */
export const TEST_LAYERS: RTCRtpEncodingParameters[] = [
  { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_600_000 },
];

/** Noise that moves: an encoder finds nothing in it to leave out, so it takes all that the line carries. */
function draw(context: CanvasRenderingContext2D, noise: HTMLCanvasElement, frame: number): void {
  const [x, y] = [(frame * 37) % WIDTH, (frame * 101) % HEIGHT];
  for (const left of [x - WIDTH, x]) for (const top of [y - HEIGHT, y]) context.drawImage(noise, left, top);
}

function noise(): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  const image = context.createImageData(WIDTH, HEIGHT);
  for (let at = 0; at < image.data.length; at += 4) {
    const grey = Math.random() * 255;
    image.data.set([grey, grey, grey, 255], at);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Starts both. The tone is not played. */
export function testMedia(): TestMedia {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d', { alpha: false });
  const pattern = noise();
  const [video] = canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks();
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const quiet = sound.createGain();
  quiet.gain.value = 0.2;
  const out = sound.createMediaStreamDestination();
  tone.connect(quiet).connect(out);
  tone.start();
  void sound.resume();
  const [audio] = out.stream.getAudioTracks();
  if (!audio || !video) {
    void sound.close();
    throw new Error('no test picture');
  }
  let frame = 0;
  const timer = setInterval(() => context && draw(context, pattern, frame++), 1000 / FRAMES_PER_SECOND);
  return {
    audio,
    video,
    stop() {
      clearInterval(timer);
      audio.stop();
      video.stop();
      void sound.close();
    },
  };
}
