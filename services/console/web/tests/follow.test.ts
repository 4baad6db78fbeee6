import { afterEach, expect, test, vi } from "vitest";
import { now } from "../src/i18n/times";
import { follow, fresh, unreadableSince } from "../src/live/follow";
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

/** All that was begun is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Readings that end when they are told to. */
function readings() {
  const ends: ((outcome: "done" | "failed") => void)[] = [];
  const running = { now: 0, most: 0 };
  const read = () => {
    running.now++;
    running.most = Math.max(running.most, running.now);
    return new Promise<void>((resolve, reject) => {
      ends.push((outcome) => {
        running.now--;
        if (outcome === "done") resolve();
        else reject(new TypeError("broken line"));
      });
    });
  };
  return { ends, read, running };
}

test("what changes is read at once, and what changes together is read once", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { ends, read } = readings();
  const list = fresh(read);
  for (let message = 0; message < 5; message++) list.renew();
  await settled();
  expect(ends).toHaveLength(1); // no timer has run
  vi.useRealTimers();
  list.stop();
});

test("messages without end do not put a reading off, and readings do not overlap", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const { ends, read, running } = readings();
  const list = fresh(read);
  for (let ms = 0; ms < 400; ms += 10) {
    list.renew();
    await settled();
    if (ms % 40 === 30 && running.now > 0) ends.at(-1)?.("done");
    await settled();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(running.most).toBe(1);
  expect(ends.length).toBeGreaterThanOrEqual(4);
  vi.useRealTimers();
  list.stop();
});

test("a reading that failed is tried again, and none after the end", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { ends, read } = readings();
  const list = fresh(read);
  list.renew();
  await settled();
  ends[0]?.("failed");
  await settled();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ends).toHaveLength(2);
  ends[1]?.("failed");
  await settled();
  list.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(ends).toHaveLength(2);
  vi.useRealTimers();
});

test("what cannot be read for some seconds is said, and no more once it was read or is left", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  const began = Date.now();
  let away = true;
  const lists = [0, 1].map(() => fresh(async () => (away ? Promise.reject(new Error("503")) : undefined)));
  for (const list of lists) list.renew();
  const after = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
    now.value = Date.now();
    return unreadableSince.value;
  };
  expect(await after(3000)).toBeNull();
  expect(await after(3000)).toBe(began);
  lists[1]?.stop();
  expect(await after(0)).toBe(began);
  away = false;
  expect(await after(1000)).toBeNull();
  vi.useRealTimers();
  lists[0]?.stop();
});
