// What is measured inside the page of who watches. Functions are sent to the browser as text, so they may use nothing from
// outside themselves.

/** Begins to note, twice a second, what the browser tells of the picture and the voice of `name`, and when each frame is shown. */
export function begin(name) {
  const watched = { samples: [], frames: [] };
  globalThis.__line = watched;
  const followed = new WeakSet();
  const follow = () => {
    for (const video of globalThis.__e2e.videosOf(name)) {
      if (followed.has(video)) continue;
      followed.add(video);
      const again = () => {
        watched.frames.push({ at: Date.now(), height: video.videoHeight, width: video.videoWidth });
        video.requestVideoFrameCallback(again);
      };
      video.requestVideoFrameCallback(again);
    }
  };
  const sample = async () => {
    follow();
    const one = { at: Date.now(), audio: { total: 0, concealed: 0, silent: 0 }, video: { decoded: 0, bytes: 0, freezes: 0 }, rtt: null };
    for (const connection of globalThis.__e2e.connections) {
      if (connection.connectionState === 'closed') continue;
      const stats = [...(await connection.getStats()).values()];
      for (const stat of stats) {
        if (stat.type === 'inbound-rtp' && stat.kind === 'audio' && stat.packetsReceived > 0) {
          one.audio.total += stat.totalSamplesReceived ?? 0;
          one.audio.concealed += stat.concealedSamples ?? 0;
          one.audio.silent += stat.silentConcealedSamples ?? 0;
          one.audio.lost = (one.audio.lost ?? 0) + (stat.packetsLost ?? 0);
          one.audio.fec = (one.audio.fec ?? 0) + (stat.fecPacketsReceived ?? 0);
          one.audio.buffer = (stat.jitterBufferDelay ?? 0) / Math.max(1, stat.jitterBufferEmittedCount ?? 0);
          one.audio.target = (stat.jitterBufferTargetDelay ?? 0) / Math.max(1, stat.jitterBufferEmittedCount ?? 0);
        }
        if (stat.type === 'inbound-rtp' && stat.kind === 'video' && stat.packetsReceived > 0) {
          one.video.decoded += stat.framesDecoded ?? 0;
          one.video.bytes += stat.bytesReceived ?? 0;
          one.video.freezes += stat.freezeCount ?? 0;
        }
        const isUsed = stat.type === 'candidate-pair' && (stat.nominated || stat.selected) && stat.state === 'succeeded';
        if (isUsed && stat.currentRoundTripTime !== undefined) one.rtt = stat.currentRoundTripTime;
      }
    }
    watched.samples.push(one);
  };
  watched.timer = setInterval(() => void sample(), 500);
}

/** Waits until the picture of `name` is `height` lines high: connections begin with small pictures. False: it did not come. */
export async function grows(name, height, ms) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    if (globalThis.__e2e.videosOf(name).some((video) => video.videoHeight >= height)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Ends it and gives what was noted. */
export function end() {
  const { samples, frames, timer } = globalThis.__line;
  clearInterval(timer);
  return { samples, frames };
}

/** What the browser sends: per encoding the size, the frames a second and the bits, and what it thinks the line carries. */
export async function sends() {
  const told = [];
  for (const connection of globalThis.__e2e.connections) {
    if (connection.connectionState === 'closed') continue;
    for (const stat of (await connection.getStats()).values()) {
      if (stat.type === 'outbound-rtp' && stat.kind === 'video') {
        const { rid, active, frameHeight, framesPerSecond, targetBitrate, qualityLimitationReason, bytesSent } = stat;
        told.push({ rid, active, frameHeight, framesPerSecond, targetBitrate, qualityLimitationReason, bytesSent });
      }
      if (stat.type === 'candidate-pair' && stat.nominated && stat.availableOutgoingBitrate) told.push({ available: stat.availableOutgoingBitrate });
    }
  }
  return told;
}

const mean = (list) => (list.length ? list.reduce((sum, one) => sum + one, 0) / list.length : 0);
const round = (number, digits = 1) => Math.round(number * 10 ** digits) / 10 ** digits;

/** How the samples of each second between two moments were. */
function seconds({ samples, frames }, from, to) {
  const list = [];
  for (let start = from; start + 1_000 <= to; start += 1_000) {
    const end = start + 1_000;
    const at = (moment) => samples.findLast((one) => one.at <= moment + 250) ?? samples[0];
    const [before, after] = [at(start), at(end)];
    const shown = frames.filter((one) => one.at >= start && one.at < end);
    const samplesHeard = after.audio.total - before.audio.total;
    list.push({
      fps: shown.length,
      height: shown.at(-1)?.height ?? 0,
      concealed: samplesHeard > 0 ? Math.max(0, after.audio.concealed - before.audio.concealed) / samplesHeard : 1,
      rtt: after.rtt,
    });
  }
  return list;
}

/** Stops of the picture, as the statistics of WebRTC define a freeze: longer than three usual frames, and 150 ms more than one. */
export function freezes(frames, from, to) {
  const shown = frames.filter((one) => one.at >= from && one.at <= to).map((one) => one.at);
  const moments = [from, ...shown, to];
  const gaps = moments.slice(1).map((at, index) => at - moments[index]);
  return gaps.filter((gap, index) => {
    const usual = mean(gaps.slice(Math.max(0, index - 30), index)) || 50;
    return gap > Math.max(3 * usual, usual + 150);
  });
}

/** The line of a table for what was noted between `bad` and `clear`, when the line was bad, and after it. */
export function summary(noted, { bad, clear, over }) {
  const settled = (list, holds) => {
    const first = list.findIndex((_, index) => list.slice(index, index + 3).every(holds));
    return first < 0 ? null : first;
  };
  const before = seconds(noted, bad - 4_000, bad);
  const during = seconds(noted, bad, clear);
  const after = seconds(noted, clear, over);
  const usual = { height: mode(before.map((one) => one.height)), fps: mean(before.map((one) => one.fps)) };
  const later = during.slice(2);
  const stops = freezes(noted.frames, bad, clear);
  const lateStops = freezes(noted.frames, bad + 2_000, clear);
  const rtts = during.slice(2).flatMap((one) => (one.rtt === null ? [] : [1_000 * one.rtt])).sort((a, b) => a - b);
  const shares = (list) => round(100 * mean(list.map((one) => one.concealed)), 2);
  return {
    before: { height: usual.height, fps: round(usual.fps), concealed_percent: shares(before) },
    concealed_percent: shares(during),
    concealed_after_2s_percent: shares(later),
    fps: round(mean(later.map((one) => one.fps))),
    height: mode(later.map((one) => one.height)),
    seconds_at_height: count(later.map((one) => one.height)),
    freezes: stops.length,
    freezes_after_2s: lateStops.length,
    longest_freeze_ms: Math.max(0, ...stops),
    longest_freeze_after_2s_ms: Math.max(0, ...lateStops),
    round_trip_ms: { p50: Math.round(rtts[Math.floor(rtts.length / 2)] ?? 0), max: Math.round(rtts.at(-1) ?? 0) },
    settled_after_s: settled(during, (one) => one.fps >= 15 && one.concealed <= 0.01),
    recovered_after_s: settled(after, (one) => one.height >= usual.height && one.fps >= 0.6 * usual.fps),
  };
}

function count(list) {
  const found = {};
  for (const one of list) found[one] = (found[one] ?? 0) + 1;
  return found;
}

const mode = (list) => Number(Object.entries(count(list)).sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0);
