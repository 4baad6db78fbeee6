import { signal } from "@preact/signals";
import { act, api, type Key, newKey, read, type Schemas } from "../../api/client";
import { forget, keep, kept, keptFields } from "../../live/kept";
import { attempted } from "../../live/refusal";
import { me } from "../../session/session";
import { type Incident, isHidden, type Row } from "./board";

export type Forwarding = Schemas["ForwardingOut_dispatch"];
type Entry = Schemas["IncidentEntry"];
type Report = Schemas["ReportOut_dispatch"];
export type Part = "notes" | "timeline" | "reports";

const PAGE = 200;

/** The incident that is open beside the board, and what is typed about it. */
export class OpenIncident {
  readonly incident = signal<Row | null>(null);
  readonly part = signal<Part>("notes");
  readonly timeline = signal<Entry[]>([]);
  readonly reports = signal<Report[]>([]);
  /** The note being typed. It is kept in the browser until the server has it. */
  readonly note = signal("");
  readonly internal = signal(false);
  /** Notes that the server does not have yet. */
  readonly onTheirWay = signal<string[]>([]);
  #closed = false;

  /** `row`: what the board knows of it already. */
  constructor(
    readonly id: string,
    row: Row | null = null,
  ) {
    this.incident.value = row;
    this.note.value = kept(this.#owner, this.#place)?.text ?? "";
    this.#until(() => this.readAgain());
  }

  get #owner(): string {
    return me.value?.subject ?? "";
  }

  get #place(): string {
    return `incident/${this.id}/note`;
  }

  close(): void {
    this.#closed = true;
  }

  #until(doing: () => Promise<void>): void {
    if (!this.#closed) void doing().catch(() => setTimeout(() => this.#until(doing), 1000));
  }

  async readAgain(): Promise<void> {
    const path = { incident_id: this.id };
    this.take((await read(api.GET("/v1/incidents/{incident_id}", { params: { path } }))) as Row);
    await this.readPart();
  }

  /** An answer that is older than what is shown changes nothing. */
  take(incident: Row): void {
    const before = this.incident.value;
    if (before === null || incident.version >= before.version || before.hidden) this.incident.value = incident;
  }

  turnTo(part: Part): void {
    this.part.value = part;
    this.#until(() => this.readPart());
  }

  async readPart(): Promise<void> {
    if (this.incident.value === null || isHidden(this.incident.value)) return;
    if (this.part.value === "timeline") this.timeline.value = await this.#all((cursor) => this.#entries(cursor));
    if (this.part.value === "reports") this.reports.value = await this.#all((cursor) => this.#pageOfReports(cursor));
  }

  #entries(cursor: string | null) {
    const query = { limit: PAGE, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/incidents/{incident_id}/timeline", { params: { path: { incident_id: this.id }, query } }));
  }

  #pageOfReports(cursor: string | null) {
    const query = { limit: PAGE, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/incidents/{incident_id}/reports", { params: { path: { incident_id: this.id }, query } }));
  }

  async #all<T>(page: (cursor: string | null) => Promise<{ items: T[]; next: string | null }>): Promise<T[]> {
    const all: T[] = [];
    let cursor: string | null = null;
    do {
      const { items, next } = await page(cursor);
      all.push(...items);
      cursor = next;
    } while (cursor !== null);
    return all;
  }

  typeNote(text: string): void {
    this.note.value = text;
    if (text === "") forget(this.#owner, this.#place);
    else keep(this.#owner, this.#place, { text });
  }

  /** Writes the typed note. The field is free at once; a refused note comes back into it. */
  async writeNote(): Promise<void> {
    const text = this.note.value.trim();
    if (text === "") return;
    this.typeNote("");
    this.onTheirWay.value = [...this.onTheirWay.value, text];
    const sent = await attempted(sendNote(this.#owner, { incidentId: this.id, text, internal: this.internal.value }));
    this.onTheirWay.value = this.onTheirWay.value.filter((one) => one !== text);
    if (!sent) this.typeNote([text, this.note.value].filter(Boolean).join("\n"));
    else await this.readAgain().catch(() => undefined);
  }

  /** One step without words. What is refused is shown. Whether it was done. */
  async step(
    send: (header: Key) => Promise<{ data?: unknown; error?: unknown; response: Response }>,
  ): Promise<boolean> {
    const done = await attempted(act(send));
    await this.readAgain().catch(() => undefined);
    return done;
  }
}

/** The moment by which the next agency must have acknowledged, in milliseconds since 1970; null: nobody is waited for. */
export function nextDeadline(incident: Pick<Incident, "forwardings">): number | null {
  const open = incident.forwardings.filter((one) => one.needs_acknowledgement && one.acknowledge_by);
  const moments = open.map((one) => Date.parse(one.acknowledge_by as string));
  return moments.length > 0 ? Math.min(...moments) : null;
}

const HAS_IT = new Set(["acknowledged", "en_route", "on_scene", "under_control", "done", "standing_down"]);

/** How many of the agencies that were told, and not called off, have acknowledged. */
export function acknowledged(incident: Pick<Incident, "forwardings">): [number, number] {
  const told = incident.forwardings.filter((one) => one.state !== "withdrawn");
  return [told.filter((one) => HAS_IT.has(one.state)).length, told.length];
}

interface NoteOnItsWay {
  incidentId: string;
  text: string;
  internal: boolean;
}

const ON_ITS_WAY = "incident note on its way/";

/** Sends a note under one key. It is kept in the browser until there is an answer. */
async function sendNote(owner: string, note: NoteOnItsWay, key = newKey()): Promise<void> {
  const place = `${ON_ITS_WAY}${note.incidentId}/${key["Idempotency-Key"]}/${note.internal}`;
  keep(owner, place, { text: note.text });
  const path = { incident_id: note.incidentId };
  const body = { text: note.text, internal: note.internal };
  try {
    await act((header) => api.POST("/v1/incidents/{incident_id}/notes", { params: { path, header }, body }), key);
  } finally {
    forget(owner, place);
  }
}

/** Sends the notes that a screen which crashed has left, each under its own key. */
export async function sendLeftNotes(): Promise<void> {
  const owner = me.value?.subject ?? "";
  for (const place of keptFields(owner, ON_ITS_WAY)) {
    const [incidentId = "", key = "", internal] = place.slice(ON_ITS_WAY.length).split("/");
    const note = { incidentId, text: kept(owner, place)?.text ?? "", internal: internal === "true" };
    await attempted(sendNote(owner, note, { "Idempotency-Key": key }));
  }
}
