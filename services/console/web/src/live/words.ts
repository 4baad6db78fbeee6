import { signal } from "@preact/signals";
import { me } from "../session/session";
import { forget, keep, kept } from "./kept";

/** Words that are typed. They are kept in the browser until the server has them. `place` names what they are about. */
export class Words {
  readonly text = signal("");

  constructor(readonly place: string) {
    this.text.value = kept(this.#owner, place)?.text ?? "";
  }

  get #owner(): string {
    return me.value?.subject ?? "";
  }

  type(text: string): void {
    this.text.value = text;
    if (text === "") forget(this.#owner, this.place);
    else keep(this.#owner, this.place, { text });
  }
}
