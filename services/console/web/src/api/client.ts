import createClient from "openapi-fetch";
import { language } from "../i18n/language";
import { compareClocks } from "../session/clock";
import { PersonGone, personsGone } from "../session/personal";
import { token, tokenIsOver } from "../session/token";
import { newId } from "./ids";
import { type Problem, problemOf } from "./problem";
import type { components, paths } from "./schema";

/** The names of the API's schemas, such as `Schemas["CallOut"]`. */
export type Schemas = components["schemas"];

/** A line that is broken without a word lets a request hang: after this time it counts as broken. */
const WITHIN_MS = 30_000;

/** The server cannot be reached, or its answer broke off. */
export class Unreachable extends Error {}

/** The typed client of the whole API, made from its OpenAPI document. Prefer `read` and `act`, which raise Problem. */
export const api = createClient<paths>({
  baseUrl: "/",
  fetch: async (request) => {
    const whose = personsGone();
    const [answer, body] = await answered(request);
    requireThere(whose);
    return new Response(body.byteLength > 0 ? body : null, answer);
  },
});

/** The answer with its whole body, because the person may go while it comes. Raises Unreachable. */
async function answered(request: Request): Promise<[Response, ArrayBuffer]> {
  try {
    const sentAt = Date.now();
    const answer = await fetch(request, { signal: AbortSignal.timeout(WITHIN_MS) });
    compareClocks(answer, sentAt);
    return [answer, await answer.arrayBuffer()];
  } catch (trouble) {
    const broken = trouble instanceof TypeError || trouble instanceof DOMException;
    throw broken ? new Unreachable(trouble.message) : trouble;
  }
}

/** Raises PersonGone if the person who was there then has gone. */
function requireThere(whose: number): void {
  if (personsGone() !== whose) throw new PersonGone();
}

api.use({
  onRequest({ request }) {
    if (token.value && !request.headers.has("Authorization")) {
      request.headers.set("Authorization", `Bearer ${token.value}`);
    }
    request.headers.set("Accept-Language", language.value);
    return request;
  },
  onResponse({ request, response }) {
    const sent = request.headers.get("Authorization");
    if (response.status === 401 && sent) tokenIsOver(sent.replace("Bearer ", ""));
  },
});

interface Answer<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** The body of an answer. Raises Problem for a refusal, and Unreachable. */
export async function read<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (!response.ok) throw problemOf(error, response.status);
  return data as T;
}

/** All entries of a list that comes in pages. `page` reads the page at the cursor; null: the first. */
export async function readAll<T>(page: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null = null;
  do {
    const { items, next } = await page(cursor);
    all.push(...items);
    cursor = next;
  } while (cursor !== null);
  return all;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Key {
  "Idempotency-Key": string;
}

/** A new key for one wish of a person. Make it at the key press, and send it with each repeat. */
export function newKey(): Key {
  return { "Idempotency-Key": newId() };
}

/** Sends one wish under its key. */
export type Send<T = unknown> = (key: Key) => Promise<Answer<T>>;

const PAUSES_MS = [500, 1000, 2000, 4000, 5000];
const LATER = new Set([429, 502, 503, 504]);

/** Carries a wish out once. The request is repeated under the same key until there is an answer, however long the line is
 * broken, or the person has gone. Raises Problem for a refusal, and PersonGone.
 */
export async function act<T>(send: Send<T>, key: Key = newKey()): Promise<T> {
  const whose = personsGone();
  for (let tries = 0; ; tries++) {
    const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)];
    try {
      return await read(send(key));
    } catch (trouble) {
      if (!isPassing(trouble)) throw trouble;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
    requireThere(whose);
  }
}

/** Whether the same request may succeed later: the line is broken, or the server has too much to do or no answer yet. */
export function isPassing(trouble: unknown): boolean {
  if (trouble instanceof Unreachable) return true;
  const problem = trouble as Partial<Problem>;
  return LATER.has(problem.status ?? 0) || problem.slug === "idempotency-in-progress";
}
