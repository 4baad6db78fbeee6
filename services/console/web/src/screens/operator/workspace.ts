import { batch, computed, effect, signal } from "@preact/signals";
import { act, api, type Key, read, type Schemas, type Send } from "../../api/client";
import { type Draft, draftOf, type ServerDraft } from "../../live/draft";
import { fresh, untilDone } from "../../live/follow";
import { writeNote } from "../../live/notes";
import { tried } from "../../live/refusal";
import { openStream, type StreamMessage } from "../../live/stream";
import { personsGone } from "../../session/personal";
import { me, regency } from "../../session/session";
import { type Call, type Incident, incidentsSaid, readCalls } from "./desk";
import type { Location } from "./place";

/** An incident of the number that was closed a short time ago. */
export type Closed = Schemas["ClosedIncidentOut"];
type Choosing = "type" | "question" | "same" | "silent" | null;

/** One call as the workspace shows it: the call, what is known of it, its incident, and the fields being typed. */
export class OpenCall {
  readonly call = signal<Call | null>(null);
  readonly look = signal<Schemas["FirstLookOut"] | null>(null);
  readonly incident = signal<Incident | null>(null);
  readonly referral = signal<string | null>(null);
  /** Which choices the letters stand for at the moment. */
  readonly choosing = signal<Choosing>(null);
  readonly note: Draft;
  readonly place: Draft;
  #renewIncident = () => {};
  /** The call's own incident, if `incident` is the one that it was merged into. */
  #own: Incident | null = null;

  constructor(readonly id: string) {
    const owner = me.value?.subject ?? "";
    this.note = draftOf(owner, id, "note");
    this.place = draftOf(owner, id, "place");
  }

  /** Follows the call until the returned function is called. */
  open(): () => void {
    const call = fresh(() => this.readCall());
    const incident = fresh(() => this.#readIncident());
    this.#renewIncident = () => incident.renew();
    const stopLook = untilDone(() => this.readLook());
    const stopIncidents = effect(() => {
      const { message } = incidentsSaid.value;
      if (message === null || this.#concernedBy(message)) incident.renew();
    });
    // Only the call itself says whether there is a referral, and no message need come for an incident that is old.
    const isShown = computed(() => this.call.value !== null);
    const stopShown = effect(() => {
      if (isShown.value) incident.renew();
    });
    const drafts = openStream(`/v1/calls/${this.id}/drafts/stream`, {
      ready: () => call.renew(),
      message: (name, data) => {
        if (name === "draft") this.#take(data as ServerDraft);
        if (name === "call" && (data as { version: number }).version > (this.call.peek()?.version ?? 0)) call.renew();
      },
    });
    return () => {
      drafts.close();
      this.note.stop();
      this.place.stop();
      stopLook();
      stopIncidents();
      stopShown();
      call.stop();
      incident.stop();
    };
  }

  /** Whether a message of the incidents' stream is about this call's incident, or about a new one of this call. */
  #concernedBy({ subject, event }: StreamMessage): boolean {
    const known = this.incident.peek()?.id ?? null;
    if (known === null && this.call.peek()?.call_class === "emergency") return true;
    return subject === known || Object.values(event).includes(this.id);
  }

  #take(field: ServerDraft): void {
    if (field.field === "note") this.note.take(field);
    if (field.field === "place") this.place.take(field);
  }

  async readCall(): Promise<void> {
    const call = await read(api.GET("/v1/calls/{call_id}", { params: { path: { call_id: this.id } } }));
    this.#show(call as Call);
  }

  /** What is known of the number and of the place. */
  async readLook(): Promise<void> {
    const look = await read(api.GET("/v1/calls/{call_id}/first-look", { params: { path: { call_id: this.id } } }));
    batch(() => {
      this.look.value = look;
      this.#show(look.call);
    });
  }

