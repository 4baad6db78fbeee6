import { api } from "../../api/client";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { clock, duration } from "../../i18n/times";
import { Countdown } from "../Countdown";
import { agencyOf, declineReasons, inWords, partName, roleName } from "../names";
import type { Forwarding, OpenIncident } from "./incident";
import type { Incident } from "./row";
import { type Asked, isEnded } from "./wishes";

interface Props {
  shown: OpenIncident;
  incident: Incident;
  onAsk: (asked: Asked) => void;
}

/** The agencies of an incident, each with how far it is and what can be done; then who is proposed and who is missing. */
export function Forwardings({ shown, incident, onAsk }: Props) {
  const ended = isEnded(incident);
  const path = { incident_id: incident.id };
  const decide = (what: "take" | "dismiss", agency: string) =>
    void shown.step((header) =>
      api.POST(`/v1/incidents/{incident_id}/proposals/${what}`, { params: { path, header }, body: { agency } }),
    );
  return (
    <section class="panel" aria-label={t("agencies.title")}>
      <header>
        <h2>{t("agencies.title")}</h2>
        {!ended && (
          <Button hint="f" onClick={() => onAsk({ what: "forward" })}>
            {t("wish.forward")}
          </Button>
        )}
      </header>
      {incident.forwardings.length === 0 && <p class="urgent">{t("agencies.none")}</p>}
      <ul>
        {incident.forwardings.map((one, place) => (
          <li key={one.id} class="forwarding">
            <One one={one} place={place} ended={ended} onAsk={onAsk} />
          </li>
        ))}
      </ul>
      <Intervals of={incident.intervals} phases={PHASES} />
      <Informed incident={incident} />
      {incident.proposals.map((one) => (
        <div key={one.agency} class="offer row">
          <span class="grow any-text">
            <strong class="warn">{t("proposal.tell", { agency: partName(one) })}</strong>{" "}
            <span class="small">{said(one.in_words)}</span>
          </span>
          {(["take", "dismiss"] as const).map((what) => (
            <Button key={what} onClick={() => decide(what, one.agency)}>
              {t(`proposal.${what}`)}
            </Button>
          ))}
        </div>
      ))}
      {incident.unmet_roles.map((role) => (
        <div key={role} class="offer row">
          <strong class="grow urgent">{t("role.unmet", { role: roleName(incident.needs, role) })}</strong>
          <Button onClick={() => onAsk({ what: "waive", role })}>{t("role.not_needed")}</Button>
        </div>
      ))}
    </section>
  );
}

function One({ one, place, ended, onAsk }: { one: Forwarding; place: number; ended: boolean; onAsk: Props["onAsk"] }) {
  const agency = agencyOf(one.agency);
  const back = one.state === "standing_down";
  const gone = one.state === "withdrawn" || one.state === "done";
  const key = place < 9 ? String(place + 1) : undefined;
  return (
    <>
      <div class="row">
        <strong class="grow any-text">
          <bdi>{partName(one)}</bdi>
        </strong>
        <State one={one} />
      </div>
      {one.trouble && !one.trouble.recovered_at && <p class="small urgent any-text">! {said(one.trouble.in_words)}</p>}
      {one.decline_reason && one.state === "declined" && (
        <p class="small any-text">
          {t("agencies.declined_why", { reason: inWords(declineReasons.value, one.decline_reason) })}
        </p>
      )}
      {(one.text || one.outcome) && (
        <p class="small any-text">
          {one.text_at && <span class="number quiet">{clock(one.text_at, false)}</span>}{" "}
          {[one.outcome && t(`outcome.${one.outcome}`), one.text].filter(Boolean).join("; ")}
        </p>
      )}
      {one.units.length > 0 && (
        <ul class="small" aria-label={t("report.units")}>
          {one.units.map((unit) => (
            <li key={unit.callsign} class="row any-text">
              <bdi class="strong">{unit.callsign}</bdi>{" "}
              <span class="quiet">{t(unit.released_at ? "unit.released" : `unit.${unit.status}`)}</span>
              <Intervals of={unit.intervals} phases={OF_UNIT} />
            </li>
          ))}
        </ul>
      )}
      <div class="row small quiet">
        <Steps one={one} />
        {agency?.telephones?.map((number) => (
          <span key={number} class="number strong">
            ☎ {number}
          </span>
        ))}
      </div>
      {!gone && (
        <div class="row">
          <Button hint={key} onClick={() => onAsk({ what: "answer", forwarding: one.id })}>
            {t("agencies.answer")}
          </Button>
          {back ? (
            <Button onClick={() => onAsk({ what: "stood_down", forwarding: one.id })}>
              {t("agencies.stood_down")}
            </Button>
          ) : (
            !ended && (
              <Button onClick={() => onAsk({ what: "withdraw", forwarding: one.id })}>{t("agencies.withdraw")}</Button>
            )
          )}
        </div>
      )}
    </>
  );
}

