import { computed } from "@preact/signals";
import { api, read, readAll, type Schemas } from "../../api/client";
import { now } from "../../i18n/times";
import { showRead } from "../../live/been-read";
import { regularly } from "../../live/follow";
import { serverNow } from "../../session/clock";
import { personal } from "../../session/personal";
import { me, regency } from "../../session/session";

export type Duty = Schemas["DutyOut"];

/** The duties of this moment: those planned for it, and those of people who began early or stay on. */
export const duties = personal<readonly Duty[]>([]);

/** How a duty stands against its plan. */
export type Attendance =
  /** Nobody comes: the seat is open. */
  | "open"
  /** Should have begun, and has not. */
  | "late"
  /** Ended before its time. */
  | "left"
  /** Began before its time. */
  | "early"
  /** Goes on after its time. */
  | "stays_on"
  | "here";

export function attendanceOf(duty: Duty, at: number): Attendance {
  if (duty.started_at === null) return duty.available ? "late" : "open";
  if (duty.ended_at !== null) return "left";
  if (at < Date.parse(duty.starts_at)) return "early";
  return at < Date.parse(duty.ends_at) ? "here" : "stays_on";
}

const ORDER: readonly Attendance[] = ["late", "open", "stays_on", "here", "early", "left"];
const MISSING: readonly Attendance[] = ["late", "open"];
/** Who left a little before the time was mostly relieved already, so counts neither as missing nor as here. */
const HERE: readonly Attendance[] = ["stays_on", "here", "early"];

/** The duties with how they stand now, those on which somebody is missing first. */
export const attended = computed(() =>
  duties.value
    .map((duty) => ({ duty, attendance: attendanceOf(duty, now.value) }))
    .sort((one, other) => ORDER.indexOf(one.attendance) - ORDER.indexOf(other.attendance)),
);

const howMany = (some: readonly Attendance[]) => attended.value.filter((one) => some.includes(one.attendance)).length;
/** How many people are on duty. */
export const here = computed(() => howMany(HERE));
/** How many should be on duty and are not. */
export const missing = computed(() => howMany(MISSING));

const MAY_READ: readonly Schemas["Role"][] = ["operator", "dispatcher", "supervisor", "planner", "staff", "admin"];

/** Whether the person's roles may read who is on duty. */
export const mayReadDuties = computed(() => me.value?.roles.some((role) => MAY_READ.includes(role)) ?? false);

const AGAIN_MS = 15_000;

/** Keeps them up to date; duties have no stream. Returns what ends it. */
export function followDuties(): () => void {
  return mayReadDuties.value ? regularly(readDuties, AGAIN_MS) : () => undefined;
}

async function readDuties(): Promise<void> {
  const at = new Date(serverNow()).toISOString();
  const found = await readAll((cursor) => {
    const query = { regency: regency.value?.code ?? "", at, limit: 200, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/duties", { params: { query } }));
  });
  showRead(duties, found);
}
