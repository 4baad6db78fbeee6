import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Banner } from "../../components/Banner";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { MapView } from "../../components/Map";
import { language } from "../../i18n/language";
import { said, t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { onCtrlEnter, useKeys } from "../../keys/keys";
import { boundary, me, regency } from "../../session/session";
import { NotesOnTheirWay } from "../NotesOnTheirWay";
import { dispositions, inWords, partName, regencyName, typeOf, types } from "../names";
import { placeInWords, pointOf } from "../places";
import { cameBack } from "../regencies/regencies";
import { type Incident, isHidden, pointsOf, rows, show } from "./board";
import { Cameras } from "./Cameras";
import { Forwardings } from "./Forwardings";
import type { OpenIncident, Part } from "./incident";
import { Wanted } from "./Wanted";
import { type Asked, glassWish, isEnded, wishOf } from "./wishes";

/** The open incident: what it is, where, who helps, what was written, and what can be done. */
export function IncidentView({ shown }: { shown: OpenIncident }) {
  const incident = shown.incident.value;
  if (incident === null) return <p class="empty quiet">{t("loading")}</p>;
  if (isHidden(incident)) return <HiddenIncident shown={shown} />;
  return <Whole shown={shown} incident={incident} />;
}

function HiddenIncident({ shown }: { shown: OpenIncident }) {
  const [asking, setAsking] = useState(false);
  return (
    <section class="panel">
      <h2>{t("incident.hidden")}</h2>
      <p>{t("incident.hidden_why")}</p>
      <div>
        <Button onClick={() => setAsking(true)}>{t("wish.glass")}</Button>
      </div>
      {asking && <Ask wish={glassWish(shown)} onClose={() => setAsking(false)} />}
    </section>
  );
}

function Whole({ shown, incident }: { shown: OpenIncident; incident: Incident }) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const toNote = useRef(false);
  const ended = isEnded(incident);
  const path = { incident_id: incident.id };
  const claim = () =>
    void shown.step((header) => api.POST("/v1/incidents/{incident_id}/claim", { params: { path, header } }));
  const write = () => {
    if (shown.part.value !== "notes") shown.turnTo("notes");
    if (note.current) note.current.focus();
    else toNote.current = true;
  };
  // Called as soon as the field is there: what is typed after the key goes into it.
  const noteShown = useCallback((field: HTMLTextAreaElement | null) => {
    note.current = field;
    if (field && toNote.current) field.focus();
    toNote.current = false;
  }, []);
  const ask = (what: "forward" | "amend" | "close" | "reopen" | "cancel" | "level" | "same") => () =>
    setAsked({ what });
  useKeys({
    c: { label: t("key.note_here"), run: write },
    r: { label: t("part.reports_key"), run: () => shown.turnTo("reports") },
    t: { label: t("part.timeline"), run: () => shown.turnTo("timeline") },
    v: { label: t("camera.key"), run: () => shown.turnTo("cameras") },
    ...(ended
      ? { o: { label: t("wish.reopen_short"), run: ask("reopen") } }
      : {
          f: { label: t("wish.forward"), run: ask("forward") },
          p: { label: t("wish.amend"), run: ask("amend") },
          x: { label: t("wish.close_short"), run: ask("close") },
          l: { label: t("wish.level"), run: ask("level") },
          b: { label: t("incident.claim"), run: claim },
        }),
    ...Object.fromEntries(
      incident.forwardings.slice(0, 9).map((one, place) => [
        String(place + 1),
        {
          label: t("wish.answer", { agency: partName(one) }),
          run: () => setAsked({ what: "answer", forwarding: one.id }),
        },
      ]),
    ),
  });
  const wish = asked && wishOf(asked, shown, incident);
  const nameHere = (agency: string) =>
    partName(incident.forwardings.find((one) => one.agency === agency) ?? { agency });
  // The view is drawn anew each second, for the clock; the map only if the board changes.
  const others = useMemo(
    () => pointsOf(rows.value.filter((row) => row.id !== incident.id)),
    [rows.value, types.value, language.value, incident.id],
  );
  const { place } = incident;
  return (
    <article class="incident" aria-label={incident.number}>
      <header class="panel incident-head">
        <div class="row">
          <span class="chip" data-kind={incident.priority === 1 ? "urgent" : undefined}>
            {t(`priority.${incident.priority as 1}`)}
          </span>
          {incident.drill && <strong class="chip">{t("drill")}</strong>}
          <h2 class="any-text">{typeOf(incident.incident_type)}</h2>
          <span class="number strong grow">{incident.number}</span>
          <span>{t(`incident_state.${incident.state}`)}</span>
          <span class="number quiet">
            {t("incident.since", { at: clock(incident.started_at), ago: since(incident.started_at) })}
          </span>
        </div>
        <div class="row">
          <strong class="grow any-text">{placeInWords(place)}</strong>
          {incident.caller_number && <bdi class="number">☎ {incident.caller_number}</bdi>}
          {incident.caller_name && <bdi class="any-text">{incident.caller_name}</bdi>}
          {incident.alarm_level > 1 && (
            <strong class="warn">{t("incident.level", { level: incident.alarm_level })}</strong>
          )}
          {incident.protected && <strong class="warn">{t("incident.protected")}</strong>}
          {incident.doubted && <strong class="warn">{t("incident.doubted")}</strong>}
        </div>
        <p class="small any-text">
          {incident.responsible
            ? t("incident.responsible", { name: incident.responsible_name ?? incident.responsible })
            : t("incident.nobody_responsible")}
          {incident.disposition && ` · ${inWords(dispositions.value, incident.disposition)}`}
        </p>
        <div class="row">
          {ended ? (
            incident.state === "merged" ? (
              <Button
                onClick={() =>
                  void shown.step((header) =>
                    api.POST("/v1/incidents/{incident_id}/unmerge", { params: { path, header } }),
                  )
                }
              >
                {t("merged.undo", { number: incident.merged_into_number ?? "" })}
              </Button>
            ) : (
              <Button kind="main" hint="o" onClick={ask("reopen")}>
                {t("wish.reopen_short")}
              </Button>
            )
          ) : (
            <>
              {incident.responsible !== me.value?.subject && (
                <Button hint="b" onClick={claim}>
                  {t("incident.claim")}
                </Button>
              )}
              <Button hint="p" onClick={ask("amend")}>
                {t("wish.amend")}
              </Button>
              <Button hint="l" onClick={ask("level")}>
                {t("wish.level")}
              </Button>
              <Button onClick={ask("same")}>{t("same.short")}</Button>
              <Button onClick={ask("cancel")}>{t("wish.cancel_short")}</Button>
              <span class="grow" />
              <Button {...(incident.state === "done" ? { kind: "main" as const } : {})} hint="x" onClick={ask("close")}>
                {t("wish.close_short")}
              </Button>
            </>
          )}
        </div>
      </header>
      <div class="column">
        {concernsOthers(incident) && <Elsewhere shown={shown} incident={incident} onAsk={setAsked} />}
        <Wanted shown={shown} incident={incident} onAsk={setAsked} />
        <Duplicates shown={shown} incident={incident} />
        <Forwardings shown={shown} incident={incident} onAsk={setAsked} />
        {!concernsOthers(incident) && <Elsewhere shown={shown} incident={incident} onAsk={setAsked} />}
        {incident.proposed_withdrawals.length > 0 && (
          <section class="panel">
            <p class="warn">
              {t("proposal.withdraw", { agencies: incident.proposed_withdrawals.map(nameHere).join(", ") })}
            </p>
          </section>
        )}
      </div>
      <div class="column">
        <MapView
          label={t("board.map")}
          zone={boundary.value}
          emergency={pointOf(place)}
          others={others}
          cameras={shown.part.value === "cameras" ? shown.cameras.value : null}
        />
        <Parts shown={shown} incident={incident} noteShown={noteShown} />
      </div>
      {asked && wish && <Ask wish={wish} onClose={() => setAsked(null)} />}
    </article>
  );
}

