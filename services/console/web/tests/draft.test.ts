import { beforeEach, expect, test, vi } from "vitest";
import { Unreachable } from "../src/api/client";
import { Draft, PAUSE_MS, type SendDraft } from "../src/live/draft";
import { keep, kept, keptFields } from "../src/live/kept";
import { isHere, storage } from "./storage";

beforeEach(async () => {
  vi.stubGlobal("localStorage", storage());
  vi.useFakeTimers();
  await isHere("ani");
});

const answer = (version: number, text: string, earlier: { by: string; text: string; version: number }[] = []) => ({
  version,
  text,
  by: "ani",
  name: "Ani",
  at: "2026-11-29T12:00:00Z",
  field: "note",
  earlier: earlier.map((one) => ({ ...one, name: one.by, at: "2026-11-29T12:00:00Z" })),
});

test("what was typed is in the browser at once, and leaves it when the server has it", async () => {
  const sent: [string, number | null][] = [];
  const draft = new Draft("ani", "c/note", async (text, follows) => {
    sent.push([text, follows]);
    return answer(sent.length, text);
  });
  draft.type("Api");
  expect(kept("ani", "c/note")?.text).toBe("Api");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  draft.type("Api dari dapur");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(sent).toEqual([
    ["Api", null],
    ["Api dari dapur", 1],
  ]);
  expect([draft.saved.value, keptFields("ani", "")]).toEqual([true, []]);
});

test("a server that is away gets the text when it is back", async () => {
  let away = true;
  const send: SendDraft = async (text) => {
    if (away) throw new Unreachable("broken line");
    return answer(1, text);
  };
  const draft = new Draft("ani", "c/note", send);
  draft.type("Api");
  await vi.advanceTimersByTimeAsync(20_000);
  expect([draft.saved.value, kept("ani", "c/note")?.text]).toEqual([false, "Api"]);
  away = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect([draft.saved.value, keptFields("ani", "")]).toEqual([true, []]);
});

test("a server that is away is asked each 1.5 s, not at each pause", async () => {
  const send = vi.fn(async () => {
    throw new Unreachable("broken line");
  });
  const draft = new Draft("ani", "c/note", send);
  draft.type("Api");
  await vi.advanceTimersByTimeAsync(15_000);
  expect(send.mock.calls.length).toBeLessThanOrEqual(10);
  draft.stop();
});

test("a browser that crashed sends what it had, as the draft that it was", async () => {
  keep("ani", "c/note", { text: "Api dari", follows: 4 });
  const sent: [string, number | null][] = [];
  const draft = new Draft("ani", "c/note", async (text, follows) => {
    sent.push([text, follows]);
    return answer(5, text);
  });
  expect(draft.text.value).toBe("Api dari");
  await vi.advanceTimersByTimeAsync(PAUSE_MS);
  expect(sent).toEqual([["Api dari", 4]]);
});

test("nobody else gets what was kept", () => {
  keep("ani", "c/note", { text: "Api" });
  expect(new Draft("budi", "c/note", async (text) => answer(1, text)).text.value).toBe("");
});

test("what another types stands beside the text and replaces nothing", () => {
  const draft = new Draft("ani", "c/note", async (text) => answer(1, text));
  draft.type("Api");
  draft.take({ ...answer(7, "Tabung gas"), by: "budi", name: "Budi" });
  expect(draft.text.value).toBe("Api");
  expect(draft.others.value.map((one) => one.text)).toEqual(["Tabung gas"]);
});
