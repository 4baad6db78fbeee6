import { api } from "../../api/client";
import { Banner } from "../../components/Banner";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { clock } from "../../i18n/times";
import { regency } from "../../session/session";
import { regencyName } from "../names";
import { cameBack } from "../regencies/regencies";
import type { OpenIncident } from "./incident";
import type { Incident } from "./row";
import { type Asked, isEnded } from "./wishes";

/** Whether the place is not this regency's alone: some area of the place's zone is elsewhere. */
function isElsewhere({ zone }: Pick<Incident, "zone">): boolean {
  return Boolean(zone?.in_words && (zone.elsewhere || zone.owner !== regency.value?.code));
}

/** Whether another regency has to do with it, so that this stands before the agencies. */
export function concernsOthers(incident: Incident): boolean {
  return isElsewhere(incident) || incident.offer !== null || incident.proposed_transfer !== null;
}

/** Whose area the place is, if not this regency's, and what is offered or shown to other regencies. */
export function Elsewhere({
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
