import { expect, test } from "vitest";
import { lettersFor } from "../src/screens/operator/choices";

const many = Array.from({ length: 30 }, (_, place) => `type ${place}`);

test("every choice can be chosen, also without a letter of its own", () => {
  expect(lettersFor(many).map(([, choice]) => choice)).toEqual(many);
  expect(lettersFor(many).at(-1)?.[0]).toBeUndefined();
});

test("no choice takes the keys of the next call and of another call", () => {
  const letters = lettersFor(many).flatMap(([letter]) => letter ?? []);
  expect(letters).toHaveLength(24);
  expect(new Set(letters).size).toBe(24);
  expect(letters).not.toContain("j");
  expect(letters).not.toContain("n");
});
