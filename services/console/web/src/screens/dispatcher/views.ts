import { signal } from "@preact/signals";

export type View = "map" | "shift" | "regencies" | "referrals";

/** What stands beside the board while no incident is open. */
export const view = signal<View>("map");
