import { computed, effect, signal } from "@preact/signals";
import { api, read, type Schemas } from "../api/client";
import { forgetKept } from "../live/kept";
import { expired, token } from "./token";

/** The person of the token; null before signing in. */
export const me = signal<Schemas["Me"] | null>(null);

/** The regency of the screen; null before one is chosen. */
export const regency = signal<Schemas["RegencyWhole"] | null>(null);

/** The regency's clock, by which all times are shown. */
export const timeZone = computed(() => regency.value?.time_zone ?? "Asia/Jakarta");

/** The boundary of the regency (GeoJSON), if its pack has one. */
export const boundary = computed(() => (regency.value?.pack as { zone?: unknown } | null)?.zone);

interface PageSettings {
  sign_in: "form" | "elsewhere";
  issuers: string[];
  demonstration: boolean;
}

export const settings = signal<PageSettings | null>(null);

export async function loadSettings(): Promise<void> {
  settings.value = await (await fetch("/console/settings.json")).json();
}

/** Signs in at the built-in issuer. Raises Problem. If another person signs in than before, the page begins anew. */
export async function signIn(username: string, password: string): Promise<void> {
  const given = await read(api.POST("/v1/auth/token", { body: { username, password } }));
  const before = me.value?.subject;
  take(given);
  const person = await read(api.GET("/v1/me"));
  if (before !== undefined && before !== person.subject) regency.value = null;
  if (regency.value === null && person.regencies.length === 1 && person.regencies[0] !== "*") {
    await chooseRegency(person.regencies[0] as string);
  }
  me.value = person;
}

export async function chooseRegency(code: string): Promise<void> {
  regency.value = await read(api.GET("/v1/regencies/{code}", { params: { path: { code } } }));
}

/** Ends the session: nothing of the person or of a call stays in the browser. */
export function signOut(): void {
  forgetKept();
  location.reload();
}

const endsAt = signal(0);

function take(given: Schemas["TokenOut"]): void {
  token.value = given.access_token;
  expired.value = false;
  endsAt.value = Date.now() + given.expires_in * 1000;
}

/** When to renew a token that ends at `end`: after half of what is left, and at most an hour from now (milliseconds). */
export function renewalIn(end: number, now: number): number {
  return Math.max(1000, Math.min((end - now) / 2, 3_600_000));
}

effect(() => {
  if (token.value === null || expired.value) return;
  const end = endsAt.value;
  const timer = setTimeout(() => void renew(end), renewalIn(end, Date.now()));
  return () => clearTimeout(timer);
});

async function renew(end: number): Promise<void> {
  try {
    take(await read(api.POST("/v1/auth/token/renewal")));
  } catch {
    // Asked again after half of what is left; a refused token is already marked as expired.
    if (Date.now() >= end) expired.value = true;
    else endsAt.value = end - 1;
  }
}
