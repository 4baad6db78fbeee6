import { computed, signal } from "@preact/signals";
import { act, api, type Key, newKey, read, type Schemas } from "../../api/client";
import { Problem } from "../../api/problem";
import { attempted } from "../../live/refusal";
import { me, regency } from "../../session/session";

type Presence = Schemas["PresenceOut"];
type State = Schemas["PresenceState"];

/** What keeps a person from signing off, as the refusal names it. */
export interface Left {
  calls: string[];
  not_classified: string[];
  callbacks: string[];
  unacknowledged: Schemas["UnacknowledgedOut"][];
}

/** Everybody who is signed on. */
export const room = signal<Presence[]>([]);
export const presence = computed(() => room.value.find((one) => one.operator === me.value?.subject) ?? null);
export const colleagues = computed(() => room.value.filter((one) => one.operator !== me.value?.subject));
/** Whether the person has signed off at this screen; then it says no more that it is there. */
export const signedOff = signal(false);
/** Whether the person is signing off. A heartbeat that was on its way may be refused because of it. */
let signingOff = false;

const HEARTBEAT_MS = 15_000;
const code = () => regency.value?.code ?? "";

export async function readRoom(): Promise<void> {
  room.value = (await read(api.GET("/v1/presence", { params: { query: { regency: code(), limit: 200 } } }))).items;
}

export async function signOn(state: State): Promise<void> {
  const body = { regency: code(), state };
  await act((header) => api.POST("/v1/presence", { params: { header }, body }));
  signedOff.value = false;
}

/** Signs on, and says every 15 s that the screen is there. Returns what ends it. */
export function enterRoom(): () => void {
  signedOff.value = false;
  void signOn("available").catch(() => undefined);
  const beating = setInterval(() => void beat(), HEARTBEAT_MS);
  return () => clearInterval(beating);
}

async function beat(): Promise<void> {
  if (signedOff.value) return;
  try {
    await read(api.POST("/v1/presence/heartbeat", { body: { regency: code() } }));
  } catch (refused) {
    if (signingOff || signedOff.value) return;
    if (refused instanceof Problem && refused.status === 409) await signOn("available").catch(() => undefined);
  }
}

/** Signs off. Returns what is left behind, if that is why it was refused; null: signed off. Raises Problem. */
export async function signOff(leaveCalls = false): Promise<Left | null> {
  const body = { regency: code(), ...(leaveCalls ? { leave_calls: true } : {}) };
  const key = newKey();
  signingOff = true;
  try {
    await act((header: Key) => api.POST("/v1/presence/sign-off", { params: { header }, body }), key);
  } catch (refused) {
    const left = refused instanceof Problem ? leftOf(refused) : null;
    if (left === null) throw refused;
    return left;
  } finally {
    signingOff = false;
  }
  signedOff.value = true;
  await readRoom().catch(() => undefined);
  return null;
}

/** What a refused sign-off names; null if it was refused for another reason. */
export function leftOf(problem: Problem): Left | null {
  const { calls, not_classified, callbacks, unacknowledged } = problem.document;
  if (!Array.isArray(calls)) return null;
  return {
    calls: calls as string[],
    not_classified: (not_classified ?? []) as string[],
    callbacks: (callbacks ?? []) as string[],
    unacknowledged: (unacknowledged ?? []) as Left["unacknowledged"],
  };
}

/** Asks a colleague to take the call. It stays the person's own until the colleague takes it over. */
export async function offerCall(callId: string, to: string): Promise<boolean> {
  const path = { call_id: callId };
  return attempted(act((header) => api.POST("/v1/calls/{call_id}/offer", { params: { path, header }, body: { to } })));
}

/** Asks a colleague to call back instead. The callback stays the person's own until the colleague takes it on. */
export async function offerCallback(id: string, to: string): Promise<boolean> {
  const path = { callback_id: id };
  const send = (header: Key) =>
    api.POST("/v1/callbacks/{callback_id}/offer", { params: { path, header }, body: { to } });
  return attempted(act(send));
}

/** Gives a callback back, so that anybody may take it on. */
export async function releaseCallback(id: string): Promise<void> {
  const path = { callback_id: id };
  await attempted(act((header) => api.POST("/v1/callbacks/{callback_id}/release", { params: { path, header } })));
}

/** The people who are there beside oneself, as the choices of a field. */
export function peopleHere(): (readonly [string, string])[] {
  return colleagues.value.map((one) => [one.operator, one.name ?? one.operator] as const);
}

/** The name of a person, if the room knows it; else the subject of the token. */
export function nameOfPerson(subject: string): string {
  return room.value.find((one) => one.operator === subject)?.name ?? subject;
}
