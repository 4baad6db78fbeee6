import { signal } from "@preact/signals";
import { api, isPassing, read, type Schemas } from "../api/client";
import { forget, keep, kept } from "./kept";

export type ServerDraft = Schemas["DraftedFieldOut"];
type OtherDraft = Pick<Schemas["DraftOut"], "by" | "name" | "text" | "version">;

export const PAUSE_MS = 500;
const AGAIN_MS = 1500;

/** The drafts that send by themselves at present. */
const open = new Set<Draft>();

/** How a draft reaches the server. Raises Problem, Unreachable. */
export type SendDraft = (text: string, follows: number | null) => Promise<ServerDraft>;

/** One field of a call as this screen types it. What is typed is kept in the browser at once, and sent at each pause; when
 * the server has it, the browser forgets it. What others type into the field stands beside it and replaces nothing.
 */
export class Draft {
  readonly text = signal("");
  /** What others have typed into this field. */
  readonly others = signal<OtherDraft[]>([]);
  /** Whether the server has all that was typed. */
  readonly saved = signal(true);

  #follows: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending = false;
  #stopped = false;

  constructor(
    readonly owner: string,
    readonly place: string,
    readonly send: SendDraft,
  ) {
    open.add(this);
    const found = kept(owner, place);
    if (found === null) return;
    this.text.value = found.text;
    this.#follows = found.follows ?? null;
    this.saved.value = false;
    this.#soon(0);
  }

  type(text: string): void {
    this.text.value = text;
    this.saved.value = false;
    this.#keep();
    this.#soon(PAUSE_MS);
  }

  /** Takes what the server says of the field: at first also the person's own text of an earlier screen. */
  take(field: ServerDraft): void {
    const all: OtherDraft[] = [field, ...field.earlier].filter((one) => one.text !== "");
    const own = all.find((one) => one.by === this.owner);
    if (this.#follows === null && own && this.saved.value && this.text.value === "") {
      this.text.value = own.text;
      this.#follows = own.version;
    }
    this.others.value = all.filter((one) => one.version !== this.#follows && !(one.by === this.owner && one === own));
  }

  /** Sends no more: the next person's token must not carry it. What the server does not have stays kept. */
  stop(): void {
    this.#stopped = true;
    open.delete(this);
    clearTimeout(this.#timer);
  }

  #keep(): void {
    const follows = this.#follows === null ? {} : { follows: this.#follows };
    keep(this.owner, this.place, { text: this.text.value, ...follows });
  }

  #soon(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#deliver(), ms);
  }

  async #deliver(): Promise<void> {
    if (this.#sending) return this.#soon(PAUSE_MS);
    this.#sending = true;
    const text = this.text.value;
    let pause = PAUSE_MS;
    try {
      const field = await this.send(text, this.#follows);
      this.#follows = field.version;
      this.others.value = field.earlier.filter((one) => one.text !== "" && one.by !== this.owner);
      if (text === this.text.value) {
        this.saved.value = true;
        forget(this.owner, this.place);
      } else this.#keep();
    } catch (trouble) {
      // A refused draft is sent again too, since the token may be over.
      pause = isPassing(trouble) ? AGAIN_MS : 2 * AGAIN_MS;
    }
    this.#sending = false;
    if (!this.saved.value) this.#soon(pause);
  }
}

/** A field of a call. */
export function draftOf(owner: string, callId: string, field: string): Draft {
  const send: SendDraft = (text, follows) =>
    read(
      api.POST("/v1/calls/{call_id}/drafts", {
        params: { path: { call_id: callId } },
        body: { field, text, ...(follows === null ? {} : { follows }) },
      }),
    );
  return new Draft(owner, `${callId}/${field}`, send);
}

/** Whether what is kept at this place is what was typed into a field of a call. */
export function isDraft(place: string): boolean {
  return /^[0-9a-f-]{36}\/(note|place)$/.test(place);
}

/** Sends what is kept of a field of a call, unless an open screen does so. Returns what ends the sending. */
export function sendLeftDraft(owner: string, place: string): () => void {
  if ([...open].some((one) => one.owner === owner && one.place === place)) return () => undefined;
  const [callId = "", field = ""] = place.split("/");
  const draft = draftOf(owner, callId, field);
  return () => draft.stop();
}
