import { personal } from "../../session/personal";

export type View = "map" | "shift" | "regencies" | "referrals";

/** What stands beside the board while no incident is open. */
export const view = personal<View>("map");
