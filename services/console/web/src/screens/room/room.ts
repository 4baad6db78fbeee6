import { computed, effect, signal, untracked } from "@preact/signals";
import { act, api, type Key, newKey, read, readAll, type Schemas } from "../../api/client";
import { Problem } from "../../api/problem";
import { showRead } from "../../live/been-read";
import { untilDone } from "../../live/follow";
import { attempted } from "../../live/refusal";
import { heardLast } from "../../live/stream";
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

/** Where the person has signed off: at this page, which then says no more that it is there, or at another screen. */
export const signedOff = signal<"here" | "elsewhere" | null>(null);

/** Whether this page has signed the person on, or found the person signed on: then it says again and again that it is there. */
let takesPart = false;
/** Counts what the person says at this page, at its beginning and at its end. What was read of the room before is older. */
let turn = 0;
let saying = 0;
let beatenAt = 0;

const HEARTBEAT_MS = 15_000;
const EARLY_MS = 1_000;
const code = () => regency.value?.code ?? "";

export async function readRoom(): Promise<void> {
  const asked = turn;
  const all = await readAll((cursor) => {
    const query = { regency: code(), limit: 200, ...(cursor ? { cursor } : {}) };
    return read(api.GET("/v1/presence", { params: { query } }));
  });
  showRead(room, all);
  if (asked !== turn || saying > 0) return;
  if (presence.value === null && takesPart) leftElsewhere();
  else if (presence.value !== null && signedOff.value === "elsewhere") takePart();
}

function takePart(): void {
  takesPart = true;
  signedOff.value = null;
  void beat();
}

/** The person signed off at another screen. This page does not undo it: it says so, and the person decides. */
function leftElsewhere(): void {
  takesPart = false;
  signedOff.value = "elsewhere";
}

/** Does what the person says. */
async function said<T>(doing: Promise<T>): Promise<T> {
  turn++;
  saying++;
  try {
    return await doing;
  } finally {
    turn++;
    saying--;
  }
}

export async function signOn(state: State): Promise<void> {
  const body = { regency: code(), state };
  await said(act((header) => api.POST("/v1/presence", { params: { header }, body })));
  beatenAt = Date.now();
  takePart();
}

const MAY_SIGN_ON: readonly Schemas["Role"][] = ["operator", "dispatcher", "supervisor"];

/** Goes on with the presence of a person who is signed on: what a person said of themselves stays, also when screens change
 * and when the page begins anew. `signsOn`: whether the screen signs on whoever is not, or was left by a page of which nothing
 * is heard any more. Another screen goes on with such a presence only for its calls, which would look left alone. Returns what
 * ends the attempt.
 */
export function enterRoom(signsOn: boolean): () => void {
  const mayTakePart = me.value?.roles.some((role) => MAY_SIGN_ON.includes(role));
  if (takesPart || signedOff.value !== null || !mayTakePart) return () => undefined;
  return untilDone(async () => {
    await readRoom();
    if (takesPart || saying > 0) return; // the person has said something meanwhile
    const own = presence.value;
    const goesOn = own !== null && (!own.stale || (!signsOn && own.calls.length > 0));
    if (goesOn) takePart();
    else if (signsOn) await signOn("available");
  });
}

/** Says every 15 s that the page is there, whichever screen it shows. Returns what ends it. */
export function attend(): () => void {
  const timer = setInterval(() => void beat(), HEARTBEAT_MS);
  // Browsers slow the timers of a hidden tab down to one in a minute, but not what a stream says.
  const stopListening = effect(() => {
    if (Number.isFinite(heardLast.value)) untracked(() => void beat());
  });
  return () => {
    clearInterval(timer);
    stopListening();
    turn++;
    beatenAt = 0;
    takesPart = false;
    signedOff.value = null;
    room.value = [];
  };
}

async function beat(): Promise<void> {
  if (!takesPart || Date.now() - beatenAt < HEARTBEAT_MS - EARLY_MS) return;
  beatenAt = Date.now();
  const asked = turn;
  try {
    await read(api.POST("/v1/presence/heartbeat", { body: { regency: code() } }));
  } catch (refused) {
    if (asked === turn && saying === 0 && refused instanceof Problem && refused.status === 409) leftElsewhere();
  }
}

/** Signs off. Returns what is left behind, if that is why it was refused; null: signed off. Raises Problem. */
export async function signOff(leaveCalls = false): Promise<Left | null> {
  const body = { regency: code(), ...(leaveCalls ? { leave_calls: true } : {}) };
  const key = newKey();
  try {
    await said(act((header: Key) => api.POST("/v1/presence/sign-off", { params: { header }, body }), key));
  } catch (refused) {
    const left = refused instanceof Problem ? leftOf(refused) : null;
    if (left === null) throw refused;
    return left;
  }
  takesPart = false;
  signedOff.value = "here";
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
