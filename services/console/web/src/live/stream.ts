import { computed, effect, signal } from "@preact/signals";
import { newId } from "../api/ids";
import { language } from "../i18n/language";
import { now } from "../i18n/times";
import { serverAhead } from "../session/clock";
import { expired, token, tokenIsOver } from "../session/token";
import { EventParser, type Message } from "./events";

/** A server sends a comment each 15 s, in a joint answer one for each stream. A stream that is silent for longer than this is connected anew. */
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

/** Since when nothing is heard of a stream that is open, by the server's clock in milliseconds since 1970; null: all are
 * alive.
 */
export const silentSince = computed<number | null>(() => {
  void now.value; // it is looked at each second
  const oldest = Math.min(...heard.value.values());
  return Number.isFinite(oldest) && Date.now() - oldest >= SILENT_MS ? oldest + serverAhead() : null;
});

/** When something was heard of a stream last, by this computer's clock in milliseconds since 1970; -Infinity: no stream is open. */
export const heardLast = computed(() => Math.max(...heard.value.values()));

const RETRY_MS = 1000;
const REFUSED_MS = 2000;
const REJOIN_MS = 60_000;
/** Where a host answers with several streams at once. Services that run apart do not. */
const JOINT = "/v1/joint/stream";
let jointly = true;

/** A stream that the page wants: it stays open over broken lines, restarts of the server and renewed tokens. */
class Wanted {
  readonly name: string;
  lastId: string | null = null;
  /** Whether it has a connection of its own, since the joint one could not have it. */
  alone = false;
  /** When it may be connected, and when it may be in the joint connection again, by this computer's clock. */
  notBefore = Number.NEGATIVE_INFINITY;
  #joinsFrom = Number.NEGATIVE_INFINITY;

  constructor(
    readonly path: string,
    readonly listener: Listener,
  ) {
    this.name = `${path}#${newId()}`;
  }

  alive(): void {
    mark(this.name, Date.now());
  }

  /** Leaves the joint connection. By itself it tries again after this time, in milliseconds. */
  part(pause: number): void {
    this.alone = true;
    this.notBefore = Date.now() + pause;
    regroup();
  }

  /** The server answers it by itself, so that it can be in the joint connection again. If it had to leave that one, not at once
   * another time: all others are connected anew with it.
   */
  rejoin(): void {
    if (!this.alone || Date.now() < this.#joinsFrom) return;
    this.alone = false;
    this.#joinsFrom = Date.now() + REJOIN_MS;
    regroup();
  }
}

const wanted = new Set<Wanted>();
let connections: Connection[] = [];
let regrouping = false;

/** Opens a stream and keeps it open. All streams of a page share one connection if the host can: a browser opens at most six
 * to an origin that speaks HTTP/1.1, for all its tabs.
 */
export function openStream(path: string, listener: Listener): Stream {
  const one = new Wanted(path, listener);
  one.alive();
  wanted.add(one);
  regroup();
  return {
    close() {
      wanted.delete(one);
      mark(one.name, null);
      regroup();
    },
  };
}

/** Soon connects the streams that are wanted now: those of one screen open together. */
function regroup(): void {
  if (regrouping) return;
  regrouping = true;
  queueMicrotask(() => {
    regrouping = false;
    const together = [...wanted].filter((one) => jointly && !one.alone);
    const apart = [...wanted].filter((one) => !together.includes(one));
    const groups = [...(together.length > 0 ? [together] : []), ...apart.map((one) => [one])];
    const isWanted = (one: Connection) => groups.some((group) => sameStreams(group, one.streams));
    for (const one of connections) if (!isWanted(one)) one.close();
    connections = connections.filter(isWanted);
    for (const group of groups) {
      if (!connections.some((one) => sameStreams(group, one.streams))) connections.push(new Connection(group));
    }
  });
}

function sameStreams(some: readonly Wanted[], others: readonly Wanted[]): boolean {
  return some.length === others.length && some.every((one) => others.includes(one));
}

/** One connection to the server, made anew until it is closed: for one stream at its own address, for several at JOINT. */
class Connection {
  #closed = false;
  #retry = RETRY_MS;
  #request = new AbortController();
  readonly #wake: ReturnType<typeof setInterval>;

