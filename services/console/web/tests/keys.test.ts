import { expect, test } from "vitest";
import { merged, nameOf, whenHeld } from "../src/keys/keys";

const press = (key: string, held: Partial<Record<"ctrlKey" | "altKey" | "metaKey" | "isComposing", boolean>> = {}) => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  target: null,
  ...held,
});

test("a single key works outside of fields, small or capital", () => {
  expect(nameOf(press("j"), false, true)).toBe("j");
  expect(nameOf(press("J"), false, true)).toBe("j");
  expect(nameOf(press("j"), true, true)).toBeNull();
});

test.each(["ctrlKey", "altKey", "metaKey"] as const)("a key with %s belongs to the browser", (held) => {
  expect(nameOf(press("r", { [held]: true }), false, true)).toBeNull();
});

test("Ctrl+Enter works in a field too, also with single keys switched off", () => {
  expect(nameOf(press("Enter", { ctrlKey: true }), true, false)).toBe("Ctrl+Enter");
});

test("single keys can be switched off", () => {
  expect(nameOf(press("j"), false, false)).toBeNull();
});

test("a key that an input method is composing with is none of ours", () => {
  expect(nameOf(press("j", { isComposing: true }), false, true)).toBeNull();
});

test("the letters of an open choice hide the same keys of the page, whichever was shown last", () => {
  const binding = (label: string) => ({ label, run: () => undefined });
  const choice = { bindings: { h: binding("Riot") }, over: true };
  const page = { bindings: { h: binding("End"), j: binding("Answer") }, over: false };
  for (const layers of [
    [choice, page],
    [page, choice],
  ]) {
    const now = Object.fromEntries(merged(layers));
    expect(now.h?.label).toBe("Riot");
    expect(now.j?.label).toBe("Answer");
  }
});

test("a held key acts once, unless it steps through a list", () => {
  expect(whenHeld("d", {}, false)).toBe("nothing");
  expect(whenHeld("j", { repeats: true }, false)).toBe("run");
});

test("a held key writes its letter, but not into the field that it opened", () => {
  expect(whenHeld("c", null, true)).toBe("browser");
  expect(whenHeld("c", {}, true)).toBe("nothing");
});

test("a held Enter presses no button twice, and goes on making new lines", () => {
  expect(whenHeld("Enter", null, false)).toBe("nothing");
  expect(whenHeld("Enter", null, true)).toBe("browser");
});
