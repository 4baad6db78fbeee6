import { afterEach, expect, test, vi } from "vitest";
import { follow } from "../src/live/follow";
import { token } from "../src/session/token";

afterEach(() => {
  token.value = null;
  vi.unstubAllGlobals();
});

test("a message is no beginning of the stream", async () => {
  token.value = "token";
  let tries = 0;
  vi.stubGlobal("fetch", async () => {
    const message = { type: "sigap.CallReceived", subject: "c1", regency: "17.02", order: null };
    if (tries++ > 0) return new Promise(() => undefined);
    return new Response(`event: ready\ndata: {}\n\nevent: incident\ndata: ${JSON.stringify(message)}\n\n`);
  });
  const [heard, begun] = [vi.fn(), vi.fn()];
  const stream = follow("/v1/incidents/stream", async () => undefined, heard, begun);
  await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
  expect(begun).toHaveBeenCalledTimes(1);
  stream.close();
});
