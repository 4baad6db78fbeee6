import { act, api, type Key, newKey } from "../api/client";
import { personal, personsGone } from "../session/personal";
import { me } from "../session/session";
import { forget, keep, kept, keptFields } from "./kept";
import { attempted } from "./refusal";

/** What a note is written to. */
interface About {
  of: "calls" | "incidents";
  id: string;
  /** Whether the agencies do not get it; notes of calls are for all. */
  internal: boolean;
}

/** A finished note on its way. It is kept in the browser, at `place`, until the server has it. */
interface NoteOnItsWay extends About {
  owner: string;
  place: string;
  text: string;
}

/** The field in which the note is typed. */
interface Field {
  readonly text: { readonly value: string };
  type(text: string): void;
}

/** How the places of notes on their way begin. */
export const PLACES = "note on its way/";

const onTheirWay = personal<NoteOnItsWay[]>([]);

/** The notes to a call or an incident that the server does not have yet. */
export function notesOnTheirWay(of: About["of"], id: string): NoteOnItsWay[] {
  return onTheirWay.value.filter((note) => note.of === of && note.id === id);
}

/** Writes the typed note. The field is free at once; a refused note comes back into it. Whether it is written. */
export async function writeNote(field: Field, { of, id, internal }: About): Promise<boolean> {
  const text = field.text.value.trim();
  if (text === "") return false;
  field.type("");
  const key = newKey();
  const place = [PLACES + of, id, internal, key["Idempotency-Key"]].join("/");
  const note = { of, id, internal, text, owner: person(), place };
  keep(note.owner, place, { text });
  const whose = personsGone();
  const sent = await attempted(send(note, key));
  // The note of a person who has gone stays kept until that one is back.
  if (!sent && whose === personsGone()) {
    field.type([text, field.text.value].filter(Boolean).join("\n"));
    forget(note.owner, place);
  }
  return sent;
}

/** Sends the notes that a screen which crashed has left, each under its own key. A refused one stays kept, and so do the
 * rest if their writer goes.
 */
export async function sendLeftNotes(): Promise<void> {
  const owner = person();
  const whose = personsGone();
  for (const place of keptFields(owner, PLACES)) {
    if (whose !== personsGone()) return;
    if (onTheirWay.value.some((note) => note.place === place)) continue;
    const [of, id = "", internal, key = ""] = place.slice(PLACES.length).split("/");
    const found = kept(owner, place);
    if (found === null) continue;
    const note = { of: of as About["of"], id, internal: internal === "true", text: found.text, owner, place };
    await attempted(send(note, { "Idempotency-Key": key }));
  }
}

async function send(note: NoteOnItsWay, key: Key): Promise<void> {
  onTheirWay.value = [...onTheirWay.value, note];
  try {
    await act((header) => post(note, header), key);
    forget(note.owner, note.place);
  } finally {
    onTheirWay.value = onTheirWay.value.filter((one) => one.place !== note.place);
  }
}

function post({ of, id, text, internal }: NoteOnItsWay, header: Key): Promise<{ error?: unknown; response: Response }> {
  if (of === "calls") {
    return api.POST("/v1/calls/{call_id}/notes", { params: { path: { call_id: id }, header }, body: { text } });
  }
  const body = { text, internal };
  return api.POST("/v1/incidents/{incident_id}/notes", { params: { path: { incident_id: id }, header }, body });
}

function person(): string {
  return me.value?.subject ?? "";
}
