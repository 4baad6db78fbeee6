import { computed, effect, signal } from "@preact/signals";
import { act, api, newKey, read, type Schemas, type Send, Unreachable } from "../api/client";
import { Problem } from "../api/problem";
import { t } from "../i18n/texts";
import { allStored, forgetKept, isKeptFor, keepFor, opened } from "../live/kept";
import {
  type Away,
  answerInAddress,
  awaitAnswer,
  handOver,
  recall,
  recallNotice,
  remember,
  rememberNotice,
} from "./away";
import { compareClocks, serverAhead } from "./clock";
import { forgetPerson, personal } from "./personal";
import {
  type Attempt,
  begin,
  finish,
  type Given,
  leave,
  type Provider,
  ProviderAway,
  ProviderRefuses,
  renewed,
} from "./provider";
import { expired, token } from "./token";

/** The person of the token; null before signing in. */
export const me = signal<Schemas["Me"] | null>(null);

/** The regency of the screen; null before one is chosen. */
export const regency = personal<Schemas["RegencyWhole"] | null>(null);

/** The name of the screen that the person chose; null: the first of the roles. */
export const chosenScreen = personal<string | null>(null);

/** The id of the call that the operator's desk shows. It stands here so that it is shown again after a way to the provider. */
export const openCall = personal<string | null>(null);

/** The regency's clock, by which all times are shown. */
export const timeZone = computed(() => regency.value?.time_zone ?? "Asia/Jakarta");

/** The boundary of the regency (GeoJSON), if its pack has one. */
export const boundary = computed(() => (regency.value?.pack as { zone?: unknown } | null)?.zone);

interface PageSettings {
  /** Whether the built-in issuer's form is there. */
  form: boolean;
  providers: Provider[];
  /** Issuers whose tokens are accepted, but at which this page cannot sign in. */
  elsewhere: string[];
  demonstration: boolean;
}

export const settings = signal<PageSettings | null>(null);

export async function loadSettings(): Promise<void> {
  const sentAt = Date.now();
  const answer = await fetch("/console/settings.json");
  compareClocks(answer, sentAt);
  settings.value = await answer.json();
}

/** What came of the last sign-in at a provider: a sentence for the person. */
export const notice = signal<string | null>(null);

/** Whether this tab brought a provider's answer to another one, and has nothing more to do. */
export const broughtAnswer = signal(false);

/** Whether a provider's answer is being taken. */
export const returning = signal(false);

/** How a session goes on and ends. */
interface Source {
  renew: () => Promise<{ access_token: string; expires_in: number }>;
  /** Whether `renew` may succeed although the token is over. */
  afterEnd: boolean;
  /** Ends the session where it began. False: there is nothing to end. */
  leave: () => Promise<boolean>;
}

const builtIn: Source = {
  renew: () => read(api.POST("/v1/auth/token/renewal")),
  afterEnd: false,
  leave: async () => false,
};

function at(provider: Provider, first: Given): Source {
  let last = first;
  return {
    async renew() {
      if (last.refresh_token === undefined) throw new ProviderRefuses("no refresh token");
      last = await renewed(provider, last);
      return last;
    },
    afterEnd: true,
    leave: () => leave(provider, last),
  };
}

/** Signs in at the built-in issuer. Raises Problem. If another person signs in than before, the page forgets that one. */
export async function signIn(username: string, password: string): Promise<void> {
  const given = await read(api.POST("/v1/auth/token", { body: { username, password } }));
  await enter(given, builtIn);
}

/** Goes to the provider to sign in. Above a screen it opens a window of its own, so that the screen stays as it is; this tab
 * goes there itself if the browser opens none.
 */
export async function signInAt(provider: Provider): Promise<void> {
  notice.value = null;
  const window = me.value === null ? null : open("about:blank", "_blank", "popup,width=520,height=720");
  try {
    const { attempt, address } = await begin(provider);
    if (window === null) {
      const place = { screen: chosenScreen.value, call: openCall.value, regency: regency.value?.code ?? null };
      remember({ attempt, subject: me.value?.subject ?? null, ...place });
      await allStored();
      location.assign(address);
      return;
    }
    stopWaiting();
    stopWaiting = awaitAnswer(attempt, (answer) => void takeAnswer(attempt, answer));
    window.location.replace(address);
  } catch (trouble) {
    window?.close();
    notice.value = wordsOf(trouble, provider.issuer);
  }
}

let stopWaiting = () => {};

/** What a tab begins with: a provider's answer, and what it must know of the time before. */
interface Beginning {
  answer: URLSearchParams | null;
  away: Away | null;
}

/** Takes it out of the address, the history and the storage. */
export function beginning(): Beginning {
  notice.value = recallNotice();
  return { answer: answerInAddress(), away: recall() };
}

/** Takes the provider's answer, if the tab began with one. */
export async function comeBack({ answer, away }: Beginning): Promise<void> {
  if (answer === null) return;
  returning.value = true;
  if (away?.attempt.state === answer.get("state")) await takeUp(away, answer);
  else if (await handOver(answer)) {
    broughtAnswer.value = true;
    close();
  } else notice.value = t("sign_in.not_begun");
  returning.value = false;
}

