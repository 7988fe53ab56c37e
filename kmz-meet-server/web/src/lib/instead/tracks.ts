/*
 * What a phone shows in place of its screen: a photo, or the camera on its back as a document camera. Both are sent as a
 * screen is, so that the others see them large and sharp.
 */
import type { ScreenTracks } from '../media/capture';

/** The longer side of a photo as it is sent, in pixels: a page of a book can be read. */
const MAX_SIDE = 1920;
/** Somebody who comes in later waits so long for the picture, in milliseconds. */
const REPEAT = 500;

/** The size in which a picture is sent: within the bound, in its own shape, of even numbers, which encoders want. */
export function fittingSize(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, MAX_SIDE / Math.max(width, height, 1));
  const even = (side: number): number => Math.max(2, Math.round((side * scale) / 2) * 2);
  return { width: even(width), height: even(height) };
}

/**
 * A photo as a picture that stays. What else is in its file, such as the place where it was taken, is not sent.
 *
 * @throws when the file is no picture that this browser can show
 */
export async function openPhoto(file: Blob): Promise<ScreenTracks> {
  const photo = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const canvas = document.createElement('canvas');
  Object.assign(canvas, fittingSize(photo.width, photo.height));
  const paper = canvas.getContext('2d');
  const track = canvas.captureStream().getVideoTracks()[0];
  if (!paper || !track) throw new Error('this browser makes no picture of a canvas');
  const draw = (): void => {
    // What is transparent is seen as paper.
    paper.fillStyle = '#ffffff';
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(photo, 0, 0, canvas.width, canvas.height);
  };
  draw();
  // A canvas that does not change sends nothing, also to those who come in later.
  const timer = setInterval(() => {
    if (track.readyState === 'live') return draw();
    clearInterval(timer);
    photo.close();
  }, REPEAT);
  return shown(track);
}

/** The camera on the back; another one where there is none. */
export async function openDocumentCamera(): Promise<ScreenTracks> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: {
      facingMode: { ideal: 'environment' },
      width: { ideal: MAX_SIDE },
      height: { ideal: 1080 },
      frameRate: { ideal: 10, max: 15 },
    },
  });
  const [track] = stream.getVideoTracks();
  if (!track) throw new Error('the camera gives no picture');
  return shown(track);
}

function shown(track: MediaStreamTrack): ScreenTracks {
  // Letters stay sharp; it may move less smoothly.
  track.contentHint = 'detail';
  return { main: track, sound: null };
}
