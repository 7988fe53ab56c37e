import { choice } from './choice';
import { frameAllows, framePermission, type Feature } from '../../embed/frame';

/**
 * Why a device could not be opened, in terms a person can act on. `framed`: the page around us may be what forbids it; `system`: not the
 * browser but the system under it does. */
export type CaptureProblem = 'denied' | 'framed' | 'system' | 'missing' | 'busy' | 'insecure' | 'failed';

export class CaptureError extends Error {
  constructor(readonly problem: CaptureProblem) {
    super(problem);
  }
}

/** Opens the microphone. Called only when the person turns it on. */
export async function openMicrophone(): Promise<MediaStreamTrack> {
  return await open('microphone', (deviceId) => ({
    audio: { ...device(deviceId), echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  }));
}

/** Opens the camera at 720p where it can; called only when the person turns it on. */
export async function openCamera(): Promise<MediaStreamTrack> {
  return await open('camera', (deviceId) => ({
    video: {
      ...device(deviceId),
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 30, max: 30 },
      ...(deviceId ? {} : { facingMode: 'user' }),
    },
  }));
}

export interface ScreenTracks {
  main: MediaStreamTrack;
  sound: MediaStreamTrack | null;
}

/** Whether this browser knows how to share a screen. Phones do not. */
export function knowsScreens(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function';
}

/** Whether a screen can be shared here. */
export function canShareScreen(): boolean {
  return knowsScreens() && frameAllows('display-capture');
}

/** Lets the person choose a screen or window. `null` when they changed their mind. */
export async function openScreen(): Promise<ScreenTracks | null> {
  try {
    const options = {
      video: { frameRate: { ideal: 15, max: 30 }, width: { max: 2560 }, height: { max: 1440 } },
      audio: screenSound(),
      selfBrowserSurface: 'exclude',
      surfaceSwitching: 'include',
      systemAudio: 'include',
    };
    const stream = await navigator.mediaDevices.getDisplayMedia(options);
    const video = stream.getVideoTracks()[0];
    if (!video) throw new CaptureError('failed');
    video.contentHint = 'detail';
    return { main: video, sound: stream.getAudioTracks()[0] ?? null };
  } catch (error) {
    const problem = problemOf(error, 'display-capture');
    if (problem === 'denied') return null; // the dialog was closed
    // Firefox on a Mac finds no screen where the system forbids to see it.
    throw new CaptureError(problem === 'missing' ? 'system' : problem);
  }
}

/** The class would hear itself in the sound of a whole screen: our own is left out, or at least cancelled as an echo. */
export function screenSound(): MediaTrackConstraints {
  const supported = navigator.mediaDevices.getSupportedConstraints?.() as
    (MediaTrackSupportedConstraints & { restrictOwnAudio?: boolean }) | undefined;
  const leavesOut = supported?.restrictOwnAudio === true;
  const constraints = { echoCancellation: !leavesOut, noiseSuppression: false, autoGainControl: false };
  return leavesOut ? ({ ...constraints, restrictOwnAudio: true } as MediaTrackConstraints) : constraints;
}

function device(deviceId: string | null): MediaTrackConstraints {
  return deviceId ? { deviceId: { exact: deviceId } } : {};
}

async function open(
  kind: 'microphone' | 'camera',
  constraints: (deviceId: string | null) => MediaStreamConstraints,
): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) throw new CaptureError('insecure');
  const wanted = choice(kind);
  try {
    return await first(constraints(wanted));
  } catch (error) {
    const problem = problemOf(error, kind);
    if (wanted === null || problem !== 'missing') throw new CaptureError(problem);
    // The chosen device is not plugged in today: any other is better than none. It is kept for when it is.
    try {
      return await first(constraints(null));
    } catch (again) {
      throw new CaptureError(problemOf(again, kind));
    }
  }
}

async function first(constraints: MediaStreamConstraints): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  const track = stream.getTracks()[0];
  if (!track) throw new CaptureError('failed');
  return track;
}

function problemOf(error: unknown, feature: Feature): CaptureProblem {
  if (error instanceof CaptureError) return error.problem;
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      // Chromium's words for a refusal of macOS or Windows; its own are 'Permission denied' and '… dismissed'.
      if (error instanceof DOMException && /\bsystem\b/i.test(error.message)) return 'system';
      return framePermission(feature) === 'yes' ? 'denied' : 'framed';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    default:
      return 'failed';
  }
}
