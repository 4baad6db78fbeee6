import { openStream, type Stream, type StreamMessage } from "./stream";

const TOGETHER_MS = 50;
const AGAIN_MS = 1000;

/** Keeps something up to date: reads it when the stream begins (also anew), and again soon after each message, once for
 * messages that come together. A read that fails is tried again. `heard` is told each message at once.
 */
export function follow(path: string, readAgain: () => Promise<void>, heard?: (message: StreamMessage) => void): Stream {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const soon = (ms: number) => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(attempt, ms);
  };
  const attempt = () => void readAgain().catch(() => soon(AGAIN_MS));
  const stream = openStream(path, {
    ready: () => soon(0),
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
