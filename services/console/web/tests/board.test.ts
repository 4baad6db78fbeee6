import { expect, test } from "vitest";
import { Problem } from "../src/api/problem";
import {
  inOrder,
  mayBeNamed,
  mayBeTouched,
  mayDecline,
  type Part,
  stepsAhead,
  stepsToReport,
  waits,
} from "../src/screens/agency/desk";
import { atTheDesk, loud, mayAnswer } from "../src/screens/alarms/alarms";
import { searchOf } from "../src/screens/dispatcher/board";
import { acknowledged, nextDeadline } from "../src/screens/dispatcher/incident";
import { moved, placed, type Row } from "../src/screens/dispatcher/row";
import { amended, answerOf } from "../src/screens/dispatcher/wishes";
import { figureValue } from "../src/screens/leader/figures";
import { today } from "../src/screens/leader/leader";
import { describedOf } from "../src/screens/operator/wishes";
import { type Transfer, unsettled } from "../src/screens/regencies/regencies";
import { besideOf, busyOffer } from "../src/screens/reports";
import { leftOf } from "../src/screens/room/room";
import { me } from "../src/session/session";

const row = (id: string, order?: string) => ({ id, attention: order ? { order } : null }) as unknown as Row;
const hidden = (id: string, order: string) => ({ id, hidden: true, order }) as unknown as Row;
const ids = (rows: readonly Row[]) => rows.map((one) => one.id).join("");

test("a message of the stream moves a row, or removes it", () => {
  const rows = placed([row("a", "001"), row("b", "002"), row("c", "003")]);
  expect(ids(moved(rows, "c", "000"))).toBe("cab");
  expect(ids(moved(rows, "b", null))).toBe("ac");
  expect(ids(moved(rows, "b", "009"))).toBe("acb");
  expect(moved(rows, "x", "000")).toBe(rows); // nothing is drawn anew
  expect(moved(rows, "b", "002")).toBe(rows);
});

test.each([
  ["available", null, true],
  ["en_route", "here", true],
  ["en_route", "elsewhere", false],
  ["assigned", null, false],
] as const)("a unit that is %s on %s may be named here: %s", (status, forwarding_id, may) => {
  expect(mayBeNamed({ callsign: "DAMKAR 1", number: null, status, forwarding_id }, { id: "here" })).toBe(may);
});

test("a named unit that was sent elsewhere since may be taken back", () => {
  const unit = { callsign: "DAMKAR 1", number: "BKL-1", status: "en_route", forwarding_id: "elsewhere" } as const;
  expect(mayBeTouched(unit, { id: "here" }, ["DAMKAR 1"])).toBe(true);
  expect(mayBeTouched(unit, { id: "here" }, ["DAMKAR 2"])).toBe(false);
});

test("a hidden row keeps its own place", () => {
  const rows = placed([row("a", "001"), hidden("z", "002"), row("b", "003")]);
  expect(ids(moved(rows, "b", "001"))).toBe("abz");
  expect(ids(moved(rows, "z", "004"))).toBe("abz");
});

test("an offer is unsettled while it waits, and for its sender if it came back", () => {
  const offer = (id: string, regency: string, state: string, due_at: string | null = "2026-11-29T10:00:00Z") =>
    ({ id, regency, state, due_at }) as unknown as Transfer;
  const all = [
    offer("a", "17.02", "offered"),
    offer("b", "17.71", "refused"),
    offer("c", "17.02", "refused"),
    offer("d", "17.71", "taken_back"),
    offer("e", "17.71", "not_accepted", null),
  ];
  expect(unsettled(all, "17.71").map((one) => one.id)).toEqual(["a", "b"]);
});

test("of the caller only what was changed is sent, and an emptied field is removed", () => {
  const call = { caller_name: "Ibu Sri", callback_number: null, language: "jv" };
  const typed = { caller_name: "Ibu Sri", callback_number: " 0812 ", language: "" };
  expect(describedOf(call, typed)).toEqual({ callback_number: "0812", language: null });
});

test("what a refused sign-off names", () => {
  const refused = (more: object) =>
    new Problem({ type: "/problems/not-allowed-in-state", title: "", status: 409, ...more });
  expect(leftOf(refused({}))).toBeNull();
  expect(leftOf(refused({ calls: ["a"], not_classified: [] }))).toEqual({
    calls: ["a"],
    not_classified: [],
    callbacks: [],
    unacknowledged: [],
  });
});

test.each([
  ["42", { number: "42" }],
  ["BKL-20261122-0042", { number: "BKL-20261122-0042" }],
  ["0812-3456-7890", { caller_number: "0812-3456-7890" }],
  ["Jl. Sudirman 12", { place: "Jl. Sudirman 12" }],
  ["  ", {}],
])("what is searched for %s", (words, wanted) => {
  expect(searchOf(words)).toEqual(wanted);
});

test("a correction has only what the person changed, and keeps the point", () => {
  const place = { lat: 1, lon: 2, uncertainty_m: 20, cell: null, address: "Jl. Lama" };
  const incident = { priority: 2, incident_type: "fire", place };
  expect(amended(incident, { priority: "2", incident_type: "fire", address: "Jl. Lama" })).toEqual({});
  expect(amended(incident, { priority: "1", incident_type: "fire", address: "Jl. Baru" })).toEqual({
    priority: 1,
    place: { lat: 1, lon: 2, uncertainty_m: 20, address: "Jl. Baru" },
  });
});

test("an answer that was heard leaves out what is empty", () => {
  expect(
    answerOf({ response: "declined", spoke_to: "Pak Harun", channel: "radio", reason: "no_unit", text: " " }),
  ).toEqual({
    response: "declined",
    spoke_to: "Pak Harun",
    channel: "radio",
    reason: "no_unit",
  });
});

