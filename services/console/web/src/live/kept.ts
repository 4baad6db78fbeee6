/** What was typed and the server does not have yet. It outlives a crash of the browser, and goes when the server has it or
 * its writer signs out. In the browser it is sealed by a key that only its writer's own token is given (`/v1/me`): it may
 * have to wait there while others sign in, and they must not read it (docs/adr/0056).
 */

import { signal } from "@preact/signals";
import { whenPersonGoes } from "../session/personal";

const PREFIX = "sigap.kept.";
const CIPHER = "AES-GCM";
const NONCE_BYTES = 12;

export interface KeptDraft {
  text: string;
  follows?: number;
}

/** The kept texts of one person, opened. */
interface Opened {
  owner: string;
  /** null: the browser or the server gives none, so that texts are kept in memory alone. */
  key: CryptoKey | null;
  texts: Map<string, KeptDraft>;
}

/** Those of the person who is signed in. */
let own: Opened | null = null;
whenPersonGoes(() => (own = null));

let writing: Promise<unknown> = Promise.resolve();

/** Grows with each change of what is kept, so that what reads it is read again. */
export const keptChanges = signal(0);

/** Opens what a person has left in this browser. `keepingKey`: 256 bits as base64url. What does not open stays closed. */
export async function opened(owner: string, keepingKey: string | undefined): Promise<Opened> {
  const key = keepingKey && crypto.subtle ? await imported(keepingKey) : null;
  const person: Opened = { owner, key, texts: new Map() };
  for (const field of fieldsOf(owner)) {
    const name = nameOf(owner, field);
    const isClear = isInClear(localStorage.getItem(name));
    const draft = await open(key, name);
    if (draft === null) continue;
    person.texts.set(field, draft);
    if (isClear) await store(person, field, draft).catch(() => undefined);
  }
  return person;
}

/** From now on this person types. */
export function keepFor(person: Opened): void {
  own = person;
}

/** Whether this person types here already. */
export function isKeptFor(owner: string): boolean {
  return own?.owner === owner;
}

/** Keeps a field's text until `forget`. `owner` is the person's subject: nobody else gets it back. */
export function keep(owner: string, field: string, draft: KeptDraft): void {
  if (own?.owner !== owner) return;
  own.texts.set(field, draft);
  keptChanges.value = keptChanges.peek() + 1;
  // A storage that is full keeps nothing more; the text is still in memory.
  const stored = store(own, field, draft).catch(() => undefined);
  writing = Promise.all([writing, stored]);
}

export function kept(owner: string, field: string): KeptDraft | null {
  return (own?.owner === owner && own.texts.get(field)) || null;
}

export function forget(owner: string, field: string): void {
  if (own?.owner === owner) own.texts.delete(field);
  localStorage.removeItem(nameOf(owner, field));
  keptChanges.value = keptChanges.peek() + 1;
}

/** The fields of a person's kept texts that begin so. */
export function keptFields(owner: string, beginning: string): string[] {
  const fields = own?.owner === owner ? [...own.texts.keys()] : fieldsOf(owner);
  return fields.filter((field) => field.startsWith(beginning));
}

/** Forgets all that a person has typed here. What others have left waits for them. */
export function forgetKept(owner: string): void {
  if (own?.owner === owner) own.texts.clear();
  for (const field of fieldsOf(owner)) localStorage.removeItem(nameOf(owner, field));
}

/** Resolves once all that was kept so far is in the browser's storage, which is a moment later than `keep`. */
export async function allStored(): Promise<void> {
  await writing;
}

async function store(mine: Opened, field: string, draft: KeptDraft): Promise<void> {
  if (mine.key === null) return;
  const name = nameOf(mine.owner, field);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const clear = new TextEncoder().encode(JSON.stringify(draft));
  const sealed = await crypto.subtle.encrypt(cipher(nonce, name), mine.key, clear);
  // Meanwhile something newer may have been typed, or the server may have it.
  if (mine.texts.get(field) === draft) localStorage.setItem(name, textOf(nonce, new Uint8Array(sealed)));
}

/** The text that is stored under this name; null if there is none, or it is sealed by another key or for another name. */
async function open(key: CryptoKey | null, name: string): Promise<KeptDraft | null> {
  const stored = localStorage.getItem(name);
  if (stored === null) return null;
  try {
    if (isInClear(stored)) return JSON.parse(stored) as KeptDraft;
    if (key === null) return null;
    const sealed = bytesOf(stored);
    const nonce = sealed.slice(0, NONCE_BYTES);
    const clear = await crypto.subtle.decrypt(cipher(nonce, name), key, sealed.slice(NONCE_BYTES));
    return JSON.parse(new TextDecoder().decode(clear)) as KeptDraft;
  } catch {
    return null;
  }
}

/** Whether this was stored by a console of before ADR 0056, which sealed nothing. What is sealed has no brace. */
function isInClear(stored: string | null): boolean {
  return stored?.startsWith("{") ?? false;
}

function imported(keepingKey: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytesOf(keepingKey), CIPHER, false, ["encrypt", "decrypt"]);
}

function cipher(iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
  return { name: CIPHER, iv, additionalData: new TextEncoder().encode(name) };
}

function textOf(...parts: Uint8Array[]): string {
  return btoa(parts.flatMap((part) => Array.from(part, (one) => String.fromCharCode(one))).join(""));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}

const nameOf = (owner: string, field: string) => PREFIX + JSON.stringify([owner, field]);

/** The fields of which a person has left something in the storage. */
function fieldsOf(owner: string): string[] {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  const fields = names.map((name) => JSON.parse(name.slice(PREFIX.length)) as [string, string]);
  return fields.filter(([of]) => of === owner).map(([, field]) => field);
}

/** Another tab of this person has changed what is kept. */
globalThis.addEventListener?.("storage", ({ key: name }) => {
  if (own !== null && name?.startsWith(PREFIX)) void takeOver(own, name);
});

async function takeOver(mine: Opened, name: string): Promise<void> {
  const [owner, field] = JSON.parse(name.slice(PREFIX.length)) as [string, string];
  if (owner !== mine.owner) return;
  const draft = await open(mine.key, name);
  if (draft === null) mine.texts.delete(field);
  else mine.texts.set(field, draft);
  keptChanges.value = keptChanges.peek() + 1;
}
