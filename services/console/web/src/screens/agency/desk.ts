import { computed, signal } from "@preact/signals";
import { act, api, type Key, read, type Schemas } from "../../api/client";
import { follow, untilDone } from "../../live/follow";
import { forget, keep, kept } from "../../live/kept";
import { attempted } from "../../live/refusal";
import { me } from "../../session/session";
import { readNames } from "../names";

export type Part = Schemas["ForwardingOut"];
export type Progress = Schemas["ReportProgress"]["progress"];

/** What concerns the agency: its part goes on, or it must confirm that its unit turns back. */
export const parts = signal<Part[]>([]);

/** What the agency must answer now, the nearest deadline first; then what goes on. */
export const waiting = computed(() => inOrder(parts.value).filter((one) => one.needs_acknowledgement));
export const going = computed(() => inOrder(parts.value).filter((one) => !one.needs_acknowledgement));

export function inOrder(all: readonly Part[]): Part[] {
  const key = (one: Part) => `${one.drill ? 1 : 0} ${one.acknowledge_by ?? "9"} ${one.incident.priority} ${one.id}`;
  return [...all].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

export async function readParts(): Promise<void> {
  const agency = me.value?.agency;
  if (!agency) return;
  const query = { concern: "open" as const, limit: 200 };
  parts.value = (await read(api.GET("/v1/forwardings", { params: { query } }))).items;
}

/** Opens the agency's stream and lists. Returns what closes them. */
export function openAgencyDesk(): () => void {
  const stream = follow("/v1/forwardings/stream", readParts);
  const stopNames = untilDone(readNames);
  return () => {
    stopNames();
    stream.close();
  };
}

const STEPS: readonly Progress[] = ["en_route", "on_scene", "done"];

/** The steps that are still ahead; none before the agency has acknowledged and after it was called off. */
export function stepsAhead(part: Pick<Part, "state" | "withdrawal">): Progress[] {
  if (part.withdrawal || part.state === "declined" || part.state === "received") return [];
  return STEPS.slice(STEPS.indexOf(part.state as Progress) + 1);
}

/** Whether the agency may still say that it does not come. */
export function mayDecline(part: Pick<Part, "state" | "withdrawal">): boolean {
  return !part.withdrawal && ["received", "acknowledged", "en_route"].includes(part.state);
}

/** The words that are typed for the centre. They are kept in the browser until the server has them. */
export class Words {
  readonly text = signal("");

  constructor(readonly partId: string) {
    this.text.value = kept(this.#owner, this.#place)?.text ?? "";
  }

  get #owner(): string {
    return me.value?.subject ?? "";
  }

  get #place(): string {
    return `forwarding/${this.partId}/words`;
  }

  type(text: string): void {
    this.text.value = text;
    if (text === "") forget(this.#owner, this.#place);
    else keep(this.#owner, this.#place, { text });
  }
}

type Send = (key: Key) => Promise<{ error?: unknown; response: Response }>;

async function carried(send: Send): Promise<boolean> {
  const done = await attempted(act(send));
  await readParts().catch(() => undefined);
  return done;
}

/** The agency has seen this revision, and acts; of a stand-down: its unit turns back. */
export async function acknowledge(part: Part, text: string): Promise<boolean> {
  const path = { forwarding_id: part.id };
  const body = { revision: part.revision, ...(text.trim() ? { text } : {}) };
  return carried((header) =>
    api.POST("/v1/forwardings/{forwarding_id}/acknowledge", { params: { path, header }, body }),
  );
}

export async function report(part: Part, progress: Progress): Promise<boolean> {
  const path = { forwarding_id: part.id };
  const body = { progress };
  return carried((header) => api.POST("/v1/forwardings/{forwarding_id}/progress", { params: { path, header }, body }));
}