const PHASES = ["processing", "turnout", "travel", "on_scene", "total"] as const;
/** The phases in which units of one agency differ. */
const OF_UNIT = ["turnout", "travel", "on_scene"] as const;

interface IntervalsProps {
  of: Incident["intervals"];
  phases: readonly (typeof PHASES)[number][];
}

/** How long each phase took. A phase without both ends is left out. */
function Intervals({ of, phases }: IntervalsProps) {
  const known = phases.flatMap((phase) => {
    const seconds = of[`${phase}_s`];
    return seconds === null ? [] : [`${t(`interval.${phase}`)} ${duration(seconds * 1000)}`];
  });
  if (known.length === 0) return null;
  return (
    <p class="small quiet number" title={t("interval.title")}>
      {known.join(" · ")}
    </p>
  );
}

/** Who is only informed. Nothing is asked of them, so nothing can be done here. */
function Informed({ incident }: { incident: Incident }) {
  if (incident.informed.length === 0) return null;
  return (
    <>
      <h3 class="small">{t("informed.title")}</h3>
      <ul class="small" aria-label={t("informed.title")}>
        {incident.informed.map((one) => (
          <li key={one.id} class="any-text">
            <bdi class="strong">{partName(one)}</bdi>{" "}
            <span class="quiet">
              {one.ended_at
                ? t("informed.ended", {
                    at: clock(one.ended_at, false),
                    reason: one.reason ? t(`informed.${one.reason}`) : "",
                  })
                : t("informed.since", { at: clock(one.since, false) })}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function State({ one }: { one: Forwarding }) {
  const words = t(`forwarding.${one.state}`);
  if (one.state === "declined") return <strong class="urgent small">✖ {words}</strong>;
  if (one.state === "standing_down") return <strong class="warn small">↩ {words}</strong>;
  if (one.state === "withdrawn") return <span class="quiet small">{words}</span>;
  if (one.needs_acknowledgement) {
    return (
      <span class="row">
        <span class="small warn">
          {one.delivered_at ? t("agencies.delivered", { at: clock(one.delivered_at) }) : t("agencies.telling")}
        </span>
        {one.acknowledge_by && <Countdown to={Date.parse(one.acknowledge_by)} />}
      </span>
    );
  }
  return <span class={one.state === "forwarded" ? "small quiet" : "good small"}>✔ {words}</span>;
}

function Steps({ one }: { one: Forwarding }) {
  const steps = [
    ["forwarded", one.forwarded_at],
    ["acknowledged", one.acknowledged_at],
    ["en_route", one.en_route_at],
    ["on_scene", one.on_scene_at],
    ["under_control", one.under_control_at],
    ["done", one.done_at],
  ] as const;
  return (
    <span class="grow number">
      {steps
        .filter(([, at]) => at)
        .map(([step, at]) => `${t(`forwarding.${step}`)} ${clock(at as string, false)}`)
        .join(" · ")}
      {one.on_behalf.length > 0 && ` · ${t("agencies.on_behalf")}`}
    </span>
  );
}
