import { batch, computed, signal } from "@preact/signals";
import { act, api, type Key, read, type Schemas } from "../../api/client";
import { Problem } from "../../api/problem";
import { follow, untilDone } from "../../live/follow";
import { attempted, tried } from "../../live/refusal";
import { me, openCall, regency } from "../../session/session";
import { readAgencies } from "../names";

/** A call. One that is hidden from this person has no more than id, reference, state and who has it. */
export type Call = Schemas["CallOut"];
export type Callback = Schemas["CallbackOut"];
export type Incident = Schemas["IncidentOut"];
export type Presence = Schemas["PresenceOut"];

/** Waiting calls, in the order in which they are to be answered. */
export const queue = signal<Call[]>([]);
/** Calls that somebody speaks on. */
export const onTheLine = signal<Call[]>([]);
/** The person's own calls that ended without a class. */
const unclassified = signal<Call[]>([]);
export const callbacks = signal<Callback[]>([]);
export const room = signal<Presence[]>([]);
export const guidance = signal<Schemas["GuidanceOut"] | null>(null);
/** Counts what the incidents' stream has said, so that the open call's incident is read again. */
export const incidentsChanged = signal(0);

/** The call that the workspace shows. */
export const openId = openCall;

export const mine = computed(() => {
  const own = onTheLine.value.filter((call) => call.answered_by === me.value?.subject);
  return [...own, ...unclassified.value.filter((call) => !own.some((one) => one.id === call.id))];
});
export const others = computed(() => onTheLine.value.filter((call) => call.answered_by !== me.value?.subject));
export const speaking = computed(() => mine.value.some((call) => call.state === "answered"));
export const presence = computed(() => room.value.find((one) => one.operator === me.value?.subject) ?? null);

const code = () => regency.value?.code ?? "";

export async function readCalls(): Promise<void> {
  const query = { regency: code() };
  const [waiting, line, left] = await Promise.all([
    read(api.GET("/v1/queue", { params: { query } })),
    read(api.GET("/v1/calls", { params: { query: { ...query, state: "answered" } } })),
    read(api.GET("/v1/calls", { params: { query: { ...query, mine: true, unclassified: true } } })),
  ]);
  batch(() => {
    queue.value = waiting.items as Call[];
    onTheLine.value = line.items as Call[];
    unclassified.value = (left.items as Call[]).filter((call) => call.state === "ended" && !call.cut_off);
  });
}

async function readCallbacks(): Promise<void> {
  callbacks.value = (await read(api.GET("/v1/callbacks", { params: { query: { regency: code() } } }))).items;
}

async function readRoom(): Promise<void> {
  room.value = (await read(api.GET("/v1/presence", { params: { query: { regency: code() } } }))).items;
}

const HEARTBEAT_MS = 15_000;

/** Opens the desk: code lists, streams, presence. Returns what closes it. */
export function openDesk(): () => void {
  const query = { regency: code() };
  const lists = async () => {
    guidance.value = await read(api.GET("/v1/guidance", { params: { query } }));
    await readAgencies();
  };
  const stopLists = untilDone(lists);
  const streams = [
    follow("/v1/queue/stream", readCalls),
    follow("/v1/callbacks/stream", readCallbacks),
    follow("/v1/presence/stream", async () => {
      await Promise.all([readRoom(), readCalls()]);
    }),
    follow("/v1/incidents/stream", async () => {
      incidentsChanged.value++;
    }),
  ];
  void signOn("available").catch(() => undefined);
  const beating = setInterval(() => void beat(), HEARTBEAT_MS);
  return () => {
    clearInterval(beating);
    stopLists();
    for (const stream of streams) stream.close();
  };
}

export async function signOn(state: Schemas["PresenceState"]): Promise<void> {
  const body = { regency: code(), state };
  await act((header) => api.POST("/v1/presence", { params: { header }, body }));
}

async function beat(): Promise<void> {
  try {
    await read(api.POST("/v1/presence/heartbeat", { body: { regency: code() } }));
  } catch (refused) {
    if (refused instanceof Problem && refused.status === 409) await signOn("available").catch(() => undefined);
  }
}

export async function answer(call: Call): Promise<void> {
  const path = { call_id: call.id };
  const got = await tried(act((header) => api.POST("/v1/calls/{call_id}/answer", { params: { path, header } })));
  if (got) openId.value = got.id;
  await readCalls().catch(() => undefined);
}

export async function takeOver(call: Call, reason: string): Promise<void> {
  const path = { call_id: call.id };
  const body = { answered_by: call.answered_by ?? "", ...(reason ? { reason } : {}) };
  const send = (header: Key) => api.POST("/v1/calls/{call_id}/take-over", { params: { path, header }, body });
  const got = await tried(act(send));
  if (got) openId.value = got.id;
  await readCalls().catch(() => undefined);
}

export async function claim(callback: Callback): Promise<void> {
  const path = { callback_id: callback.id };
  await attempted(act((header) => api.POST("/v1/callbacks/{callback_id}/claim", { params: { path, header } })));
}

export async function report(callback: Callback, outcome: Schemas["CallbackOutcome"]): Promise<void> {
  const path = { callback_id: callback.id };
  const send = (header: Key) =>
    api.POST("/v1/callbacks/{callback_id}/attempts", { params: { path, header }, body: { outcome } });
  const got = await tried(act(send));
  if (got?.opened_call) openId.value = got.opened_call;
  await readCallbacks().catch(() => undefined);
}
