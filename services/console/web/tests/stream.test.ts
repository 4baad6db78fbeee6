import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream } from "../src/live/stream";
import { expired, token } from "../src/session/token";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  vi.setSystemTime("1969-12-31"); // nobody signed in, so the token ends at 0: before that it is not renewed
  token.value = "token";
});
afterEach(() => {
  token.value = null;
  expired.value = false;
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

const refused = () => new Response(null, { status: 401 });
const ended = () => new Response("event: expired\ndata: {}\n\n");

test.each([
  ["refused", refused],
  ["ended", ended],
])("a stream whose token is %s connects anew if another has been taken meanwhile", async (_, answer) => {
  const used: (string | null)[] = [];
  vi.stubGlobal("fetch", async (_path: string, options: RequestInit) => {
    used.push(new Headers(options.headers).get("Authorization"));
    if (used.length > 1) return new Promise(() => undefined);
    token.value = "renewed";
    return answer();
  });
  const stream = openStream("/v1/queue/stream", { ready: () => undefined, message: () => undefined });
  await vi.waitFor(() => expect(used).toEqual(["Bearer token", "Bearer renewed"]), 4000);
  expect(expired.value).toBe(false);
  stream.close();
});

test.each([
  ["refused", refused],
  ["ended", ended],
])("if the token of a stream is %s and is still the newest, the session is over", async (_, answer) => {
  vi.stubGlobal("fetch", async () => answer());
  const stream = openStream("/v1/queue/stream", { ready: () => undefined, message: () => undefined });
  await vi.waitFor(() => expect(expired.value).toBe(true));
  stream.close();
});
