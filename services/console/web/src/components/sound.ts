import { signal } from "@preact/signals";
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

let made: AudioContext | null = null;
const playing = new Map<Sound, AudioBufferSourceNode>();

/** Whether the browser keeps the page silent: until the person has pressed something on it, such as after a way to a provider. */
export const isMuted = signal(false);

/** Asks the browser to let the page sound. It does so if the person has just pressed something. */
export function unmute(): void {
  if (made?.state === "suspended") void made.resume();
}

/** Makes ready to sound, so that a person is told before the first ring if nothing would be heard. Returns what ends it. */
export function getReady(): () => void {
  if (typeof AudioContext === "undefined") return () => undefined;
  context();
  const presses = ["keydown", "pointerdown"] as const;
  for (const press of presses) addEventListener(press, unmute, true);
  return () => {
    for (const press of presses) removeEventListener(press, unmute, true);
    isMuted.value = false;
  };
}

function context(): AudioContext {
  if (made === null) {
    made = new AudioContext();
    made.onstatechange = tell;
  }
  unmute();
  tell();
  return made;
}

/** Says what is heard. */
function tell(): void {
  isMuted.value = made !== null && made.state !== "running";
  document.documentElement.dataset.sound = isMuted.value ? "" : [...playing.keys()].join(" ");
}

/** Begins the sound, until `silence`. A browser lets it sound once the person has pressed something on the page. */
export function sound(which: Sound): void {
  if (playing.has(which) || typeof AudioContext === "undefined") return;
  const speaker = context();
  const source = speaker.createBufferSource();
  source.buffer = bufferOf(speaker, PATTERNS[which]);
  source.loop = true;
  source.connect(speaker.destination);
  source.start();
  playing.set(which, source);
  tell();
}

export function silence(which: Sound): void {
  playing.get(which)?.stop();
  playing.delete(which);
  tell();
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
