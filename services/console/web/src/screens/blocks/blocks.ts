import { api, read, readAll, type Schemas } from "../../api/client";
import { serverNow } from "../../session/clock";
import { personal } from "../../session/personal";
import { regency } from "../../session/session";

const DAY_MS = 24 * 3_600_000;

export type Block = Schemas["BlockOut"];

/** Blocks that are proposed or hold now: what a person must decide first, then by their end. */
export const blocks = personal<Block[]>([]);

/** The dossier that was taken out last, to be read and printed. It is personal data: nothing keeps it when it is closed. */
export const dossier = personal<Schemas["DossierOut"] | null>(null);
/** The calls of the last 24 hours that ended while their callers heard the recorded message, the newest first, at most one page. */
export const screenedCalls = personal<Schemas["CallOut"][]>([]);

/** Whether a person must decide now: a proposal, or a block whose review is due. */
export function needsDecision(one: Pick<Block, "state" | "review_due">): boolean {
  return one.state === "proposed" || one.review_due;
}

/** The moment by which the next thing happens by itself: the proposal lapses, or the block ends. */
function endOf(one: Block): string {
  return (one.state === "proposed" ? one.decide_by : one.ends_at) ?? "";
}

export function byUrgency(all: readonly Block[]): Block[] {
  return [...all].sort(
    (one, other) => Number(needsDecision(other)) - Number(needsDecision(one)) || endOf(one).localeCompare(endOf(other)),
  );
}

export async function readScreenedCalls(): Promise<void> {
  const query = {
    regency: regency.value?.code ?? "",
    state: "screened" as const,
    received_from: new Date(serverNow() - DAY_MS).toISOString(),
    limit: 50,
  };
  screenedCalls.value = (await read(api.GET("/v1/calls", { params: { query } }))).items as Schemas["CallOut"][];
}

export async function readBlocks(): Promise<void> {
  const all = await readAll((cursor) => {
    const query = { regency: regency.value?.code ?? "", open: true, limit: 50, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/blocks", { params: { query } }));
  });
  blocks.value = byUrgency(all);
}
