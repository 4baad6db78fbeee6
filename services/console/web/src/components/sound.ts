import { useEffect } from "preact/hooks";

/** Sounds without files. A pattern is one buffer that repeats by itself: it needs no timer, which browsers slow down in a
 * hidden tab.
 */
type Sound = "ring" | "alarm";

interface Pattern {
  seconds: number;
  /** Start and end in seconds, and the frequency. */
  tones: readonly (readonly [number, number, number])[];
}

const PATTERNS: Record<Sound, Pattern> = {
  ring: {
    seconds: 3,
    tones: [
      [0, 0.4, 440],
      [0, 0.4, 480],
      [0.6, 1, 440],
      [0.6, 1, 480],
    ],
  },
  alarm: {
    seconds: 2,
    tones: [
      [0, 0.25, 880],
      [0.35, 0.6, 660],
    ],
  },
};

let context: AudioContext | null = null;
const playing = new Map<Sound, AudioBufferSourceNode>();

/** Begins the sound, until `silence`. A browser lets it sound once the person has pressed something on the page. */
export function sound(which: Sound): void {
  if (playing.has(which) || typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  void context.resume();
  const source = context.createBufferSource();
  source.buffer = bufferOf(context, PATTERNS[which]);
  source.loop = true;
  source.connect(context.destination);
  source.start();
  playing.set(which, source);
  document.documentElement.dataset.sound = [...playing.keys()].join(" ");
}

export function silence(which: Sound): void {
  playing.get(which)?.stop();
  playing.delete(which);
  document.documentElement.dataset.sound = [...playing.keys()].join(" ");
}

/** The sound, as long as the component is shown and `on`. */
export function useSound(which: Sound, on: boolean): void {
  useEffect(() => {
    if (!on) return;
    sound(which);
    return () => silence(which);
  }, [which, on]);
}

function bufferOf(context: AudioContext, pattern: Pattern): AudioBuffer {
  const buffer = context.createBuffer(1, pattern.seconds * context.sampleRate, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (const [from, to, frequency] of pattern.tones) {
    for (let place = Math.floor(from * context.sampleRate); place < to * context.sampleRate; place++) {
      samples[place] = (samples[place] ?? 0) + 0.15 * Math.sin((2 * Math.PI * frequency * place) / context.sampleRate);
    }
  }
  return buffer;
}
