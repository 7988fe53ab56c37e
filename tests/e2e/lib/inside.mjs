// What runs inside the page. Each function is sent to the browser as text, so it may use nothing from outside itself.

/** Before the page's own scripts: keeps what tests ask for later. Changes nothing that the page can see. */
export function watch() {
  const label = (element) =>
    element.getAttribute('aria-label') ??
    (element.getAttribute('aria-labelledby') ?? '')
      .split(/\s+/)
      .map((id) => (id && document.getElementById(id)?.textContent) || '')
      .join(' ');
  const seen = {
    violations: [],
    connections: [],
    streams: new Set(),
    announced: [],
    /** The pictures inside something that is labelled with this person's name. */
    videosOf: (name) =>
      [...document.querySelectorAll('video')].filter((video) => {
        for (let at = video.parentElement; at; at = at.parentElement) if (label(at).includes(name)) return true;
        return false;
      }),
  };
  Object.defineProperty(globalThis, '__e2e', { value: seen });
  document.addEventListener('securitypolicyviolation', (event) => {
    seen.violations.push(`${event.violatedDirective}: ${event.blockedURI || event.sourceFile}`);
  });
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...options) {
      super(...options);
      seen.connections.push(this);
    }
  };
  // Sound may be played by elements that are not in the document.
  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...source,
    set(stream) {
      seen.streams.add(this);
      source.set.call(this, stream);
    },
  });
  const note = (region) => {
    const text = region.textContent.trim();
    if (text) seen.announced.push({ at: Date.now(), text });
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      const at = change.target.nodeType === 1 ? change.target : change.target.parentElement;
      const region = at?.closest('[aria-live], [role=status], [role=alert], [role=log]');
      if (region) note(region);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

/**
 * Whether the picture of `name` is really decoded: at least `frames` new frames arrive within `ms`, and what is seen
 * is not black. Answers what was found, so that a failure says which of the two is missing.
 */
export async function decodes(name, frames, ms) {
  const brightest = (video) => {
    const canvas = document.createElement('canvas');
    canvas.width = 32;
    canvas.height = 32;
    const paper = canvas.getContext('2d');
    paper.drawImage(video, 0, 0, 32, 32);
    return Math.max(...paper.getImageData(0, 0, 32, 32).data.filter((_, index) => index % 4 !== 3));
  };
  const counted = new Map();
  const follow = (video) => {
    if (counted.has(video)) return;
    counted.set(video, 0);
    const again = () => {
      counted.set(video, counted.get(video) + 1);
      video.requestVideoFrameCallback(again);
    };
    video.requestVideoFrameCallback(again);
  };
  const end = performance.now() + ms;
  let light = 0;
  while (performance.now() < end) {
    for (const video of globalThis.__e2e.videosOf(name)) {
      follow(video);
      if (counted.get(video) >= frames && video.checkVisibility?.() !== false) {
        light = Math.max(light, brightest(video));
        if (light > 24) {
          return { ok: true, frames: counted.get(video), light, width: video.videoWidth, height: video.videoHeight };
        }
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { ok: false, videos: globalThis.__e2e.videosOf(name).length, frames: [...counted.values()], light };
}

/** Frames of the picture of `name` that arrive during `ms`. */
export async function framesDuring(name, ms) {
  let frames = 0;
  for (const video of globalThis.__e2e.videosOf(name)) {
    const again = () => {
      frames += 1;
      video.requestVideoFrameCallback(again);
    };
    video.requestVideoFrameCallback(again);
  }
  await new Promise((resolve) => setTimeout(resolve, ms));
  return frames;
}

/** Bytes of pictures that this page sends during `ms`. */
export async function pictureBytesDuring(ms) {
  const sent = async () => {
    let bytes = 0;
    for (const connection of globalThis.__e2e.connections) {
      if (connection.connectionState === 'closed') continue;
      for (const one of (await connection.getStats()).values()) {
        if (one.type === 'outbound-rtp' && one.kind === 'video') bytes += one.bytesSent ?? 0;
      }
    }
    return bytes;
  };
  const before = await sent();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (await sent()) - before;
}

/**
 * The loudest half second, during up to `ms`, of what is decoded and played: the energy that the browser itself measures, of
 * tracks that an element plays, unmuted. (A Web Audio meter would need a sound card in Firefox.)
 */
export async function loudness(threshold, ms) {
  const played = () => {
    const tracks = new Set();
    for (const element of globalThis.__e2e.streams) {
      if (element.paused || element.muted || element.volume === 0) continue;
      for (const track of element.srcObject?.getAudioTracks() ?? []) if (track.readyState === 'live') tracks.add(track.id);
    }
    return tracks;
  };
  // A connection that is closed meanwhile may never answer.
  const statsOf = (connection) =>
    new Promise((resolve, reject) => {
      const look = setInterval(() => connection.connectionState === 'closed' && resolve(new Map()), 200);
      connection.getStats().then(resolve, reject).finally(() => clearInterval(look));
    });
  const energies = async () => {
    const found = new Map();
    const tracks = played();
    for (const connection of globalThis.__e2e.connections) {
      if (connection.connectionState === 'closed') continue;
      for (const one of (await statsOf(connection)).values()) {
        if (one.type !== 'inbound-rtp' || one.kind !== 'audio' || !tracks.has(one.trackIdentifier)) continue;
        found.set(one.trackIdentifier, { energy: one.totalAudioEnergy ?? 0, seconds: one.totalSamplesDuration ?? 0 });
      }
    }
    return found;
  };
  const end = performance.now() + ms;
  let before = await energies();
  let loudest = 0;
  while (performance.now() < end && loudest < threshold) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await energies();
    for (const [track, { energy, seconds }] of now) {
      const past = before.get(track) ?? { energy: 0, seconds: 0 };
      if (seconds > past.seconds) loudest = Math.max(loudest, Math.sqrt((energy - past.energy) / (seconds - past.seconds)));
    }
    before = now;
  }
  return { loudest, playing: before.size };
}

/** What has the focus: its name as read aloud, its role, whether it can be seen and is marked. */
export function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return { name: '', tag: 'body', window: document.hasFocus(), tabbable: false };
  const text = (id) => document.getElementById(id)?.textContent?.trim() ?? '';
  const name =
    (element.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean).map(text).join(' ') ||
    element.getAttribute('aria-label') ||
    [...(element.labels ?? [])].map((one) => one.textContent.trim()).join(' ') ||
    element.textContent.trim() ||
    element.getAttribute('title') ||
    '';
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const parent = element.parentElement ? getComputedStyle(element.parentElement) : style;
  // A ring may be drawn around the element or around what holds it (a labelled radio button, for example).
  const ring = (one) => (one.outlineStyle !== 'none' && parseFloat(one.outlineWidth) > 0) || one.boxShadow !== 'none';
  const at = document.elementFromPoint(
    Math.min(innerWidth - 1, Math.max(0, box.left + box.width / 2)),
    Math.min(innerHeight - 1, Math.max(0, box.top + box.height / 2)),
  );
  return {
    name: name.replace(/\s+/g, ' '),
    tag: element.tagName.toLowerCase(),
    /** False when the focus has left the page for the browser's own controls. */
    window: document.hasFocus(),
    /** Headings and the page itself may take the focus from a script; only what Tab reaches needs a mark. */
    tabbable: element.tabIndex >= 0,
    marked: ring(style) || ring(parent),
    visible: Boolean(at && (element.contains(at) || at.contains(element))),
  };
}
