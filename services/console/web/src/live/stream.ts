import { computed, effect, signal } from "@preact/signals";
import { newId } from "../api/ids";
import { language } from "../i18n/language";
import { now } from "../i18n/times";
import { expired, token, tokenIsOver } from "../session/token";
import { EventParser, type Message } from "./events";

/** A server sends a comment each 15 s. A stream that is silent for longer than this is connected anew. */
const SILENT_MS = 30_000;

/** What a stream says about one object. `event` is the fact itself. */
export interface StreamMessage {
  type: string;
  subject: string;
  sequence: number;
  regency: string;
  drill: boolean;
  order: string | null;
  event: Record<string, unknown>;
}

/** The name of the fact that a message tells, such as `CallReceived`. */
export function factOf(message: StreamMessage): string {
  return message.type.split(".")[1] ?? "";
}

interface Listener {
  /** The stream is open, or has begun anew: read the list. */
  ready: () => void;
  message: (name: string, data: unknown) => void;
}

export interface Stream {
  close(): void;
}

const heard = signal<ReadonlyMap<string, number>>(new Map());

/** Since when nothing is heard of a stream that is open, in milliseconds since 1970; null: all are alive. */
export const silentSince = computed<number | null>(() => {
  const oldest = Math.min(...heard.value.values());
  return Number.isFinite(oldest) && now.value - oldest >= SILENT_MS ? oldest : null;
});

/** When something was heard of a stream last, in milliseconds since 1970; -Infinity: no stream is open. */
export const heardLast = computed(() => Math.max(...heard.value.values()));

const RETRY_MS = 1000;

/** Opens a stream and keeps it open: over broken lines, restarts of the server and renewed tokens, with `Last-Event-ID`. */
export function openStream(path: string, listener: Listener): Stream {
  const name = `${path}#${newId()}`;
  let lastId: string | null = null;
  let retry = RETRY_MS;
  let closed = false;
  let connection = new AbortController();

  const alive = () => mark(name, Date.now());
  const wake = setInterval(() => {
    const last = heard.value.get(name) ?? 0;
    if (Date.now() - last > SILENT_MS) connection.abort();
  }, 5000);

  function handle(message: Message, sent: string | null): void {
    if (message.id !== null) lastId = message.id;
    if (message.event === "ready") listener.ready();
    else if (message.event === "reset") {
      lastId = null;
      listener.ready();
    } else if (message.event === "expired") tokenIsOver(sent);
    else if (message.event !== "stopping") listener.message(message.event, JSON.parse(message.data));
  }

  async function connect(): Promise<void> {
    const attempt = new AbortController();
    connection = attempt;
    const sent = token.value;
    const headers: Record<string, string> = {
      Authorization: `Bearer ${sent}`,
      Accept: "text/event-stream",
      "Accept-Language": language.value,
    };
    if (lastId !== null) headers["Last-Event-ID"] = lastId;
    const timer = setTimeout(() => attempt.abort(), SILENT_MS);
    const options: RequestInit = { headers, signal: attempt.signal, cache: "no-store" };
    const answer = await fetch(path, options).finally(() => clearTimeout(timer));
    if (answer.status === 401) tokenIsOver(sent);
    retry = answer.ok ? RETRY_MS : Math.min(30_000, 1000 * Number(answer.headers.get("Retry-After") ?? 2));
    if (!answer.ok || answer.body === null) return;
    alive();
    const parser = new EventParser();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      for (const message of parser.take(value)) handle(message, sent);
    }
  }

  async function run(): Promise<void> {
    while (!closed) {
      if (token.value === null || expired.value) await tokenTaken();
      if (closed) return;
      await connect().catch(() => undefined); // the line is broken: try again
      if (!closed) await new Promise((resolve) => setTimeout(resolve, retry));
    }
  }

  alive();
  void run();
  return {
    close() {
      closed = true;
      clearInterval(wake);
      connection.abort();
      mark(name, null);
    },
  };
}

function mark(name: string, at: number | null): void {
  const next = new Map(heard.value);
  if (at === null) next.delete(name);
  else next.set(name, at);
  heard.value = next;
}

function tokenTaken(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (token.value === null || expired.value) return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
}
