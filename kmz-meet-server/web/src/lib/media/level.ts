/** Loudness of a track, for the bar that shows that the microphone works. */
export interface Meter {
  stop(): void;
}

/** Calls `show` with a level from 0 to 1 about twelve times a second. */
export function meter(track: MediaStreamTrack, show: (level: number) => void): Meter {
  const context = new AudioContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  void context.resume();
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    show(loudness(samples));
  }, 80);
  return {
    stop() {
      clearInterval(timer);
      source.disconnect();
      void context.close();
    },
  };
}

/** From quiet (-60 dB and less: 0) to very loud (-6 dB and more: 1). */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-12);
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}

/** Three short notes, for trying the speakers. */
export async function playNotes(): Promise<void> {
  const context = new AudioContext();
  await context.resume();
  [523, 659, 784].forEach((pitch, index) => {
    const tone = context.createOscillator();
    const gain = context.createGain();
    const at = context.currentTime + 0.05 + index * 0.35;
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.25, at + 0.03);
    gain.gain.linearRampToValueAtTime(0, at + 0.3);
    tone.connect(gain).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.32);
  });
  await new Promise((resolve) => setTimeout(resolve, 1300));
  await context.close();
}
