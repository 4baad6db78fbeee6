import { api } from "../../api/client";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { said, t } from "../../i18n/texts";
import { clock } from "../../i18n/times";
import { onCtrlEnter } from "../../keys/keys";
import { NotesOnTheirWay } from "../NotesOnTheirWay";
import { Cameras } from "./Cameras";
import type { OpenIncident, Part } from "./incident";
import type { Incident } from "./row";

const PARTS: readonly Part[] = ["notes", "timeline", "reports", "cameras"];

interface PartsProps {
  shown: OpenIncident;
  incident: Incident;
  noteShown: (field: HTMLTextAreaElement | null) => void;
}

/** The notes, the timeline, the further reports and the cameras of an incident: one of them at a time. */
export function Parts({ shown, incident, noteShown }: PartsProps) {
  const part = shown.part.value;
  return (
    <section class="panel">
      <fieldset class="tabs" aria-label={t("part.choose")}>
        {PARTS.map((one) => (
          <Button key={one} aria-pressed={one === part} onClick={() => shown.turnTo(one)}>
            {t(`part.${one}`, { count: one === "reports" ? incident.reports - 1 : incident.note_count })}
            {one === "reports" &&
              incident.unread_reports > 0 &&
              ` (${t("board.unread", { count: incident.unread_reports })})`}
          </Button>
        ))}
      </fieldset>
      {part === "notes" && <Notes shown={shown} incident={incident} fieldShown={noteShown} />}
      {part === "timeline" && <Timeline shown={shown} />}
      {part === "reports" && <Reports shown={shown} incident={incident} />}
      {part === "cameras" && <Cameras shown={shown} />}
    </section>
  );
}

interface NotesProps {
  shown: OpenIncident;
  incident: Incident;
  fieldShown: (field: HTMLTextAreaElement | null) => void;
}

function Notes({ shown, incident, fieldShown }: NotesProps) {
  const notes = [...(incident.notes ?? [])].sort((one, other) => (one.at < other.at ? 1 : -1));
  return (
    <>
      <Field label={t("note.title")} hint="c">
        {(id) => (
          <textarea
            id={id}
            ref={fieldShown}
            rows={2}
            value={shown.note.text.value}
            onInput={(event) => shown.note.type(event.currentTarget.value)}
            onKeyDown={onCtrlEnter(() => void shown.writeNote())}
          />
        )}
      </Field>
      <div class="row">
        <label class="row grow small">
          <input
            type="checkbox"
            class="tick"
            checked={shown.internal.value}
            onChange={(event) => (shown.internal.value = event.currentTarget.checked)}
          />
          {t("note.internal")}
        </label>
        <Button hint="Ctrl+Enter" onClick={() => void shown.writeNote()}>
          {t("note.write")}
        </Button>
      </div>
      <ol class="column" aria-label={t("note.all")}>
        <NotesOnTheirWay of="incidents" id={shown.id} />
        {notes.map((one) => (
          <li key={one.number} class="any-text">
            <span class="number small quiet">{clock(one.at)}</span>{" "}
            {one.internal && <span class="chip">{t("note.internal_short")}</span>} {one.text ?? t("note.erased")}
          </li>
        ))}
      </ol>
    </>
  );
}

function Timeline({ shown }: { shown: OpenIncident }) {
  const entries = [...shown.timeline.value].reverse();
  return (
    <ol class="column" aria-label={t("part.timeline")}>
      {entries.map((one) => (
        <li key={one.sequence} class="any-text">
          <span class="number small quiet">{clock((one.event as { at: string }).at)}</span>{" "}
          {said(one.in_words as { id?: string; en?: string })}
        </li>
      ))}
    </ol>
  );
}

function Reports({ shown, incident }: { shown: OpenIncident; incident: Incident }) {
  const path = { incident_id: incident.id };
  const read = () =>
    void shown.step((header) =>
      api.POST("/v1/incidents/{incident_id}/reports/read", {
        params: { path, header },
        body: { up_to: incident.reports },
      }),
    );
  const separate = (callId: string) =>
    void shown.step((header) =>
      api.POST("/v1/incidents/{incident_id}/reports/{call_id}/own-incident", {
        params: { path: { ...path, call_id: callId }, header },
        body: {},
      }),
    );
  return (
    <>
      {incident.unread_reports > 0 && (
        <div>
          <Button kind="main" onClick={read}>
            {t("report.read")}
          </Button>
        </div>
      )}
      {shown.reports.value.length === 0 && <p class="quiet small">{t("report.none")}</p>}
      <ol class="column" aria-label={t("part.reports", { count: "" })}>
        {shown.reports.value.map((one) => (
          <li key={one.report} class="entry">
            <p class="row">
              <span class="number small quiet">{clock(one.received_at)}</span>
              <bdi class="strong grow any-text">{one.caller_name ?? one.caller_number ?? t("call.no_number")}</bdi>
              {one.unread && <strong class="warn small">{t("report.new")}</strong>}
              {one.stands_out && <strong class="urgent small">! {t("report.stands_out")}</strong>}
            </p>
            <p class="small any-text">
              {one.place?.address}
              {one.metres != null && ` · ${t("report.metres", { metres: Math.round(one.metres) })}`}
            </p>
            {one.notes.map((note) => (
              <p key={note.at} class="any-text">
                {note.text}
              </p>
            ))}
            {one.call_id && <Button onClick={() => separate(one.call_id as string)}>{t("report.separate")}</Button>}
          </li>
        ))}
      </ol>
    </>
  );
}