/** Whether the place is not this regency's alone: some area of the place's zone is elsewhere. */
function isElsewhere({ zone }: Pick<Incident, "zone">): boolean {
  return Boolean(zone?.in_words && (zone.elsewhere || zone.owner !== regency.value?.code));
}

/** Whether another regency has to do with it, so that this stands before the agencies. */
function concernsOthers(incident: Incident): boolean {
  return isElsewhere(incident) || incident.offer !== null || incident.proposed_transfer !== null;
}

/** Whose area the place is, if not this regency's, and what is offered or shown to other regencies. */
function Elsewhere({
  shown,
  incident,
  onAsk,
}: {
  shown: OpenIncident;
  incident: Incident;
  onAsk: (asked: Asked) => void;
}) {
  const { offer, received_from: from, zone, proposed_transfer: there } = incident;
  const elsewhere = isElsewhere(incident);
  const seen = incident.shares.filter((one) => one.state === "shared" || one.state === "asked");
  const open = offer?.state === "offered";
  const back = offer != null && cameBack(offer);
  const keep = (id: string) =>
    void shown.step((header) =>
      api.POST("/v1/transfers/{transfer_id}/take-back", { params: { path: { transfer_id: id }, header } }),
    );
  const stay = (to: string) =>
    void shown.step((header) =>
      api.POST("/v1/incidents/{incident_id}/transfers/dismiss", {
        params: { path: { incident_id: incident.id }, header },
        body: { to },
      }),
    );
  return (
    <section class="panel" aria-label={t("regencies.title")}>
      {elsewhere && (
        <Banner>
          <p class="any-text">{said(zone?.in_words as { id?: string; en?: string })}</p>
        </Banner>
      )}
      {from && (
        <p class="small any-text">
          {t("incident.received", { regency: regencyName(from.regency), number: from.number })}
        </p>
      )}
      {offer && (
        <p class={back ? "urgent any-text" : open ? "warn any-text" : "small any-text"}>
          {t("incident.offered", {
            regency: regencyName(offer.to),
            state: t(`transfer_state.${offer.state}`, { reason: offer.reason ?? "–" }),
          })}{" "}
          {offer.number && <strong class="number">{offer.number}</strong>}
        </p>
      )}
      {seen.map((one) => (
        <p key={one.id} class="small any-text">
          {t(one.state === "asked" ? "share.asked_here" : "share.shown_there", {
            regency: regencyName(one.to),
            number: incident.number,
          })}{" "}
          · {t(`profile.${one.profile}`)} · {t("share.until", { at: clock(one.until, false) })}
        </p>
      ))}
      {!isEnded(incident) && (
        <div class="row">
          {offer && (open || back) ? <Button onClick={() => keep(offer.id)}>{t("transfer.take_back")}</Button> : null}
          {!open && offer?.state !== "accepted" && (
            <Button {...(elsewhere ? { kind: "main" as const } : {})} onClick={() => onAsk({ what: "transfer" })}>
              {t("transfer.offer")}
            </Button>
          )}
          {there && <Button onClick={() => stay(there)}>{t("transfer.take_back")}</Button>}
          <Button onClick={() => onAsk({ what: "share" })}>{t("share.offer")}</Button>
        </div>
      )}
    </section>
  );
}

