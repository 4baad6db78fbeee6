import { api } from "../../api/client";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { clock } from "../../i18n/times";
import { Countdown } from "../Countdown";
import { agencies, agencyName } from "../names";
import type { Incident } from "./board";
import type { Forwarding, OpenIncident } from "./incident";
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
      {incident.proposals.map((one) => (
        <div key={one.agency} class="offer row">
          <span class="grow any-text">
            <strong class="warn">{t("proposal.tell", { agency: agencyName(one.agency) })}</strong>{" "}
            <span class="small">{said(one.in_words)}</span>
          </span>
          <Button
            onClick={() =>
              void shown.step((header) =>
                api.POST("/v1/incidents/{incident_id}/proposals/take", {
                  params: { path, header },
                  body: { agency: one.agency },
                }),
              )
            }
          >
            {t("proposal.take")}
          </Button>
          <Button
            onClick={() =>
              void shown.step((header) =>
                api.POST("/v1/incidents/{incident_id}/proposals/dismiss", {
                  params: { path, header },
                  body: { agency: one.agency },
                }),
              )
            }
          >
            {t("proposal.dismiss")}
          </Button>
        </div>
      ))}
      {incident.unmet_roles.map((role) => (
        <div key={role} class="offer row">
          <strong class="grow urgent">{t("role.unmet", { role })}</strong>
          <Button onClick={() => onAsk({ what: "waive", role })}>{t("role.not_needed")}</Button>
        </div>
      ))}
    </section>
  );
}

function One({ one, place, ended, onAsk }: { one: Forwarding; place: number; ended: boolean; onAsk: Props["onAsk"] }) {
  const agency = agencies.value.get(one.agency);
  const back = one.state === "standing_down";
  const gone = one.state === "withdrawn" || one.state === "done";
  const key = place < 9 ? String(place + 1) : undefined;
  return (
    <>
      <div class="row">
        <strong class="grow any-text">
          <bdi>{agencyName(one.agency)}</bdi>
        </strong>
        <State one={one} />
      </div>
      {one.trouble && !one.trouble.recovered_at && <p class="small urgent any-text">! {said(one.trouble.in_words)}</p>}
      {one.decline_reason && one.state === "declined" && (
        <p class="small any-text">{t("agencies.declined_why", { reason: one.decline_reason })}</p>
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
