import { Signal } from "@preact/signals";
import { expect, test } from "vitest";
import { forgetPerson } from "../src/session/personal";

const modules = import.meta.glob<Record<string, unknown>>(["../src/screens/names.ts", "../src/screens/*/*.ts"], {
  eager: true,
});

/** What closes the screen empties these. */
const CLOSED = new Set(["room", "signedOff", "open"]);

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