const DECISIONS = [
  ["merge", "duplicate.merge"],
  ["links", "duplicate.link"],
  ["rejected-duplicates", "duplicate.reject"],
] as const;

function Duplicates({ shown, incident }: { shown: OpenIncident; incident: Incident }) {
  const path = { incident_id: incident.id };
  const decide = (what: (typeof DECISIONS)[number][0], other: string) =>
    void shown.step((header) =>
      api.POST(`/v1/incidents/{incident_id}/${what}`, { params: { path, header }, body: { other } }),
    );
  return (
    <>
      {incident.suggestions.map((one) => (
        <section key={one.other} class="panel">
          <p class="any-text">
            <strong class="warn">{t("duplicate.maybe", { number: one.number })}</strong>{" "}
            <span class="small">{one.reasons.map((reason) => said(reason.in_words)).join("; ")}</span>
          </p>
          <div class="row">
            <Button onClick={() => show(one.other)}>{t("duplicate.look")}</Button>
            {DECISIONS.map(([what, words]) => (
              <Button key={what} onClick={() => decide(what, one.other)}>
                {t(words)}
              </Button>
            ))}
          </div>
        </section>
      ))}
    </>
  );
}

const PARTS: readonly Part[] = ["notes", "timeline", "reports", "cameras"];

interface PartsProps {
  shown: OpenIncident;
  incident: Incident;
  noteShown: (field: HTMLTextAreaElement | null) => void;
}

function Parts({ shown, incident, noteShown }: PartsProps) {
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
