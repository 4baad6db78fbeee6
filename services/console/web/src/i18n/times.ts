import { signal } from "@preact/signals";
import { timeZone } from "../session/session";
import { t } from "./texts";

/** The present moment in milliseconds, renewed each second. */
export const now = signal(Date.now());
if (typeof window !== "undefined") setInterval(() => (now.value = Date.now()), 1000);

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
