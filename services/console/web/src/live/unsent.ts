import { effect } from "@preact/signals";
import { onTheirWay } from "../api/wishes";
import type { Text } from "../i18n/texts";
import { personsGone } from "../session/personal";
import { me } from "../session/session";
import { isDraft, sendLeftDraft } from "./draft";
import { kept, keptChanges, keptFields } from "./kept";
import { PLACES, sendLeftNotes } from "./notes";

/** Something that the person has typed and the server does not have. */
export interface Unsent {
  place: string;
  /** What it is, as a text of the catalogue. */
  about: Text;
  text: string;
  /** Whether it can be sent as it is: a finished note, or a draft. Other words wait for their writer to finish them. */
  sendable: boolean;
}

/** How long a person who wants to go waits for what is sent. */
const WITHIN_MS = 5000;

const ABOUT: readonly (readonly [RegExp, Text])[] = [
  [/^question\//, "unsent.answer"],
  [/^forwarding\//, "unsent.words"],
  [/\/place$/, "unsent.place"],
  [/./, "unsent.note"],
];

/** What the person who is signed in has typed here and the server does not have. */
export function unsent(): Unsent[] {
  void keptChanges.value;
  const owner = me.value?.subject ?? "";
  return keptFields(owner, "").flatMap((place) => {
    const text = kept(owner, place)?.text.trim() ?? "";
    const about = ABOUT.find(([pattern]) => pattern.test(place))?.[1] ?? "unsent.note";
    return text === "" ? [] : [{ place, about, text, sendable: isDraft(place) || place.startsWith(PLACES) }];
  });
}

/** How many steps the server has not answered yet. Notes, which `unsent` gives word for word, are not among them. */
export function unansweredSteps(): number {
  const notes = unsent().filter((one) => one.place.startsWith(PLACES));
  return [...onTheirWay.value].filter((key) => !notes.some((one) => one.place.endsWith(`/${key}`))).length;
}

/** Sends what can be sent, and waits a few seconds for it and for the steps that are on their way. Returns what is left; null:
 * the person has gone meanwhile.
 */
export async function sendUnsent(): Promise<Unsent[] | null> {
  const owner = me.value?.subject ?? "";
  const whose = personsGone();
  const drafts = unsent().filter((one) => isDraft(one.place));
  const stops = drafts.map((one) => sendLeftDraft(owner, one.place));
  void sendLeftNotes();
  await nothingToSend();
  for (const stop of stops) stop();
  return whose === personsGone() ? unsent() : null;
}

/** Resolves once nothing is left that can be sent and each step is answered, and after WITHIN_MS in any case. */
function nothingToSend(): Promise<void> {
  return new Promise((resolve) => {
    let stop = () => {};
    const timer = setTimeout(() => end(), WITHIN_MS);
    const end = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    stop = effect(() => {
      const waits = unansweredSteps() > 0 || unsent().some((one) => one.sendable);
      if (!waits) queueMicrotask(end);
    });
  });
}
