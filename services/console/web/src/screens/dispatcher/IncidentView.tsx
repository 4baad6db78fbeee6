import { useCallback, useMemo, useRef, useState } from "preact/hooks";
import { api } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { MapView } from "../../components/Map";
import { language } from "../../i18n/language";
import { t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { boundary, me } from "../../session/session";
import { dispositions, inWords, partName, typeOf, types } from "../names";
import { placeInWords, pointOf } from "../places";
import { rows } from "./board";
import { Duplicates } from "./Duplicates";
import { concernsOthers, Elsewhere } from "./Elsewhere";
import { Forwardings } from "./Forwardings";
import type { OpenIncident } from "./incident";
import { Parts } from "./Parts";
import { type Incident, isHidden, pointsOf } from "./row";
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
