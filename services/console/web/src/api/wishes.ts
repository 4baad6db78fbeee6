import { personal, personsGone, whenPersonGoes } from "../session/personal";

/** How long a wish may be on its way before the page says so. */
export const SAID_AFTER_MS = 1000;

/** Who presses again within this time after the press before, and nothing else between, wants the same fact. */
const AGAIN_WITHIN_MS = 5000;

/** What is on its way: one fact, however often it was pressed. */
interface Fact {
  /** The key of the first press, under which all of them go. */
  key: string;
  /** What is sent; null: no request was made yet. */
  what: string | null;
  pressedAt: number;
  /** The keys of the presses that have no answer yet. */
  presses: Set<string>;
}

/** By the key of each press. */
const facts = new Map<string, Fact>();
/** The fact that was wanted last. Only that one can be pressed again: after another one it is wanted a second time. */
let last: Fact | null = null;
whenPersonGoes(() => {
  facts.clear();
  last = null;
});

/** The keys of the facts that are on their way. */
export const onTheirWay = personal<ReadonlySet<string>>(new Set());

/** The keys of those that are on their way for longer than SAID_AFTER_MS. */
export const late = personal<ReadonlySet<string>>(new Set());

/** A wish with this key begins. Returns what ends it. */
export function begin(key: string): () => void {
  join({ key, what: null, pressedAt: Date.now(), presses: new Set() }, key);
  const timer = setTimeout(() => {
    const fact = facts.get(key);
    if (fact) late.value = new Set([...late.value, fact.key]);
  }, SAID_AFTER_MS);
  return () => {
    clearTimeout(timer);
    facts.get(key)?.presses.delete(key);
    facts.delete(key);
    tell();
  };
}

/** The request of a wish. A person who presses again what is still on its way wants it once: it goes under the key of the first
 * press, and the server carries it out once.
 */
export async function underOneKey(request: Request): Promise<Request> {
  const key = request.headers.get("Idempotency-Key");
  if (key === null || !facts.has(key)) return request;
  const version = request.headers.get("If-Match");
  const what = JSON.stringify([personsGone(), request.method, request.url, version, await request.clone().text()]);
  const fact = facts.get(key);
  if (fact?.what === null) {
    fact.what = what;
    if (last !== null && isAgain(fact, last)) {
      last.pressedAt = fact.pressedAt;
      join(last, key);
    } else last = fact;
  }
  request.headers.set("Idempotency-Key", facts.get(key)?.key ?? key);
  return request;
}

function isAgain(fact: Fact, before: Fact): boolean {
  const isSoon = fact.pressedAt - before.pressedAt <= AGAIN_WITHIN_MS;
  return fact.what === before.what && before.presses.size > 0 && isSoon;
}

function join(fact: Fact, press: string): void {
  fact.presses.add(press);
  facts.set(press, fact);
  tell();
}

function tell(): void {
  const keys = new Set([...facts.values()].map((fact) => fact.key));
  onTheirWay.value = keys;
  if ([...late.peek()].some((key) => !keys.has(key))) {
    late.value = new Set([...late.peek()].filter((key) => keys.has(key)));
  }
}