  async #readIncident(): Promise<void> {
    const query = { regency: regency.value?.code ?? "", call_id: this.id };
    const found = await read(api.GET("/v1/incidents", { params: { query } }));
    this.#own = (found.items[0] as Incident | undefined) ?? null;
    this.incident.value = this.#own && (await goesOn(this.#own));
    if (this.call.peek()?.call_class === "non_emergency") {
      const referrals = await read(api.GET("/v1/referrals", { params: { query } }));
      this.referral.value = referrals.items[0]?.number ?? null;
    }
  }

  /** An answer that is older than what is shown changes nothing. */
  #show(call: Call): void {
    if (call.version >= (this.call.value?.version ?? 0)) this.call.value = call;
  }

  /** Carries a step out; what is refused is shown, and what was typed stays. */
  async #step(send: Send<Call>): Promise<boolean> {
    const done = await tried(act(send));
    if (done) this.#show(done);
    return done !== null;
  }

  get #path() {
    return { call_id: this.id };
  }

  async writeNote(): Promise<void> {
    const about = { of: "calls", id: this.id, internal: false } as const;
    if (await writeNote(this.note, about)) await this.readCall().catch(() => undefined);
  }

  async locate(location: Location): Promise<boolean> {
    const done = await this.#step((header) =>
      api.POST("/v1/calls/{call_id}/location", { params: { path: this.#path, header }, body: location }),
    );
    if (done) {
      if (this.place.text.value !== "") this.place.type("");
      await this.readLook().catch(() => undefined);
    }
    return done;
  }

  async classify(body: Schemas["ClassifyCall"]): Promise<void> {
    this.choosing.value = null;
    await this.#step((header) => this.sendClass(body, header));
    await this.classified(body);
  }

  async sendClass(body: Schemas["ClassifyCall"], header: Key) {
    const params = { path: this.#path, header };
    const answer = await api.POST("/v1/calls/{call_id}/classification", { params, body });
    if (answer.data) this.#show(answer.data);
    return answer;
  }

  /** Reads what a class that was given changes. */
  async classified({ call_class }: Schemas["ClassifyCall"]): Promise<void> {
    // A prank may propose a block of the number.
    if (call_class === "prank") await this.readLook().catch(() => undefined);
    this.#renewIncident(); // its message may have come before the class was known here
    await readCalls().catch(() => undefined);
  }

  /** Says whether the incident that is shown is the same event as another. */
  async decideDuplicate(decision: "merge" | "rejected-duplicates", other: string): Promise<void> {
    const incident_id = this.incident.value?.id ?? "";
    const send = (header: Key) =>
      api.POST(`/v1/incidents/{incident_id}/${decision}`, {
        params: { path: { incident_id }, header },
        body: { other },
      });
    await tried(act(send));
    this.#renewIncident();
  }

  /** The open incident that the call opened by itself, if it is another one than `closed`. */
  #ownBeside(closed: Closed): string | null {
    const own = this.#own;
    if (own === null || own.id === closed.id || own.state === "closed" || own.state === "merged") return null;
    return own.id;
  }

  /** The incident that was closed lately goes on. What the call opened by itself becomes a part of it. */
  reopen(closed: Closed, header: Key) {
    const other = this.#ownBeside(closed);
    const params = { path: { incident_id: closed.id }, header };
    return api.POST("/v1/incidents/{incident_id}/reopen", { params, body: other ? { other } : {} });
  }

  /** After the reopening: a call that opened nothing by itself belongs to the reopened incident. */
  async belongTo(closed: Closed): Promise<void> {
    const look = this.look.value;
    if (look) {
      this.look.value = { ...look, closed_lately: look.closed_lately.filter((one) => one.id !== closed.id) };
    }
    if (this.#ownBeside(closed)) return;
    const incident_type = closed.incident_type ?? null;
    await this.classify({ call_class: "emergency", incident_type, same_incident: closed.id });
  }

  async answerQuestion(question: string, answer: string | null, guidance: string): Promise<void> {
    const body = { answers: { [question]: answer }, guidance };
    await this.#step((header) =>
      api.POST("/v1/calls/{call_id}/triage", { params: { path: this.#path, header }, body }),
    );
  }

  /** A step of the procedure for a silent caller, with what was heard after it. */
  async takeSilentStep(step: string, heard: Schemas["Heard"], guidance: string): Promise<void> {
    const body = { step, heard, guidance };
    await this.#step((header) =>
      api.POST("/v1/calls/{call_id}/silent-steps", { params: { path: this.#path, header }, body }),
    );
  }

  async markChild(probably: boolean): Promise<void> {
    const body = { probably_child: probably };
    await this.#step((header) => api.POST("/v1/calls/{call_id}/child", { params: { path: this.#path, header }, body }));
  }

  async tell(step: string, told: boolean, incidentType: string, guidance: string): Promise<void> {
    const body = { step, told, incident_type: incidentType, guidance };
    await this.#step((header) => api.POST("/v1/calls/{call_id}/words", { params: { path: this.#path, header }, body }));
  }

  async end(by: "operator" | "caller"): Promise<void> {
    const whose = personsGone();
    if (this.note.text.value.trim() !== "") await this.writeNote();
    if (whose !== personsGone()) return;
    const body = { ended_by: by };
    await this.#step((header) => api.POST("/v1/calls/{call_id}/end", { params: { path: this.#path, header }, body }));
    await readCalls().catch(() => undefined);
  }
}

/** The incident that is worked on: the one that this one was merged into, if it was. */
async function goesOn(incident: Incident): Promise<Incident> {
  if (!incident.merged_into) return incident;
  const path = { incident_id: incident.merged_into };
  return goesOn((await read(api.GET("/v1/incidents/{incident_id}", { params: { path } }))) as Incident);
}
