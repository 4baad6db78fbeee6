import { computed } from "@preact/signals";
import { act, api, read, type Schemas, type Send } from "../../api/client";
import { showRead } from "../../live/been-read";
import { attempted, tried } from "../../live/refusal";
import { personal } from "../../session/personal";
import { regency } from "../../session/session";

export type Transfer = Schemas["TransferOut"];
export type Share = Schemas["ShareOut"];
export type Shared = Schemas["SharedIncidentOut"] | Schemas["HiddenSharedIncidentOut"];

/** Offers of incidents between this regency and others, the newest first. */
export const transfers = personal<Transfer[]>([]);
/** Shares and requests for them that go on. */
export const shares = personal<Share[]>([]);
/** Incidents of others that are shown to this regency. */
export const shared = personal<Shared[]>([]);

const own = () => regency.value?.code ?? "";

/** Incidents that other regencies offer to this one. */
export const incoming = computed(() => transfers.value.filter((one) => one.to === own()));

/** What waits for an answer of this regency. */
export const waitingHere = computed(
  () =>
    incoming.value.filter((one) => one.state === "offered").length +
    shares.value.filter((one) => one.regency === own() && one.state === "asked").length,
);

/** An offer of an incident or a call. */
type AnyOffer = Pick<Transfer | Schemas["CallTransferOut"], "regency" | "state" | "due_at">;

/** Whether an offer came back to its sender, who decides what follows. */
export function cameBack({ state }: Pick<AnyOffer, "state">): boolean {
  return state === "refused" || state === "not_accepted" || state === "ended_there";
}

/** Offers that are not settled: they wait, or came back and the sender must decide. */
export function unsettled<Offer extends AnyOffer>(all: readonly Offer[], code: string): Offer[] {
  return all.filter((one) => one.state === "offered" || (one.regency === code && cameBack(one) && one.due_at !== null));
}

export async function readTransfers(): Promise<void> {
  const offers = await read(api.GET("/v1/transfers", { params: { query: { regency: own() } } }));
  showRead(transfers, unsettled(offers.items, own()));
}

export async function readRegencies(): Promise<void> {
  const query = { regency: own() };
  const [, asked, given, seen] = await Promise.all([
    readTransfers(),
    read(api.GET("/v1/shares", { params: { query: { ...query, state: "asked" } } })),
    read(api.GET("/v1/shares", { params: { query: { ...query, state: "shared" } } })),
    read(api.GET("/v1/shared-incidents", { params: { query } })),
  ]);
  showRead(shares, [...asked.items, ...given.items]);
  showRead(shared, seen.items as Shared[]);
}

/** One step; what is refused is shown, and what is there now is read. Whether it was done. */
export async function stepOfRegencies(send: Send): Promise<boolean> {
  const done = await attempted(act(send));
  await readRegencies().catch(() => undefined);
  return done;
}

/** Takes an offered incident over. Returns the one that this regency has then; null: it was refused. */
export async function acceptOffer({ id }: Pick<Transfer, "id">): Promise<Schemas["IncidentOut"] | null> {
  const path = { transfer_id: id };
  const opened = await tried(
    act((header) => api.POST("/v1/transfers/{transfer_id}/accept", { params: { path, header } })),
  );
  await readTransfers().catch(() => undefined);
  return opened;
}
