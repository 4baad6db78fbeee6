import { api, read, type Schemas } from "../../api/client";
import { showRead } from "../../live/been-read";
import { personal } from "../../session/personal";
import { regency } from "../../session/session";

export type Referral = Schemas["ReferralOut"];
type Entry = Schemas["IncidentEntry"];

/** Reports that are no emergency and not closed, the newest first. */
export const referrals = personal<Referral[]>([]);
/** The agency whose reports are shown; empty: those of all, and of the complaints desk. */
export const receiver = personal("");
/** How many are shown at most; a person may ask for more. */
export const shownAtMost = personal(0);
export const more = personal(false);
/** The history of the report that a person looks at. */
export const history = personal<{ id: string; entries: Entry[] } | null>(null);

const PAGE = 50;

/** The filters of the list; what another person asked for meanwhile is not shown for these. */
const asked = () => JSON.stringify([regency.value?.code, receiver.value, shownAtMost.value]);

/** Reads the list again, as far as it is shown. */
export async function readReferrals(): Promise<void> {
  const wanted = asked();
  const found: Referral[] = [];
  let cursor: string | null = null;
  do {
    const query = {
      regency: regency.value?.code ?? "",
      open: true,
      limit: PAGE,
      ...(receiver.value ? { receiver: receiver.value } : {}),
      ...(cursor ? { cursor } : {}),
    };
    const page: Schemas["ReferralList"] = await read(api.GET("/v1/referrals", { params: { query } }));
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && found.length < Math.max(PAGE, shownAtMost.value));
  if (wanted !== asked()) return;
  showRead(referrals, found);
  more.value = cursor !== null;
  if (history.value && found.some((one) => one.id === history.value?.id)) await readHistory(history.value.id);
}

export function showMore(): void {
  shownAtMost.value = referrals.value.length + PAGE;
}

/** Shows what happened to a report, or hides it again. */
export async function toggleHistory(id: string): Promise<void> {
  if (history.value?.id === id) history.value = null;
  else {
    history.value = { id, entries: [] };
    await readHistory(id);
  }
}

async function readHistory(id: string): Promise<void> {
  const params = { path: { referral_id: id }, query: { limit: 200 } };
  const { items } = await read(api.GET("/v1/referrals/{referral_id}/timeline", { params }));
  if (history.value?.id === id) history.value = { id, entries: items };
}
