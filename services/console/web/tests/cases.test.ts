import { expect, test } from "vitest";
import { languageName } from "../src/i18n/texts";
import { meant } from "../src/i18n/times";
import { type Block, byUrgency } from "../src/screens/blocks/blocks";
import { endAfter, laterHours } from "../src/screens/blocks/wishes";
import { directionOf } from "../src/screens/dispatcher/Cameras";
import { inWords, partName, roleName, wantedFor, wantedName } from "../src/screens/names";
import { concernedInTheRoom, screened } from "../src/screens/operator/desk";
import { kindOfPlace } from "../src/screens/places";
import { helpInWords } from "../src/screens/reports";

const block = (id: string, more: Partial<Block>) => ({ id, review_due: false, ends_at: null, ...more }) as Block;

test("what must be decided stands first, then what ends soonest", () => {
  const all = [
    block("later", { state: "active", ends_at: "2026-11-30T10:00:00Z" }),
    block("sooner", { state: "active", ends_at: "2026-11-29T10:00:00Z" }),
    block("proposal", { state: "proposed", decide_by: "2026-12-05T10:00:00Z" }),
    block("due", { state: "active", ends_at: "2026-12-01T10:00:00Z", review_due: true }),
  ];
  expect(byUrgency(all).map((one) => one.id)).toEqual(["due", "proposal", "sooner", "later"]);
});

test("an end lies inside of the bounds that the server has", () => {
  const now = Date.parse("2026-11-29T10:00:00Z");
  expect(endAfter(24, now)).toBe("2026-11-30T10:01:00.000Z");
  expect(Date.parse(endAfter(72, now))).toBeLessThan(now + 72 * 3_600_000);
});

test("only an end that is later than the planned one is offered", () => {
  const now = Date.parse("2026-11-29T10:00:00Z");
  expect(laterHours("2026-12-01T09:00:00Z", now)).toEqual([48, 60, 72]);
  expect(laterHours("2026-12-02T10:00:00Z", now)).toEqual([]);
});

test.each([
  [0, "n"],
  [22, "n"],
  [23, "ne"],
  [225, "sw"],
  [350, "n"],
] as const)("%s degrees are %s", (degrees, direction) => {
  expect(directionOf(degrees)).toBe(direction);
});

test.each([
  ["14:05", "2026-11-29T06:05:00.000Z"],
  ["14:05:09", "2026-11-29T06:05:09.000Z"],
  ["18:35", "2026-11-29T10:35:00.000Z"],
  ["18:55", "2026-11-28T10:55:00.000Z"],
  ["00:10", "2026-11-28T16:10:00.000Z"],
  ["28/11 23.50", "2026-11-28T15:50:00.000Z"],
  ["30/11 01:00", "2025-11-29T17:00:00.000Z"],
  ["31/2 01:00", null],
  ["25:00", null],
  ["tadi", null],
])("%s at half past six is %s", (words, moment) => {
  expect(meant(words, "Asia/Makassar", Date.parse("2026-11-29T10:30:00Z"))).toBe(moment);
});

test("a role is said in words, also one that no list has", () => {
  wantedFor.value = new Map([["fire", { id: "pemadam kebakaran", en: "fire brigade" }]]);
  expect([wantedName("fire"), wantedName("high_angle_rescue")]).toEqual(["pemadam kebakaran", "high angle rescue"]);
});

test("a role that only a neighbour's pack has is said in its words", () => {
  wantedFor.value = new Map();
  const needs = [{ role: "navy", role_label: { id: "TNI AL", en: "navy" } }];
  expect([roleName(needs, "navy"), roleName(needs, "dog_unit")]).toEqual(["TNI AL", "dog unit"]);
});

test("an agency that is no longer lent keeps its name, also where it asks something", () => {
  expect(partName({ agency: "17.71/damkar", name: "Damkar, Kota Bengkulu" })).toBe("Damkar, Kota Bengkulu");
});

test("help that was asked for of another regency is said in that one's words", () => {
  const asked = { agency: null, agency_name: null, capability: null, capability_label: null, alarm_level: null };
  const boat = { ...asked, capability: "raft", capability_label: { id: "perahu karet", en: "rubber boat" } };
  const pmi = { ...asked, agency: "17.71/pmi", agency_name: "PMI Bengkulu" };
  expect([helpInWords(boat), helpInWords(pmi)]).toEqual(["siapa pun yang mampu: perahu karet", "PMI Bengkulu"]);
});

test("no code is shown where there are words for it", () => {
  expect([languageName("jv"), languageName("??")]).toEqual(["Jawa", "??"]);
  expect([kindOfPlace("landmark"), kindOfPlace("pos_ronda")]).toEqual(["patokan", "pos ronda"]);
  expect(inWords(new Map(), "gas_leak")).toBe("gas leak");
});

test("a message of the room renews the lists that it concerns, and no others", () => {
  expect(concernedInTheRoom("PresenceChanged")).toEqual(["room"]);
  expect(concernedInTheRoom("CallAnswered")).toEqual(["line"]);
  expect(concernedInTheRoom("CallTransferOffered")).toEqual(["line", "callers"]);
  expect(concernedInTheRoom("CallScreened")).toEqual(["screened"]);
  screened.value = [{ id: "c1" } as never];
  expect(concernedInTheRoom("CallAnswered")).toEqual(["line", "screened"]);
  screened.value = [];
});
