import { openStream, type Stream, type StreamMessage } from "./stream";

const TOGETHER_MS = 50;
const AGAIN_MS = 1000;

/** Keeps something up to date: reads it when the stream begins (also anew), and again soon after each message, once for
 * messages that come together. One read ends before the next begins, so that an older answer never comes over a newer one;
 * a read that fails is tried again. `heard` is told each message at once, and `begun` each beginning.
 */
export function follow(
  path: string,
  readAgain: () => Promise<void>,
  heard?: (message: StreamMessage) => void,
  begun?: () => void,
): Stream {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  let wanted = false;
  let ended = false;
  const soon = (ms: number) => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => void attempt(), ms);
  };
  const attempt = async () => {
    wanted = reading;
    if (reading) return;
    reading = true;
    const again = await readAgain().then(
      () => wanted && TOGETHER_MS,
      () => AGAIN_MS,
    );
    reading = false;
    if (again) soon(again);
  };
  const stream = openStream(path, {
    ready: () => {
      begun?.();
      soon(0);
    },
    message: (_, data) => {
      heard?.(data as StreamMessage);
      soon(TOGETHER_MS);
    },
  });
  return {
    close() {
      ended = true;
      clearTimeout(timer);
      stream.close();
    },
  };
}

/** Does it until it succeeds or the returned function is called, such as reading a code list. */
export function untilDone(doing: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const attempt = () =>
    void doing().catch(() => {
      if (!ended) timer = setTimeout(attempt, AGAIN_MS);
    });
  attempt();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
