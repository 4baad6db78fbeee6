import { t } from "../i18n/texts";
import { notesOnTheirWay } from "../live/notes";

/** Entries of a list of notes: those that the server does not have yet. */
export function NotesOnTheirWay({ of, id }: { of: "calls" | "incidents"; id: string }) {
  return notesOnTheirWay(of, id).map((note) => (
    <li key={note.place} class="any-text">
      <span class="warn small">{t("note.on_its_way")}</span> {note.text}
    </li>
  ));
}
