import { beforeEach, expect, test, vi } from "vitest";

/** What the server hears, and what it does with each request. */
const server = vi.hoisted(() => {
  const made = { keys: [] as (string | null)[], answer: (): Response => new Response("{}") };
  globalThis.fetch = async (asked) => {
    made.keys.push((asked as Request).headers.get("Idempotency-Key"));
    return made.answer();
  };
  return made;
});

import { act, api } from "../src/api/client";
import { late, onTheirWay } from "../src/api/wishes";

const call = (drill: boolean) =>
  act((header) =>
    api.POST("/v1/calls", { params: { header }, body: { regency: "99.81", channel: "telephone", drill } }),
  );
const away = () => new Response("", { status: 503 });

beforeEach(() => {
  vi.useFakeTimers();
  server.keys = [];
  server.answer = () => Response.json({});
});

test("a second press of what is on its way is no second fact", async () => {
  server.answer = away;
  const both = [call(true), call(true)];
  await vi.advanceTimersByTimeAsync(100);
  server.answer = () => Response.json({});
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all(both);
  expect(server.keys.length).toBeGreaterThan(2);
  expect(new Set(server.keys).size).toBe(1);
});

test("what is wanted a second time after something else is a second fact, also on a slow line", async () => {
  server.answer = away;
  const all = [call(true), call(false), call(true)];
  await vi.advanceTimersByTimeAsync(2000);
  expect([new Set(server.keys).size, onTheirWay.value.size, late.value.size]).toEqual([3, 3, 3]);
  server.answer = () => Response.json({});
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all(all);
  expect([new Set(server.keys).size, onTheirWay.value.size]).toEqual([3, 0]);
});

test("what is wanted again after some seconds is a second fact", async () => {
  server.answer = away;
  const all = [call(true)];
  await vi.advanceTimersByTimeAsync(6000);
  all.push(call(true));
  server.answer = () => Response.json({});
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all(all);
  expect(new Set(server.keys).size).toBe(2);
});

test("presses of one fact are one that is on its way, until the last of them is answered", async () => {
  server.answer = away;
  const both = [call(true), call(true)];
  await vi.advanceTimersByTimeAsync(2000);
  expect([onTheirWay.value.size, late.value.size]).toEqual([1, 1]);
  server.answer = () => Response.json({});
  await vi.advanceTimersByTimeAsync(10_000);
  await Promise.all(both);
  expect([onTheirWay.value.size, late.value.size]).toEqual([0, 0]);
});

test("another wish on its way, and the same one after the answer, have keys of their own", async () => {
  await Promise.all([call(true), call(false)]);
  await call(true);
  expect(new Set(server.keys).size).toBe(3);
});

test("a wish that is on its way for more than a second is said until its answer comes", async () => {
  server.answer = away;
  const wanted = call(true);
  await vi.advanceTimersByTimeAsync(900);
  expect(late.value.size).toBe(0);
  await vi.advanceTimersByTimeAsync(200);
  expect(late.value.size).toBe(1);
  server.answer = () => Response.json({});
  await vi.advanceTimersByTimeAsync(10_000);
  await wanted;
  expect(late.value.size).toBe(0);
});
