import { signal } from "@preact/signals";
import { act, api, read, readAll, type Schemas, type Send } from "../../api/client";
import { writeNote } from "../../live/notes";
import { attempted } from "../../live/refusal";
import { Words } from "../../live/words";
import { type Incident, isHidden, type Row } from "./row";

export type Forwarding = Schemas["ForwardingOut_dispatch"];
type Entry = Schemas["IncidentEntry"];
type Report = Schemas["ReportOut_dispatch"];
type Camera = Schemas["CameraOut"];
export type Part = "notes" | "timeline" | "reports" | "cameras";

const PAGE = 200;

/** The incident that is open beside the board, and what is typed about it. */
export class OpenIncident {
  readonly incident = signal<Row | null>(null);
  readonly part = signal<Part>("notes");
  readonly timeline = signal<Entry[]>([]);
  readonly reports = signal<Report[]>([]);
  /** The cameras near by; null: not read yet. */
  readonly cameras = signal<Camera[] | null>(null);
  /** The note being typed. It is kept in the browser until the server has it. */
  readonly note: Words;
  readonly internal = signal(false);
  #closed = false;

  /** `row`: what the board knows of it already. */
  constructor(
    readonly id: string,
    row: Row | null = null,
  ) {
    this.incident.value = row;
    this.note = new Words(`incident/${id}/note`);
    this.#until(() => this.readAgain());
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
    if (this.part.value === "timeline") this.timeline.value = await readAll((cursor) => this.#entries(cursor));
    if (this.part.value === "reports") this.reports.value = await readAll((cursor) => this.#pageOfReports(cursor));
    if (this.part.value === "cameras") {
      const path = { incident_id: this.id };
      const found = await read(api.GET("/v1/incidents/{incident_id}/cctv-points", { params: { path } }));
      this.cameras.value = found.items;
    }
  }

  #entries(cursor: string | null) {
    const query = { limit: PAGE, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/incidents/{incident_id}/timeline", { params: { path: { incident_id: this.id }, query } }));
  }

  #pageOfReports(cursor: string | null) {
    const query = { limit: PAGE, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/incidents/{incident_id}/reports", { params: { path: { incident_id: this.id }, query } }));
  }

  async writeNote(): Promise<void> {
    const about = { of: "incidents", id: this.id, internal: this.internal.value } as const;
    if (await writeNote(this.note, about)) await this.readAgain().catch(() => undefined);
  }

  /** One step without words. What is refused is shown. Whether it was done. */
  async step(send: Send): Promise<boolean> {
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
