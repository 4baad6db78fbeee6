import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream } from "../src/live/stream";
import { token } from "../src/session/token";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  vi.setSystemTime("1969-12-31"); // nobody signed in, so the token ends at 0: before that it is not renewed
  token.value = "token";
});
afterEach(() => {
  token.value = null;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("after an outage a stream that is alive is not connected anew", async () => {
  let away = true;
  let line: ReadableStreamDefaultController<Uint8Array> | undefined;
  const connected = vi.fn(async (_path: string, _options: RequestInit) => {
    if (away) throw new TypeError("broken line");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        line = controller;
      },
    });
    return new Response(body);
  });
  vi.stubGlobal("fetch", connected);
  const stream = openStream("/v1/queue/stream", { ready: () => undefined, message: () => undefined });
  await vi.advanceTimersByTimeAsync(20_000);
  away = false;
  await vi.advanceTimersByTimeAsync(1000);
  const tries = connected.mock.calls.length;
  for (let seconds = 0; seconds < 60; seconds += 15) {
    line?.enqueue(new TextEncoder().encode(": alive\n\n"));
    await new Promise((resolve) => setImmediate(resolve)); // the text passes the decoder
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect(connected.mock.calls.length).toBe(tries);
  expect(connected.mock.lastCall?.[1].signal?.aborted).toBe(false);
  stream.close();
});
