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

/** A host that answers with several streams at once, as it is told to. */
function host() {
  const asked: URL[] = [];
  const lines: ReadableStreamDefaultController<Uint8Array>[] = [];
  vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
    asked.push(new URL(path, "http://sigap.test"));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        lines.push(controller);
        options.signal?.addEventListener("abort", () => controller.error(new DOMException("left", "AbortError")));
      },
    });
    return new Response(body);
  });
  const say = async (stream: string, event: string, data: object, id = "") => {
    const of = `event: of\ndata: ${JSON.stringify({ stream })}\n\n`;
    const message = `event: ${event}\ndata: ${JSON.stringify(data)}\n${id && `id: ${id}\n`}\n`;
    lines.at(-1)?.enqueue(new TextEncoder().encode(of + message));
    await settled();
  };
  /** A comment of a stream, as the server sends one if there is nothing else to say. */
  const beat = async (stream: string) => {
    const of = `event: of\ndata: ${JSON.stringify({ stream })}\n\n`;
    lines.at(-1)?.enqueue(new TextEncoder().encode(`${of}: heartbeat\n\n`));
    await settled();
  };
  const askedSince = (first: number) =>
    asked.slice(first).map((one) => [one.pathname, ...one.searchParams.getAll("of")]);
  return { asked, askedSince, say, beat };
}

const settled = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A listener that notes what it hears. */
function ear() {
  const heard: string[] = [];
  return { heard, ready: () => void heard.push("ready"), message: (name: string) => void heard.push(name) };
}

test("the streams of a page share one connection, and each goes on where it was when another one opens", async () => {
  const { asked, say } = host();
  const [queue, room, drafts] = [ear(), ear(), ear()];
  const streams = [openStream("/v1/queue/stream", queue), openStream("/v1/presence/stream", room)];
  await settled();
  expect(asked.map((one) => one.pathname)).toEqual(["/v1/joint/stream"]);
  await say("/v1/queue/stream", "ready", {}, "0.4");
  await say("/v1/queue/stream", "CallReceived", {}, "0.5");
  await say("/v1/presence/stream", "PresenceChanged", {});
  streams.push(openStream("/v1/calls/c1/drafts/stream", drafts));
  await settled();
  expect(asked[1]?.searchParams.getAll("of")).toEqual([
    "/v1/queue/stream",
    "/v1/presence/stream",
    "/v1/calls/c1/drafts/stream",
  ]);
  expect(asked[1]?.searchParams.getAll("after")).toEqual(["0.5", "", ""]);
  await say("/v1/calls/c1/drafts/stream", "draft", {});
  expect([queue.heard, room.heard, drafts.heard]).toEqual([["ready", "CallReceived"], ["PresenceChanged"], ["draft"]]);
  for (const one of streams) one.close();
  await settled();
});

test("a stream that ends in the joint connection tries again by itself, and is there again once it is answered", async () => {
  const { askedSince, say } = host();
  const [queue, blocks, room] = [ear(), ear(), ear()];
  const streams = [
    openStream("/v1/queue/stream", queue),
    openStream("/v1/blocks/stream", blocks),
    openStream("/v1/presence/stream", room),
  ];
  await settled();
  await say("/v1/blocks/stream", "ended", { status: 429, retry_after: 7 });
  const others = ["/v1/joint/stream", "/v1/queue/stream", "/v1/presence/stream"];
  expect(askedSince(1)).toEqual([others]);
  await vi.advanceTimersByTimeAsync(6900);
  expect(askedSince(2)).toEqual([]);
  await vi.advanceTimersByTimeAsync(100);
  expect(askedSince(2)).toEqual([["/v1/blocks/stream"]]);
  await say("/v1/blocks/stream", "ready", {});
  const all = ["/v1/joint/stream", "/v1/queue/stream", "/v1/blocks/stream", "/v1/presence/stream"];
  expect(askedSince(3)).toEqual([all]);
  expect(blocks.heard).toEqual(["ready"]);

  await say("/v1/blocks/stream", "ended", { status: 503, retry_after: 1 });
  await vi.advanceTimersByTimeAsync(1000);
  await say("/v1/blocks/stream", "ready", {});
  expect(askedSince(4)).toEqual([others, ["/v1/blocks/stream"]]);
  for (const one of streams) one.close();
  await settled();
});

test("a stream of a joint connection that is silent is connected anew, though the others are alive", async () => {
  const { asked, beat } = host();
  const streams = ["/v1/queue/stream", "/v1/presence/stream"].map((path) => openStream(path, ear()));
  await settled();
  for (let seconds = 0; seconds < 60; seconds += 15) {
    await beat("/v1/queue/stream");
    await beat("/v1/presence/stream");
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect(asked.length).toBe(1);
  for (let seconds = 0; seconds < 30; seconds += 15) {
    await beat("/v1/queue/stream");
    await vi.advanceTimersByTimeAsync(15_000);
  }
  await vi.advanceTimersByTimeAsync(1000);
  await settled();
  expect(asked.length).toBe(2);
  for (const one of streams) one.close();
  await settled();
});

test("if the token of one stream has ended, the whole joint connection goes on with the new one at once", async () => {
  const { askedSince, say } = host();
  const streams = ["/v1/queue/stream", "/v1/calls/c1/drafts/stream"].map((path) => openStream(path, ear()));
  await settled();
  token.value = "renewed";
  await say("/v1/queue/stream", "expired", {});
  await vi.advanceTimersByTimeAsync(1000);
  expect(askedSince(1)).toEqual([["/v1/joint/stream", "/v1/queue/stream", "/v1/calls/c1/drafts/stream"]]);
  for (const one of streams) one.close();
  await settled();
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
