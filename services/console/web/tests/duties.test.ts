import { beforeEach, expect, test } from "vitest";
import type { Schemas } from "../src/api/client";
import { now } from "../src/i18n/times";
import { attendanceOf, attended, type Duty, duties, here, mayReadDuties, missing } from "../src/screens/duty/duties";
import { me } from "../src/session/session";

const at = (clock: string) => `2026-11-22T${clock}:00Z`;
const MORNING = { id: "a", starts_at: at("07:00"), ends_at: at("14:00"), available: true };
const duty = (told: Partial<Duty>) => ({ ...MORNING, started_at: null, ended_at: null, ...told }) as Duty;

test.each([
  ["here", "09:00", { started_at: at("06:50") }],
  ["early", "06:55", { started_at: at("06:50") }],
  ["late", "07:10", {}],
  ["open", "07:10", { available: false }],
  ["here", "09:00", { available: false, started_at: at("07:00") }],
  ["stays_on", "14:00", { started_at: at("07:00") }],
  ["left", "13:00", { started_at: at("07:00"), ended_at: at("12:30") }],
] as const)("a duty is %s at %s", (attendance, clock, told) => {
  expect(attendanceOf(duty(told), Date.parse(at(clock)))).toBe(attendance);
});

beforeEach(() => {
  me.value = null;
});

test("those on which somebody is missing come first, and who has left counts neither way", () => {
  now.value = Date.parse(at("13:55"));
  duties.value = [
    duty({ id: "a", started_at: at("07:00"), ended_at: at("13:50") }),
    duty({ id: "b", started_at: at("07:00") }),
    duty({ id: "c", available: false }),
    duty({ id: "d" }),
    duty({ id: "e", starts_at: at("14:00"), ends_at: at("21:00"), started_at: at("13:45") }),
  ];
  expect(attended.value.map((one) => one.duty.id).join("")).toBe("dcbea");
  expect([here.value, missing.value]).toEqual([2, 2]);
});

test.each([
  ["operator", true],
  ["dispatcher", true],
  ["supervisor", true],
  ["agency", false],
] as const)("%s may read who is on duty: %s", (role, may) => {
  expect(mayReadDuties.value).toBe(false);
  me.value = { roles: [role] } as unknown as Schemas["Me"];
  expect(mayReadDuties.value).toBe(may);
});
