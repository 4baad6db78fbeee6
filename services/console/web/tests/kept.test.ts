import { beforeEach, expect, test, vi } from "vitest";

/** What listens to changes that other tabs make in the storage. */
const tabs = vi.hoisted(() => {
  const made = { changed: (_: { key: string }) => {} };
  globalThis.addEventListener = ((_: string, listen: typeof made.changed) => (made.changed = listen)) as never;
  return made;
});

import { allStored, forget, forgetKept, keep, keepFor, kept, keptFields, opened } from "../src/live/kept";
import { forgetPerson } from "../src/session/personal";
import { isHere, keyOf, storage } from "./storage";

const NAME = 'sigap.kept.["ani","c1/note"]';

beforeEach(async () => {
  vi.stubGlobal("localStorage", storage());
  await isHere("ani");
});

test("what is kept is sealed, and only its writer's key opens it, at its own place", async () => {
  keep("ani", "c1/note", { text: "Api dari dapur, +628123", follows: 4 });
  await allStored();
  expect(Object.keys(localStorage)).toEqual([NAME]);
  expect(Buffer.from(localStorage.getItem(NAME) ?? "", "base64").toString()).not.toContain("628123");
  localStorage.setItem(NAME.replace("c1", "c2"), localStorage.getItem(NAME) ?? "");
  expect([...(await opened("ani", keyOf("ani"))).texts]).toEqual([
    ["c1/note", { text: "Api dari dapur, +628123", follows: 4 }],
  ]);
  expect((await opened("ani", keyOf("budi"))).texts.size).toBe(0);
});

test("the newest text is stored, and none that was forgotten meanwhile", async () => {
  keep("ani", "c1/note", { text: "A" });
  keep("ani", "c1/note", { text: "Ap" });
  keep("ani", "c1/place", { text: "Pasar" });
  forget("ani", "c1/place");
  await allStored();
  expect([...(await opened("ani", keyOf("ani"))).texts]).toEqual([["c1/note", { text: "Ap" }]]);
  expect(Object.keys(localStorage)).toEqual([NAME]);
});

test("for a person who has gone nothing more is kept, and what was kept waits", async () => {
  keep("ani", "c1/note", { text: "Api" });
  forgetPerson();
  await isHere("budi");
  keep("ani", "c1/note", { text: "bukan dari ani" });
  await allStored();
  expect([kept("ani", "c1/note"), keptFields("ani", ""), keptFields("budi", "")]).toEqual([null, ["c1/note"], []]);
  await isHere("ani");
  expect(kept("ani", "c1/note")).toEqual({ text: "Api" });
});

test("without a key texts are kept in memory alone", async () => {
  keepFor(await opened("ani", undefined));
  keep("ani", "c1/note", { text: "Api" });
  await allStored();
  expect([kept("ani", "c1/note"), Object.keys(localStorage)]).toEqual([{ text: "Api" }, []]);
});

test("what a console of before left in clear is there for its writer, and is sealed at once", async () => {
  localStorage.setItem(NAME, '{"text":"Api dari dapur, +628123","follows":4}');
  await isHere("budi");
  expect(keptFields("budi", "")).toEqual([]);
  await isHere("ani");
  expect(kept("ani", "c1/note")).toEqual({ text: "Api dari dapur, +628123", follows: 4 });
  expect(localStorage.getItem(NAME)).not.toContain("628123");
  await isHere("ani");
  expect(kept("ani", "c1/note")?.text).toBe("Api dari dapur, +628123");
});

test("without a key what a console of before left is there, and waits in the browser for a key", async () => {
  localStorage.setItem(NAME, '{"text":"Api"}');
  keepFor(await opened("ani", undefined));
  expect([kept("ani", "c1/note"), Object.keys(localStorage)]).toEqual([{ text: "Api" }, [NAME]]);
});

test("what another tab of the person has sent is kept here no longer", async () => {
  keep("ani", "c1/note", { text: "Api" });
  await allStored();
  localStorage.removeItem(NAME);
  tabs.changed({ key: NAME });
  await vi.waitUntil(() => kept("ani", "c1/note") === null);
  forgetKept("ani");
  expect(keptFields("ani", "")).toEqual([]);
});
