import { personal, personsGone } from "../session/personal";

/** How long a wish may be on its way before the page says so. */
export const SAID_AFTER_MS = 1000;

/** Keys of the wishes that are on their way for longer than that. */
export const late = personal<ReadonlySet<string>>(new Set());

/** What is sent, and the key of the first wish that sent it. */
interface Sent {
  key: string;
  wishes: Set<string>;
}

const running = new Set<string>();
const sent = new Map<string, Sent>();

/** A wish with this key begins. Returns what ends it. */
export function begin(key: string): () => void {
  running.add(key);
  const timer = setTimeout(() => {
    late.value = new Set([...late.value, key]);
  }, SAID_AFTER_MS);
  return () => {
    clearTimeout(timer);
    running.delete(key);
    late.value = new Set([...late.value].filter((one) => one !== key));
    for (const [what, { wishes }] of sent) {
      wishes.delete(key);
      if (wishes.size === 0) sent.delete(what);
    }
  };
}

/** The request of a wish. A person who presses again what is still on its way wants it once: it goes under the key of the first
 * press, and the server carries it out once.
 */
export async function underOneKey(request: Request): Promise<Request> {
  const key = request.headers.get("Idempotency-Key");
  if (key === null || !running.has(key)) return request;
  const version = request.headers.get("If-Match");
  const what = JSON.stringify([personsGone(), request.method, request.url, version, await request.clone().text()]);
  const first = sent.get(what) ?? { key, wishes: new Set() };
  first.wishes.add(key);
  sent.set(what, first);
  request.headers.set("Idempotency-Key", first.key);
  return request;
}
