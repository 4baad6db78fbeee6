import { computed } from "@preact/signals";
import { act, api, read, type Schemas, type Send } from "../../api/client";
import { attempted } from "../../live/refusal";
import { personal } from "../../session/personal";
import { me, regency } from "../../session/session";

export type Handover = Schemas["HandoverOut"];

/** Handovers that nobody has accepted yet, of everybody. */
export const handovers = personal<Handover[]>([]);
/** What the person leaves behind. */
export const leaving = personal<Schemas["LeavingOut"] | null>(null);

/** Those that wait for this person's answer. */
export const forMe = computed(() =>
  handovers.value.filter((one) => one.to === me.value?.subject && one.state === "offered"),
);

export async function readShift(): Promise<void> {
  const query = { regency: regency.value?.code ?? "" };
  const of = (state: "offered" | "declined") =>
    read(api.GET("/v1/handovers", { params: { query: { ...query, state } } }));
  const [offered, declined, left] = await Promise.all([
    of("offered"),
    of("declined"),
    read(api.GET("/v1/handovers/leaving", { params: { query } })),
  ]);
  handovers.value = [...offered.items, ...declined.items];
  leaving.value = left;
}

/** One step; what is refused is shown, and what is there now is read. */
export async function stepOfShift(send: Send): Promise<void> {
  await attempted(act(send));
  await readShift().catch(() => undefined);
}