async function takeUp(away: Away, answer: URLSearchParams): Promise<void> {
  await takeAnswer(away.attempt, answer);
  // Another person does not find what was open.
  if (me.value === null || me.value.subject !== away.subject) return;
  chosenScreen.value = away.screen;
  openCall.value = away.call;
  const mine = me.value.regencies;
  if (away.regency !== null && regency.value === null && (mine.includes("*") || mine.includes(away.regency))) {
    await chooseRegency(away.regency).catch(() => undefined);
  }
}

async function takeAnswer(attempt: Attempt, answer: URLSearchParams): Promise<void> {
  try {
    const given = await finish(attempt, answer);
    await enter(given, at(attempt.provider, given), act);
  } catch (trouble) {
    notice.value = wordsOf(trouble, attempt.provider.issuer);
  }
}

/** What a person is told of a sign-in that failed. */
export function wordsOf(trouble: unknown, issuer = ""): string {
  const provider = URL.canParse(issuer) ? new URL(issuer).host : issuer;
  if (trouble instanceof Problem) return trouble.sentences.join(" ");
  if (trouble instanceof ProviderAway) return t("sign_in.provider_away", { provider });
  if (trouble instanceof ProviderRefuses) return t("sign_in.refused", { provider, reason: trouble.message });
  if (trouble instanceof Unreachable) return t("sign_in.unreachable");
  const reason = trouble instanceof Error ? trouble.message : String(trouble);
  return provider ? t("sign_in.unsound", { provider, reason }) : t("page_fault", { reason });
}

/** Asks once, or (`act`) until there is an answer. */
type Asking = <T>(send: Send<T>) => Promise<T>;
const once: Asking = (send) => read(send(newKey()));

/** Begins or goes on with the session of a token. */
async function enter(
  given: { access_token: string; expires_in: number },
  from: Source,
  asking: Asking = once,
): Promise<void> {
  const headers = { Authorization: `Bearer ${given.access_token}` };
  const person = await asking(() => api.GET("/v1/me", { headers }));
  const isAnother = me.value !== null && me.value.subject !== person.subject;
  const only = person.regencies.length === 1 && person.regencies[0] !== "*" ? person.regencies[0] : undefined;
  const wanted = isAnother || regency.value === null ? only : undefined;
  const params = { path: { code: wanted ?? "" } };
  const chosen = wanted && (await asking(() => api.GET("/v1/regencies/{code}", { headers, params })));
  const left = isKeptFor(person.subject) ? null : await opened(person.subject, person.keeping_key);
  // Nothing of the person before may be sent with this token. From here on nothing can fail.
  if (isAnother) {
    me.value = null;
    forgetPerson();
  }
  if (left) keepFor(left);
  take(given, from);
  notice.value = null;
  if (chosen) regency.value = chosen;
  me.value = person;
}

export async function chooseRegency(code: string): Promise<void> {
  regency.value = await read(api.GET("/v1/regencies/{code}", { params: { path: { code } } }));
}

/** Ends the session, at the provider too: nothing of the person or of a call stays in the browser, nor what was typed and
 * not sent (`unsent` says what that is). What others have left here, sealed for them, stays.
 */
export async function signOut(): Promise<void> {
  if (me.value) forgetKept(me.value.subject);
  const from = source.value;
  drop();
  // Nothing of the session may come back with the browser's Back.
  me.value = null;
  forgetPerson();
  try {
    if (from && (await from.leave())) return;
  } catch (trouble) {
    rememberNotice(t(trouble instanceof ProviderAway ? "sign_out.provider_away" : "sign_out.not_there"));
  }
  location.reload();
}

const source = signal<Source | null>(null);
const endsAt = signal(0);
const tries = signal(0);

/** Whether the session cannot be renewed: it ends with its token. */
const refused = signal(false);

/** When a session that cannot be renewed ends, by the server's clock (milliseconds since 1970); null: it goes on. */
export const lastsUntil = computed(() =>
  refused.value && !expired.value && me.value ? endsAt.value + serverAhead() : null,
);

function take(given: { access_token: string; expires_in: number }, from: Source): void {
  source.value = from;
  token.value = given.access_token;
  expired.value = refused.value = false;
  endsAt.value = Date.now() + given.expires_in * 1000;
}

function drop(): void {
  source.value = token.value = null;
  expired.value = me.value !== null;
}

/** When to renew a token that ends at `end`: after half of what is left, and at most an hour from now (milliseconds). */
export function renewalIn(end: number, now: number): number {
  return Math.max(1000, Math.min((end - now) / 2, 3_600_000));
}

const AGAIN_MS = 3000;

effect(() => {
  const from = source.value;
  if (from === null || refused.value || (expired.value && !from.afterEnd)) return;
  void tries.value;
  const end = endsAt.value;
  const timer = setTimeout(() => void renew(from), expired.value ? AGAIN_MS : renewalIn(end, Date.now()));
  return () => clearTimeout(timer);
});

async function renew(from: Source): Promise<void> {
  const end = endsAt.value;
  try {
    const given = await from.renew();
    if (source.value === from) take(given, from);
  } catch (trouble) {
    if (source.value !== from) return;
    if (trouble instanceof ProviderRefuses) refused.value = true;
    if (Date.now() >= end) expired.value = true;
    tries.value++; // asked again after half of what is left, or if it may succeed after the end, then too
  }
}

effect(() => {
  if (!refused.value || expired.value) return;
  const timer = setTimeout(() => (expired.value = true), Math.max(0, endsAt.value - Date.now()));
  return () => clearTimeout(timer);
});
