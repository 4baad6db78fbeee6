import type { Schemas } from "../../api/client";
import { said, t } from "../../i18n/texts";
import { since } from "../../i18n/times";
import { Countdown } from "../Countdown";
import { regencyName, typeOf } from "../names";
import { OffersToUs } from "./OffersToUs";
import { acceptOffer, incoming, type Transfer } from "./regencies";
import { refuseTransferWish } from "./wishes";

interface Props {
  /** `incident`: the one that this regency has now. */
  onAccepted: (incident: Schemas["IncidentOut"]) => void;
}

/** The incidents that other regencies offer to this one. */
export function Incoming({ onAccepted }: Props) {
  const accept = async (one: Transfer) => {
    const incident = await acceptOffer(one);
    if (incident) onAccepted(incident);
  };
  return (
    <OffersToUs offers={incoming.value} go={t("transfer.accept")} accept={accept} refuseWish={refuseTransferWish}>
      {(one) => <Offer one={one} with={one.regency} />}
    </OffersToUs>
  );
}

/** An offer of an incident. `with`: the other regency. */
export function Offer({ one, with: other }: { one: Transfer; with: string }) {
  const waits = one.state === "offered";
  return (
    <>
      <p class="row">
        {one.drill && <span class="chip">{t("drill")}</span>}
        <span class="chip" data-kind={one.priority === 1 ? "urgent" : undefined}>
          P{one.priority}
        </span>
        <strong class="grow any-text">
          {one.protected ? t("incident.hidden") : said(one.type_label) || typeOf(one.incident_type)}
        </strong>
        <span class="small number quiet">{since(one.started_at)}</span>
        {waits && one.due_at && <Countdown to={Date.parse(one.due_at)} />}
      </p>
      <p class="small number any-text">
        {regencyName(other)} {one.sent_number}
      </p>
      {/* Who is asked decides; only the sender must know how far it is. */}
      {one.to === other && (
        <p class={waits ? "small any-text" : "urgent any-text"}>
          {!waits && "! "}
          {t(`transfer_state.${one.state}`, { reason: one.reason ?? "–" })}
        </p>
      )}
      {one.message && <p class="any-text">{one.message}</p>}
    </>
  );
}
