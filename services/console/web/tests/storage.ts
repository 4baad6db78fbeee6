import { keepFor, opened } from "../src/live/kept";
import { me } from "../src/session/session";

/** The key that `/v1/me` gives this person. */
export const keyOf = (subject: string) => Buffer.from(subject.padEnd(32, ".")).toString("base64url");

/** The person signs in, and finds what is kept for that one. */
export async function isHere(subject: string): Promise<void> {
  const left = await opened(subject, keyOf(subject));
  keepFor(left);
  me.value = { subject } as never;
}

/** A storage as a browser has it: what is stored are its own properties. */
export function storage(): Storage {
  const methods = {
    getItem: (name: string) => stored[name] ?? null,
    setItem: (name: string, value: string) => void Object.assign(stored, { [name]: value }),
    removeItem: (name: string) => delete stored[name],
  };
  const stored: Record<string, string> = Object.create(methods);
  return stored as unknown as Storage;
}
