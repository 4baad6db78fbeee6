import { batch, computed } from "@preact/signals";
import { act, api, type Key, read, type Schemas } from "../../api/client";
import { showRead } from "../../live/been-read";
import { follow, followFor, fresh, SELDOM_MS, untilDone } from "../../live/follow";
import { attempted, tried } from "../../live/refusal";
import { factOf, openStream, type StreamMessage } from "../../live/stream";
import { personal } from "../../session/personal";
import { me, openCall, regency } from "../../session/session";
import { readNames } from "../names";
import { readTransfers, unsettled } from "../regencies/regencies";
import { readRoom, releaseCallback } from "../room/room";

/** A call. One that is hidden from this person has no more than id, reference, state and who has it. */
export type Call = Schemas["CallOut"];
export type Callback = Schemas["CallbackOut"];
export type CallTransfer = Schemas["CallTransferOut"];
export type Incident = Schemas["IncidentOut"];

/** Waiting calls, in the order in which they are to be answered. */
export const queue = personal<Call[]>([]);
/** Calls that somebody speaks on. */
export const onTheLine = personal<Call[]>([]);
/** The person's own calls that ended without a class. */
const unclassified = personal<Call[]>([]);
/** Offers of calls between this regency and others that wait, or that came back to this one. */
export const callTransfers = personal<CallTransfer[]>([]);
export const callbacks = personal<Callback[]>([]);
export const guidance = personal<Schemas["GuidanceOut"] | null>(null);
/** Calls whose callers hear the recorded message: their numbers are blocked. */
export const screened = personal<Call[]>([]);
/** What the incidents' stream has said last; null: it has begun anew. The open call's incident is read again by it. */
export const incidentsSaid = personal<{ message: StreamMessage | null }>({ message: null });

/** The call that the workspace shows. */
export const openId = openCall;

export const mine = computed(() => {
  const own = onTheLine.value.filter((call) => call.answered_by === me.value?.subject);
  return [...own, ...unclassified.value.filter((call) => !own.some((one) => one.id === call.id))];
});
export const others = computed(() => onTheLine.value.filter((call) => call.answered_by !== me.value?.subject));
export const speaking = computed(() => mine.value.some((call) => call.state === "answered"));

const code = () => regency.value?.code ?? "";

async function readQueue(): Promise<void> {
  showRead(queue, (await read(api.GET("/v1/queue", { params: { query: { regency: code() } } }))).items as Call[]);
}

async function readLine(): Promise<void> {
  const query = { regency: code() };
  const [line, left] = await Promise.all([
    read(api.GET("/v1/calls", { params: { query: { ...query, state: "answered" } } })),
    read(api.GET("/v1/calls", { params: { query: { ...query, mine: true, unclassified: true } } })),
  ]);
  batch(() => {
    showRead(onTheLine, line.items as Call[]);
    unclassified.value = (left.items as Call[]).filter((call) => call.state === "ended" && !call.cut_off);
  });
}

async function readScreened(): Promise<void> {
  const query = { regency: code(), state: "screening" as const };
  screened.value = (await read(api.GET("/v1/calls", { params: { query } }))).items as Call[];
}

/** All lists of calls, after a step of one's own. */
export async function readCalls(): Promise<void> {
  await Promise.all([readQueue(), readLine()]);
}

/** What is offered to this person comes first, wherever the list has it. */
export async function readCallbacks(): Promise<void> {
  const query = { regency: code() };
  const [list, offered] = await Promise.all([
    read(api.GET("/v1/callbacks", { params: { query } })),
    read(api.GET("/v1/callbacks", { params: { query: { ...query, offered_to: me.value?.subject ?? null } } })),
  ]);
  const others = list.items.filter((callback) => !offered.items.some((one) => one.id === callback.id));
  showRead(callbacks, [...offered.items, ...others]);
}

export async function readCallTransfers(): Promise<void> {
  const query = { regency: code() };
  callTransfers.value = unsettled((await read(api.GET("/v1/call-transfers", { params: { query } }))).items, code());
}

/** Goes on with the caller of another regency. */
export async function acceptCaller(one: CallTransfer): Promise<void> {
  const path = { call_transfer_id: one.id };
  const send = (header: Key) => api.POST("/v1/call-transfers/{call_transfer_id}/accept", { params: { path, header } });
  const got = await tried(act(send));
  if (got) openId.value = got.id;
  await Promise.all([readCalls(), readCallTransfers()]).catch(() => undefined);
}