test("an alarm sounds once, drills and minor ones never, and again if it began anew", () => {
  const alarm = (group: string, more = {}) =>
    ({ group, since: "t1", severity: "critical", drill: false, ...more }) as never;
  const all = [alarm("a"), alarm("b", { drill: true }), alarm("c", { severity: "minor" })];
  expect(loud(all, new Set()).map((one) => one.group)).toEqual(["a"]);
  expect(loud(all, new Set(["a t1"]))).toEqual([]);
  expect(loud([alarm("a", { since: "t2" })], new Set(["a t1"]))).toHaveLength(1);
});

test("deadlines and acknowledgements of an incident", () => {
  const one = (state: string, by: string | null = null) =>
    ({ state, needs_acknowledgement: by !== null, acknowledge_by: by }) as never;
  const forwardings = [one("forwarded", "2026-01-01T00:01:00Z"), one("forwarded", "2026-01-01T00:00:30Z"), one("done")];
  expect(nextDeadline({ forwardings })).toBe(Date.parse("2026-01-01T00:00:30Z"));
  expect(nextDeadline({ forwardings: [one("done")] })).toBeNull();
  expect(acknowledged({ forwardings: [...forwardings, one("withdrawn")] })).toEqual([1, 3]);
});

test("an agency's steps are those ahead, and none after it was called off", () => {
  const part = (state: string, withdrawal: unknown = null) => ({ state, withdrawal }) as never;
  expect(stepsAhead(part("acknowledged"))).toEqual(["en_route", "on_scene", "under_control", "done"]);
  expect(stepsAhead(part("on_scene"))).toEqual(["under_control", "done"]);
  expect(stepsAhead(part("under_control"))).toEqual(["done"]);
  expect(stepsAhead(part("received"))).toEqual([]);
  expect(stepsAhead(part("en_route", {}))).toEqual([]);
  expect(mayDecline(part("en_route"))).toBe(true);
  expect(mayDecline(part("on_scene"))).toBe(false);
});

test("more can be said about the newest step and those ahead", () => {
  const part = (state: string) => ({ state, withdrawal: null }) as never;
  expect(stepsToReport(part("acknowledged"))[0]).toBe("en_route");
  expect(stepsToReport(part("on_scene"))).toEqual(["on_scene", "under_control", "done"]);
  expect(stepsToReport(part("received"))).toEqual([]);
  expect(stepsToReport(part("done"))).toEqual([]);
});

test("nothing is asked of an agency that is only informed", () => {
  const part = { state: "acknowledged", withdrawal: null, information: true, needs_acknowledgement: true } as never;
  expect([waits(part), stepsAhead(part), stepsToReport(part), mayDecline(part)]).toEqual([false, [], [], false]);
});

test("what is said beside a step goes with the step alone", () => {
  const values = { units: " Damkar 1, ,Damkar 2", outcome: "handled", asks_for: "agency/99.81/pmi", release: "yes" };
  const units = { units: ["Damkar 1", "Damkar 2"], release: true, asks_for: { agency: "99.81/pmi" } };
  expect(besideOf(values, "on_scene")).toEqual(units);
  expect(besideOf(values, "done")).toEqual({ ...units, outcome: "handled" });
  expect(besideOf(values, "declined")).toEqual({});
  expect(besideOf({ asks_for: "alarm_level/3" }, "on_scene")).toEqual({ asks_for: { alarm_level: 3 } });
  expect(besideOf({ text: " ", question: "", units: "", release: "yes" }, "done")).toEqual({});
});

test("a unit that works for another incident can be moved on", () => {
  const refused = (members: object) => new Problem({ type: "", title: "", status: 409, ...members });
  const offer = busyOffer(refused({ units: ["DAMKAR 1"], number: "BKL-1" }));
  expect(offer?.values).toEqual({ release: "yes" });
  expect(offer?.go).toContain("DAMKAR 1 dari BKL-1");
  expect(busyOffer(refused({ state: "done" }))).toBeNull();
});

test("the nearest deadline is first, drills are last", () => {
  const part = (id: string, by: string | null, drill = false) =>
    ({ id, acknowledge_by: by, drill, incident: { priority: 1 } }) as unknown as Part;
  const all = [
    part("c", null),
    part("d", "2026-01-01T00:00:00Z", true),
    part("b", "2026-01-01T00:02:00Z"),
    part("a", "2026-01-01T00:01:00Z"),
  ];
  expect(
    inOrder(all)
      .map((one) => one.id)
      .join(""),
  ).toBe("abcd");
});

test("a figure without a case is a dash", () => {
  expect(figureValue({ kind: "share", value: 0.25, denominator: 4 })).toBe("25 %");
  expect(figureValue({ kind: "share", value: null, denominator: 0 })).toBe("–");
  expect(figureValue({ kind: "median_s", value: 12.4, denominator: 3 })).toBe("12 dtk");
  expect(figureValue({ kind: "count", value: null, denominator: 0 })).toBe("0");
});

test("today is the regency's day", () => {
  expect(today(new Date("2026-11-28T17:30:00Z"), "Asia/Jakarta")).toBe("2026-11-29");
});

test("an alarm about a call leads to the desk of whoever may answer", () => {
  const about = ["calls/1", "call-transfers/1", "callbacks/1", "incidents/1", "blocks/1"];
  expect(about.map((one) => atTheDesk({ about: one }))).toEqual([true, true, true, false, false]);
  const may = (...roles: string[]) => {
    me.value = { subject: "ani", roles } as never;
    return mayAnswer();
  };
  expect([may("dispatcher"), may("agency"), may("dispatcher", "operator"), may("supervisor")]).toEqual([
    false,
    false,
    true,
    true,
  ]);
  me.value = null;
});
