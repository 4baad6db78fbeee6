import { beforeEach, expect, test, vi } from "vitest";

/** What the server does with each request. */
const server = vi.hoisted(() => {
  const made = { asked: [] as Request[], answer: (): Response | Promise<Response> => new Response("{}") };
  globalThis.fetch = async (asked) => {
    made.asked.push(asked as Request);
    return made.answer();
  };
  return made;
});

import { allStored, keep, kept, keptFields } from "../src/live/kept";
import { notesOnTheirWay, sendLeftNotes, writeNote } from "../src/live/notes";
import { refusal } from "../src/live/refusal";
import { Words } from "../src/live/words";
import { forgetPerson } from "../src/session/personal";
import { me } from "../src/session/session";
import { isHere, storage } from "./storage";

const CALL = { of: "calls", id: "c1", internal: false } as const;
const refused = () => Response.json({ type: "/problems/unauthenticated", title: "Sesi berakhir" }, { status: 401 });

beforeEach(async () => {
  vi.stubGlobal("localStorage", storage());
  await isHere("ani");
  server.asked = [];
  server.answer = () => Response.json({});
});

function typed(text: string): Words {
  const field = new Words("field");
  field.type(text);
  return field;
}

/** Another person signs in while the line is broken; then it is mended, and a minute passes. */
async function budiSignsIn(): Promise<void> {
  me.value = null;
  forgetPerson();
  await isHere("budi");
  server.answer = () => Response.json({});
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
}

test("a refused note comes back into its field, and is not sent a second time", async () => {
  const field = typed("Api");
  server.answer = refused;
  const writing = writeNote(field, CALL);
  expect([field.text.value, notesOnTheirWay("calls", "c1").length, notesOnTheirWay("incidents", "c1").length]).toEqual([
    "",
    1,
    0,
  ]);
  expect(await writing).toBe(false);
  expect([field.text.value, notesOnTheirWay("calls", "c1")]).toEqual(["Api", []]);
  server.answer = () => Response.json({});
  await sendLeftNotes();
  expect(server.asked).toHaveLength(1);
  expect(await writeNote(field, CALL)).toBe(true);
  expect([server.asked.length, field.text.value, keptFields("ani", "")]).toEqual([2, "", []]);
});

test("a note that a crash has left is sent under its key, and stays kept as long as it is refused", async () => {
  const field = typed("Atap runtuh");
  let crash = (_: Error) => {};
  server.answer = () => new Promise((_, reject) => (crash = reject));
  const crashed = writeNote(field, { of: "incidents", id: "i1", internal: true });
  await allStored();
  const left = { ...localStorage };
  await vi.waitUntil(() => server.asked.length === 1);
  crash(new Error("crash"));
  await crashed;
  field.type("");
  Object.assign(localStorage, left);
  await isHere("ani");
  server.answer = refused;
  await sendLeftNotes();
  const places = keptFields("ani", "");
  expect(places.map((place) => kept("ani", place)?.text)).toEqual(["Atap runtuh"]);
  server.answer = () => Response.json({});
  await sendLeftNotes();
  expect(keptFields("ani", "")).toEqual([]);
  const [first, , last] = server.asked;
  expect(last?.url).toBe("http://sigap.test/v1/incidents/i1/notes");
  expect(await last?.json()).toEqual({ text: "Atap runtuh", internal: true });
  expect(last?.headers.get("Idempotency-Key")).toBe(first?.headers.get("Idempotency-Key"));
});

test("a note whose writer has gone is kept for that one, and is neither sent nor shown by the next person", async () => {
  vi.useFakeTimers();
  const field = typed("Api di dapur");
  server.answer = () => {
    throw new TypeError("the line is broken");
  };
  const writing = writeNote(field, CALL);
  await allStored();
  await vi.advanceTimersByTimeAsync(100);
  const before = server.asked.length;
  await budiSignsIn();
  expect(await writing).toBe(false);
  expect([server.asked.length, field.text.value, notesOnTheirWay("calls", "c1"), refusal.value]).toEqual([
    before,
    "",
    [],
    null,
  ]);
  expect([keptFields("budi", "").length, keptFields("ani", "").length]).toEqual([0, 1]);
  await isHere("ani");
  await sendLeftNotes();
  expect([server.asked.length, keptFields("ani", "")]).toEqual([before + 1, []]);
});

test("of the notes that a crash has left, none is sent for the next person after their writer has gone", async () => {
  vi.useFakeTimers();
  for (const id of ["c1", "c2"]) keep("ani", `note on its way/calls/${id}/false/k`, { text: "Api" });
  await allStored();
  server.answer = () => {
    throw new TypeError("the line is broken");
  };
  const sending = sendLeftNotes();
  await vi.advanceTimersByTimeAsync(100);
  const before = server.asked.length;
  await budiSignsIn();
  await sending;
  expect([server.asked.length, keptFields("ani", "").length, notesOnTheirWay("calls", "c2")]).toEqual([before, 2, []]);
});