/** Keeps a caller that was offered to another regency. */
export async function keepCaller(id: string): Promise<void> {
  const path = { call_transfer_id: id };
  const send = (header: Key) =>
    api.POST("/v1/call-transfers/{call_transfer_id}/take-back", { params: { path, header } });
  await attempted(act(send));
  await Promise.all([readCalls(), readCallTransfers()]).catch(() => undefined);
}

/** Opens the desk: code lists, streams, presence. Returns what closes it. */
export function openDesk(): () => void {
  const query = { regency: code() };
  const lists = async () => {
    guidance.value = await read(api.GET("/v1/guidance", { params: { query } }));
    await readNames();
  };
  const stopLists = untilDone(lists);
  const waiting = fresh(readQueue);
  const inTheRoom = {
    line: fresh(readLine, SELDOM_MS),
    screened: fresh(readScreened, SELDOM_MS),
    room: fresh(readRoom, SELDOM_MS),
    callers: fresh(readCallTransfers),
  };
  const offers = fresh(readTransfers);
  const streams = [
    followFor("/v1/queue/stream", [waiting], (message) =>
      factOf(message) === "CallCorrected" ? [waiting, inTheRoom.line] : [waiting],
    ),
    followFor("/v1/presence/stream", Object.values(inTheRoom), (message) =>
      concernedInTheRoom(factOf(message)).map((name) => inTheRoom[name]),
    ),
    follow("/v1/callbacks/stream", readCallbacks),
    openStream("/v1/incidents/stream", {
      ready: () => {
        incidentsSaid.value = { message: null };
        offers.renew();
      },
      message: (_, data) => {
        const message = data as StreamMessage;
        incidentsSaid.value = { message };
        // An offer of another regency comes as an alarm.
        if (message.regency === code() && /Transfer|Alarm/.test(factOf(message))) offers.renew();
      },
    }),
  ];
  return () => {
    stopLists();
    offers.stop();
    for (const stream of streams) stream.close();
  };
}

/** The lists that a message of the room's stream concerns. */
export function concernedInTheRoom(fact: string): ("line" | "screened" | "room" | "callers")[] {
  if (fact === "PresenceChanged") return ["room"];
  if (fact === "CallScreened") return ["screened"];
  if (fact === "CallReceived" || fact === "CallScreeningEnded") return ["line", "screened"];
  if (/Transfer|Alarm/.test(fact)) return ["line", "callers"];
  // A call that heard the message may have been answered.
  return screened.peek().length > 0 ? ["line", "screened"] : ["line"];
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

/** Declines a call that a colleague has offered; it stays the colleague's. */
export async function declineCall(call: Call): Promise<void> {
  const path = { call_id: call.id };
  await attempted(act((header) => api.POST("/v1/calls/{call_id}/offer/decline", { params: { path, header } })));
  await readCalls().catch(() => undefined);
}

/** Takes a callback on; of one that a colleague offers, this accepts it. */
export async function claim(callback: Callback): Promise<void> {
  const path = { callback_id: callback.id };
  await attempted(act((header) => api.POST("/v1/callbacks/{callback_id}/claim", { params: { path, header } })));
}

/** Declines a callback that a colleague has offered; it stays the colleague's. */
export async function declineCallback(callback: Callback): Promise<void> {
  const path = { callback_id: callback.id };
  await attempted(act((header) => api.POST("/v1/callbacks/{callback_id}/offer/decline", { params: { path, header } })));
  await readCallbacks().catch(() => undefined);
}

export async function release(callback: Callback): Promise<void> {
  await releaseCallback(callback.id);
  await readCallbacks().catch(() => undefined);
}

export async function report(callback: Callback, outcome: Schemas["CallbackOutcome"]): Promise<void> {
  const path = { callback_id: callback.id };
  const send = (header: Key) =>
    api.POST("/v1/callbacks/{callback_id}/attempts", { params: { path, header }, body: { outcome } });
  const got = await tried(act(send));
  if (got?.opened_call) openId.value = got.opened_call;
  await readCallbacks().catch(() => undefined);
}
