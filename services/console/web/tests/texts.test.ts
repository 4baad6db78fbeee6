import { expect, test } from "vitest";
import { en } from "../src/i18n/en";
import { id } from "../src/i18n/id";
import { renewalIn } from "../src/session/session";

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

test("both catalogues have the same texts with the same places", () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(id).sort());
  for (const [key, text] of Object.entries(id)) expect(places(en[key as keyof typeof id]), key).toEqual(places(text));
});

test("a token is renewed after half of its time, at most after an hour", () => {
  expect(renewalIn(60_000, 0)).toBe(30_000);
  expect(renewalIn(12 * 3_600_000, 0)).toBe(3_600_000);
  expect(renewalIn(0, 10_000)).toBe(1000);
});
