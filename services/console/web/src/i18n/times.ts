import { signal } from "@preact/signals";
import { serverNow } from "../session/clock";
import { timeZone } from "../session/session";
import { t } from "./texts";

/** The present moment by the server's clock in milliseconds, renewed each second. */
export const now = signal(serverNow());
if (typeof window !== "undefined") setInterval(() => (now.value = serverNow()), 1000);

/** A time of day on the regency's clock, such as 14:05:09. */
export function clock(at: string | number, seconds = true): string {
  return new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(seconds ? { second: "2-digit" } : {}),
    timeZone: timeZone.value,
  }).format(new Date(at));
}

/** A day and a time of day on the regency's clock, such as 22/11 14:05. */
export function moment(at: string | number): string {
  const day = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "2-digit", timeZone: timeZone.value });
  return `${day.format(new Date(at))} ${clock(at, false)}`;
}

/** The same with the year, for what is read later, such as 22/11/2026 14:05. */
export function momentWithYear(at: string | number): string {
  const day = new Intl.DateTimeFormat("en-GB", {
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    timeZone: timeZone.value,
  });
  return `${day.format(new Date(at))} ${clock(at)}`;
}

const EARLY_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;

/** The moment that a person means by a time of day on the regency's clock (`14:05`, `14:05:30`, also with a day: `22/11 14:05`), as the
 * API reads it. It is the last such time; a few minutes ahead of the server's clock still count as today. Null: the words are no time.
 */
export function meant(words: string, zone = timeZone.value, at = serverNow()): string | null {
  const found = /^(?:(\d{1,2})[/.-](\d{1,2})\s+)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?$/.exec(words.trim());
  if (!found) return null;
  const [day, month, hour, minute, second] = found.slice(1).map((part) => (part === undefined ? null : Number(part)));
  if (hour == null || minute == null || hour > 23 || minute > 59 || (second ?? 0) > 59) return null;
  const ahead = (moment: number) => moment > at + EARLY_MS;
  const here = new Date(at + offsetOf(zone, at));
  const of = (year: number, monthOfYear: number, dayOfMonth: number) => {
    const wall = Date.UTC(year, monthOfYear, dayOfMonth, hour, minute, second ?? 0);
    if (new Date(wall).getUTCDate() !== dayOfMonth) return null;
    return wall - offsetOf(zone, wall - offsetOf(zone, wall));
  };
  const year = here.getUTCFullYear();
  if (day == null || month == null) {
    const today = of(year, here.getUTCMonth(), here.getUTCDate());
    return today === null ? null : new Date(ahead(today) ? today - DAY_MS : today).toISOString();
  }
  const thisYear = of(year, month - 1, day);
  const last = thisYear !== null && ahead(thisYear) ? of(year - 1, month - 1, day) : thisYear;
  return last === null ? null : new Date(last).toISOString();
}

/** How far the zone's clock is ahead of UTC at the moment, in milliseconds. */
function offsetOf(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(new Date(at));
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return wall - Math.floor(at / 1000) * 1000;
}

/** A duration as people read it: `0:07`, `12:40`, `2 j 05 m`. Below zero it counts as zero. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return t("time.hours", {
    hours: Math.floor(seconds / 3600),
    minutes: String(Math.floor(seconds / 60) % 60).padStart(2, "0"),
  });
}

/** How long ago it was. Reading it follows the clock. */
export function since(at: string): string {
  return duration(now.value - Date.parse(at));
}