  constructor(readonly streams: readonly Wanted[]) {
    this.#wake = setInterval(() => {
      const now = Date.now();
      if (streams.some((one) => now - (heard.value.get(one.name) ?? 0) > SILENT_MS)) this.#request.abort();
    }, 5000);
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#wake);
    this.#request.abort();
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const pause = Math.max(...this.streams.map((one) => one.notBefore)) - Date.now();
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      if (token.value === null || expired.value) await tokenTaken();
      if (this.#closed) return;
      await this.#connect().catch(() => undefined); // the line is broken: try again
      if (!this.#closed) await new Promise((resolve) => setTimeout(resolve, this.#retry));
    }
  }

  async #connect(): Promise<void> {
    const attempt = new AbortController();
    this.#request = attempt;
    const sent = token.value;
    const [first] = this.streams;
    const isJoint = this.streams.length > 1;
    const headers: Record<string, string> = {
      Authorization: `Bearer ${sent}`,
      Accept: "text/event-stream",
      "Accept-Language": language.value,
    };
    if (!isJoint && first?.lastId) headers["Last-Event-ID"] = first.lastId;
    const timer = setTimeout(() => attempt.abort(), SILENT_MS);
    const options: RequestInit = { headers, signal: attempt.signal, cache: "no-store" };
    const address = isJoint ? jointAddress(this.streams) : (first?.path ?? "");
    const answer = await fetch(address, options).finally(() => clearTimeout(timer));
    if (isJoint && answer.status === 404) {
      jointly = false;
      return regroup();
    }
    if (answer.status === 401) tokenIsOver(sent);
    this.#retry = answer.ok ? RETRY_MS : pauseOf(answer.headers.get("Retry-After"));
    if (!answer.ok || answer.body === null) return;
    for (const one of this.streams) one.alive();
    const reading = new Reading(this.streams, sent);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#closed) return;
      reading.take(value);
      if (reading.isLeaving) return attempt.abort();
      if (isJoint) continue; // each message there says of which stream it is
      first?.alive();
      first?.rejoin();
    }
  }
}

/** How long to wait after a refusal, in milliseconds. */
function pauseOf(retryAfter: string | number | null): number {
  return Math.min(30_000, 1000 * Number(retryAfter) || REFUSED_MS);
}

function jointAddress(streams: readonly Wanted[]): string {
  const query = streams.flatMap((one) => [
    ["of", one.path],
    ["after", one.lastId ?? ""],
  ]);
  return `${JOINT}?${new URLSearchParams(query)}`;
}

/** What one answer says, and of which stream. */
class Reading {
  readonly #parser = new EventParser();
  #current: Wanted | undefined;
  /** Whether all are connected anew: the server stops, or the token is over. One that ends later must not keep the others waiting. */
  isLeaving = false;

  constructor(
    readonly streams: readonly Wanted[],
    readonly token: string | null,
  ) {
    this.#current = streams[0];
  }

  take(text: string): void {
    for (const message of this.#parser.take(text)) {
      if (message.event === "of") {
        const { stream } = JSON.parse(message.data) as { stream: string };
        const named = this.streams.filter((one) => one.path === stream);
        for (const one of named) one.alive(); // a comment has this before it too
        this.#current = named[0];
      } else if (message.event === "ended") this.#end(JSON.parse(message.data) as Ended);
      else if (this.#current && wanted.has(this.#current)) this.#handle(message, this.#current);
    }
  }

  #handle(message: Message, to: Wanted): void {
    if (message.id !== null) to.lastId = message.id;
    if (message.event === "ready") to.listener.ready();
    else if (message.event === "reset") {
      to.lastId = null;
      to.listener.ready();
    } else if (message.event === "expired") {
      this.isLeaving = true;
      tokenIsOver(this.token);
    } else if (message.event === "stopping") this.isLeaving = true;
    else to.listener.message(message.event, JSON.parse(message.data));
  }

  /** A stream of a joint connection is over. If it was that one alone, it tries again by itself until it is answered. */
  #end({ status, retry_after }: Ended): void {
    if (status === 401) {
      this.isLeaving = true;
      tokenIsOver(this.token);
    } else if (!this.isLeaving) this.#current?.part(pauseOf(retry_after));
  }
}

/** How a stream of a joint connection ended. `retry_after`: in seconds. */
interface Ended {
  status: number;
  retry_after: number | null;
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
