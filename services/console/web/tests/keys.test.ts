import { expect, test } from "vitest";
import { nameOf } from "../src/keys/keys";

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
