import { Signal } from "@preact/signals";
import { expect, test } from "vitest";
import { forgetPerson } from "../src/session/personal";

const modules = import.meta.glob<Record<string, unknown>>(["../src/screens/names.ts", "../src/screens/*/*.ts"], {
  eager: true,
});
const sources = import.meta.glob<string>("../src/**/*.{ts,tsx}", { query: "?raw", import: "default", eager: true });

/** What closes the screen empties these. */
const CLOSED = new Set(["room", "signedOff", "open"]);

/** Signals of a whole module that may outlive a person, and why. */
const STAY: Record<string, string> = {
  "components/sound.ts": "of the browser",
  "session/session.ts": "the session itself: who is signed in, by which token, and how the page signs in",
  "session/token.ts": "the session itself",
  "live/kept.ts": "a count of changes",
  "live/follow.ts": "what cannot be read at present, until it is read no more",
  "live/stream.ts": "when something was heard of the streams that are open",
  "screens/theme.ts": "of the computer",
  "i18n/language.ts": "of the computer",
  "i18n/times.ts": "the time",
  "keys/keys.ts": "of the computer",
  "screens/blocks/classes.ts": "the classes of calls are the same for everybody",
  "screens/room/room.ts": "closed with the page's frame",
  "screens/dispatcher/board.ts": "closed with the board",
};

/** Whether it is a signal that is set, not computed. */
const isSet = (one: unknown) => Object.getPrototypeOf(one) === Signal.prototype;

test("another person finds nothing that a screen showed to the one before", () => {
  const shown = Object.values(modules).flatMap((module) =>
    Object.entries(module).filter(([name, value]) => isSet(value) && !CLOSED.has(name)),
  ) as [string, Signal<unknown>][];
  expect(shown.map(([name]) => name)).toContain("dossier");
  const first = shown.map(([name, value]) => [name, value.peek()]);
  for (const [, value] of shown) value.value = {};
  forgetPerson();
  expect(shown.map(([name, value]) => [name, value.peek()])).toEqual(first);
});

test("each other signal of a module has a reason to outlive a person", () => {
  const outside = Object.entries(sources).filter(([, text]) => /^(export )?const .* = signal[<(]/m.test(text));
  expect(outside.map(([path]) => path.replace("../src/", "")).sort()).toEqual(Object.keys(STAY).sort());
});
