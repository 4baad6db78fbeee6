import type { Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { t } from "../../i18n/texts";
import { clock, duration, now } from "../../i18n/times";
import { agencyName, partName, regencyName } from "../names";
import { cameBack } from "../regencies/regencies";
import type { OpenCall } from "./workspace";

type Forwarding = Schemas["ForwardingOut_dispatch"];

/** The incident's number, and how far each agency is, as it happens. */
export function Agencies({ open }: { open: OpenCall }) {
  const incident = open.incident.value;
  if (incident === null) {
    return (
      <p>
        {t("referral.number")} <strong class="number">{open.referral.value}</strong>
      </p>
    );
  }
  if (incident.hidden) return <p class="strong">{t("incident.hidden")}</p>;
  // Agencies of a likely duplicate wait a few seconds for a person's yes or no.
  const held = incident.suggestions.filter((one) => one.waiting.length > 0);
  return (
    <>
      <header>
        <h2 class="number">{incident.number}</h2>
        <span class="small quiet">{t("incident.priority", { priority: incident.priority })}</span>
      </header>
      {incident.offer && (
        <p class={cameBack(incident.offer) ? "small urgent any-text" : "small warn any-text"}>
          {t("incident.offered", {
            regency: regencyName(incident.offer.to),
            state: t(`transfer_state.${incident.offer.state}`, { reason: incident.offer.reason ?? "–" }),
          })}
        </p>
      )}
      {held.map((one) => (
        <section key={one.other} class="column" aria-label={t("duplicate.maybe", { number: one.number })}>
          <p class="warn any-text">
            {t("agencies.held", {
              number: one.number,
              agencies: one.waiting.map(agencyName).join(", "),
              at: one.wait_until ? clock(one.wait_until) : "–",
            })}
          </p>
          <div class="row">
            <Button onClick={() => void open.decideDuplicate("merge", one.other)}>{t("duplicate.merge")}</Button>
            <Button onClick={() => void open.decideDuplicate("rejected-duplicates", one.other)}>
              {t("duplicate.reject")}
            </Button>
          </div>
        </section>
      ))}
      {incident.forwardings.length === 0 && held.length === 0 && <p class="urgent">{t("agencies.none")}</p>}
      <ul>
        {incident.forwardings.map((one) => (
          <li key={one.id} class="agency">
            <bdi class="grow">{partName(one)}</bdi>
            <State forwarding={one} />
          </li>
        ))}
      </ul>
    </>
  );
}

function State({ forwarding: one }: { forwarding: Forwarding }) {
  const waits = one.state === "forwarded" || one.needs_acknowledgement;
  if (one.state === "declined" || (one.failed && waits)) {
    return (
      <strong class="urgent small">{t(one.state === "declined" ? "agencies.declined" : "agencies.failed")}</strong>
    );
  }
  if (!waits) {
    const at = one.done_at ?? one.on_scene_at ?? one.en_route_at ?? one.acknowledged_at;
    return (
      <span class="good small number">
        ✔ {t(`forwarding.${one.state}`)} {at && clock(at)}
      </span>
    );
  }
  const left = one.acknowledge_by ? Date.parse(one.acknowledge_by) - now.value : null;
  return (
    <span class={`small number ${left !== null && left < 0 ? "urgent" : "warn"}`}>
      {one.delivered_at ? t("agencies.delivered", { at: clock(one.delivered_at) }) : t("agencies.telling")}
      {left !== null && ` · ${left < 0 ? t("agencies.late", { by: duration(-left) }) : duration(left)}`}
    </span>
  );
}
