import { signal } from "@preact/signals";
import { api, read, readAll, type Schemas } from "../../api/client";
import { regency } from "../../session/session";

export type Block = Schemas["BlockOut"];

/** Blocks that are proposed or hold now: what a person must decide first, then by their end. */
export const blocks = signal<Block[]>([]);

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

export async function readBlocks(): Promise<void> {
  const all = await readAll((cursor) => {
    const query = { regency: regency.value?.code ?? "", open: true, limit: 50, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/blocks", { params: { query } }));
  });
  blocks.value = byUrgency(all);
}
