import type { Options } from './options';

const ALLOW =
  'autoplay; camera; clipboard-write; compute-pressure; display-capture; fullscreen; hid; microphone; screen-wake-lock; speaker-selection';

function size(value: number | string | undefined): string {
  if (value === undefined) return '100%';
  return typeof value === 'number' || /^\d+$/.test(value) ? `${value}px` : value;
}

/** The element that the room stands in; it is empty, and not in the page yet. */
export function makeFrame(id: number, options: Options): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.allow = ALLOW;
  frame.allowFullscreen = true;
  frame.name = `jitsiConferenceFrame${id}`;
  frame.id = frame.name;
  frame.title = options.roomName ?? 'Video';
  frame.style.border = '0';
  frame.style.width = size(options.width);
  frame.style.height = size(options.height);
  if (options.sandbox) frame.setAttribute('sandbox', options.sandbox);
  if (options.onload) frame.addEventListener('load', options.onload);
  return frame;
}
