import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { compareClocks, serverAhead, serverNow } from "../src/session/clock";

const HOUR_MS = 3_600_000;

/** An answer that the server sent at this moment of its own clock. */
const saidAt = (at: number) => new Response("", { headers: { Date: new Date(at).toUTCString() } });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-30T05:00:00.700Z") });
});
afterEach(() => {
  compareClocks(saidAt(Date.now()), Date.now());
  vi.useRealTimers();
});

test("a computer that is an hour ahead shows the server's time, within a second", () => {
  compareClocks(saidAt(Date.now() - HOUR_MS), Date.now() - 40);
  expect(Math.abs(serverNow() - (Date.now() - HOUR_MS))).toBeLessThanOrEqual(1000);
});

test("a time in whole seconds, or an answer that was long on its way, moves nothing that fits", () => {
  const before = serverAhead();
  for (const ms of [0, 300, 900]) compareClocks(saidAt(Date.now() - ms), Date.now() - ms);
  compareClocks(saidAt(Date.now() - 20_000), Date.now() - 25_000);
  expect(Math.abs(serverAhead() - before)).toBeLessThan(1000);
});

test("many answers bring it nearer, and a clock that was put right is learned at once", () => {
  for (let ms = 0; ms < 1000; ms += 100) {
    vi.setSystemTime(Date.parse("2026-11-30T05:00:00Z") + ms);
    compareClocks(saidAt(Date.now() + HOUR_MS), Date.now());
  }
  expect(Math.abs(serverAhead() - HOUR_MS)).toBeLessThanOrEqual(100);
  compareClocks(saidAt(Date.now()), Date.now());
  expect(Math.abs(serverAhead())).toBeLessThanOrEqual(1000);
});

test("an answer without a time says nothing", () => {
  const before = serverAhead();
  compareClocks(new Response(""), Date.now());
  expect(serverAhead()).toBe(before);
});
