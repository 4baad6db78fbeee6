import { afterEach, expect, test, vi } from "vitest";

/** What the server does with each request. */
const server = vi.hoisted(() => {
  const made = { answer: async (): Promise<Response> => new Response("{}") };
  globalThis.fetch = () => made.answer();
  return made;
});

import { api, isPassing, newKey, read, Unreachable } from "../src/api/client";
import { wordsOf } from "../src/session/session";

afterEach(() => {
  vi.unstubAllGlobals();
});

test("a key is a UUID, also where the browser has no more than random bytes", () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const keys = Array.from({ length: 100 }, () => newKey()["Idempotency-Key"]);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(keys).size).toBe(100);
});

const brokenOff = () =>
  new Response(
    new ReadableStream({
      start(controller) {
        controller.error(new TypeError("network error"));
      },
    }),
  );

test.each([
  ["cannot be reached", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["answers too late", () => Promise.reject(new DOMException("timed out", "TimeoutError"))],
  ["breaks off in its answer", async () => brokenOff()],
])("a server that %s is asked again, and the person is told to look at the network", async (_, answer) => {
  server.answer = answer;
  const trouble = await read(api.GET("/v1/me")).catch((one: unknown) => one);
  expect(trouble).toBeInstanceOf(Unreachable);
  expect([isPassing(trouble), wordsOf(trouble)]).toEqual([
    true,
    "Server tidak dapat dihubungi. Periksa jaringan, lalu coba lagi.",
  ]);
});

test("a fault of the page is not asked again, and called by its name", () => {
  const trouble = new TypeError("x is not a function");
  expect(isPassing(trouble)).toBe(false);
  expect(wordsOf(trouble)).toContain("Halaman ini mengalami kesalahan: x is not a function.");
});
