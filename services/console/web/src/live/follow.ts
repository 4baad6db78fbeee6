import { computed, signal } from "@preact/signals";
import { now } from "../i18n/times";
import { serverNow } from "../session/clock";
import { openStream, type Stream, type StreamMessage } from "./stream";

const TOGETHER_MS = 50;
const AGAIN_MS = 1000;

/** The pause of what many messages concern, such as each row of a board. */
export const SELDOM_MS = 200;

/** How long a reading may fail before the person is told. */
const SAID_AFTER_MS = 5000;

/** What cannot be read at present, with the moment since when, by the server's clock. */
const failing = signal<ReadonlyMap<object, number>>(new Map());

/** Since when something on the screen cannot be read, by the server's clock in milliseconds since 1970; null: all can. */
export const unreadableSince = computed<number | null>(() => {
  const oldest = Math.min(...failing.value.values());
  return Number.isFinite(oldest) && now.value - oldest >= SAID_AFTER_MS ? oldest : null;
});

function noteFailing(what: object, fails: boolean): void {
  if (failing.peek().has(what) === fails) return;
  const next = new Map(failing.peek());
  if (fails) next.set(what, serverNow());
  else next.delete(what);
  failing.value = next;
}

/** Something that is read again and again, such as a list. */
export interface Fresh {
  /** It has changed: it is read at once, or as soon as the present reading has ended. */
  renew(): void;
  stop(): void;
}

/** Reads again what has changed. Messages that come together lead to one reading. One reading ends before the next begins,
 * so that an older answer never comes over a newer one; between two lies a pause as long as the first took, at most
 * TOGETHER_MS, or the longer `pauseMs` of what many messages concern and few people wait for. A reading that fails is tried
 * again, and `unreadableSince` says so.
 */
export function fresh(readAgain: () => Promise<void>, pauseMs = 0): Fresh {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  let wanted = false;
  let stopped = false;
  const attempt = async () => {
    timer = undefined;
    wanted = false;
    reading = true;
    const began = performance.now();
    const pause = await readAgain().then(
      () => {
        noteFailing(readAgain, false);
        return Math.max(pauseMs, Math.min(performance.now() - began, TOGETHER_MS));
      },
      () => {
        if (!stopped) noteFailing(readAgain, true);
        wanted = true;
        return AGAIN_MS;
      },
    );
    reading = false;
    if (wanted && !stopped) timer = setTimeout(() => void attempt(), pause);
  };
  return {
    renew() {
      if (wanted) return;
      wanted = true;
      // No timer: a browser slows timers of a hidden tab down. Here all messages of one piece of the stream are heard.
      queueMicrotask(() => {
        if (wanted && !reading && timer === undefined && !stopped) void attempt();
      });
    },
    stop() {
      stopped = true;
      noteFailing(readAgain, false);
      clearTimeout(timer);
    },
  };
}

/** Keeps something up to date: reads it when the stream begins (also anew), and again after each message. `heard` is told
 * each message at once, and `begun` each beginning.
 */
export function follow(
  path: string,
  readAgain: () => Promise<void>,
  heard?: (message: StreamMessage) => void,
  begun?: () => void,
): Stream {
  const read = fresh(readAgain);
  const stream = openStream(path, {
    ready: () => {
      begun?.();
      read.renew();
    },
    message: (_, data) => {
      heard?.(data as StreamMessage);
      read.renew();
    },
  });
  return {
    close() {
      read.stop();
      stream.close();
    },
  };
}

/** Follows one stream for several things that are read: all of them when it begins (also anew), and after a message those
 * that it concerns.
 */
export function followFor(
  path: string,
  all: readonly Fresh[],
  concerned: (message: StreamMessage) => readonly Fresh[],
): Stream {
  const renew = (some: readonly Fresh[]) => {
    for (const one of some) one.renew();
  };
  const stream = openStream(path, {
    ready: () => renew(all),
    message: (_, data) => renew(concerned(data as StreamMessage)),
  });
  return {
    close() {
      for (const one of all) one.stop();
      stream.close();
    },
  };
}

/** Reads at once, and again each `everyMs`, for what has no stream. Returns what ends it. */
export function regularly(readAgain: () => Promise<void>, everyMs: number): () => void {
  const read = fresh(readAgain);
  read.renew();
  const timer = setInterval(() => read.renew(), everyMs);
  return () => {
    clearInterval(timer);
    read.stop();
  };
}

/** Does it until it succeeds or the returned function is called, such as reading a code list. */
export function untilDone(doing: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const attempt = () =>
    void doing().then(
      () => noteFailing(doing, false),
      () => {
        if (ended) return;
        noteFailing(doing, true);
        timer = setTimeout(attempt, AGAIN_MS);
      },
    );
  attempt();
  return () => {
    ended = true;
    noteFailing(doing, false);
    clearTimeout(timer);
  };
}
