import { api } from "../../api/client";
import { Button } from "../../components/Button";
import type { Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { since } from "../../i18n/times";
import { regency } from "../../session/session";
import { Countdown } from "../Countdown";
import { regencyName } from "../names";
import { OffersToUs } from "../regencies/OffersToUs";
import { refusingWish } from "../regencies/wishes";
import { acceptCaller, type CallTransfer, callTransfers, keepCaller, readCallTransfers } from "./desk";

/** Callers whom this regency and others offer each other. */
export function Callers() {
  if (callTransfers.value.length === 0) return null;
  const own = regency.value?.code;
  const offered = callTransfers.value.filter((one) => one.to === own);
  const sent = callTransfers.value.filter((one) => one.to !== own);
  return (
    <section class="panel" aria-label={t("call_transfer.title")}>
      <h2>{t("call_transfer.title")}</h2>
      <OffersToUs offers={offered} go={t("call_transfer.accept")} accept={acceptCaller} refuseWish={refuseCallerWish}>
        {(one) => <Caller one={one} />}
      </OffersToUs>
      {sent.map((one) => (
        <div key={one.id} class="entry column">
          <p class={one.state === "offered" ? "warn any-text" : "urgent any-text"}>
            <span class="number">{one.reference}</span>{" "}
            {t(`call_transfer.state.${one.state}`, { regency: regencyName(one.to), reason: one.reason ?? "–" })}
          </p>
          <div>
            <Button onClick={() => void keepCaller(one.id)}>{t("transfer.take_back")}</Button>
          </div>
        </div>
      ))}
    </section>
  );
}

function Caller({ one }: { one: CallTransfer }) {
  return (
    <>
      <p class="row">
        {one.drill && <span class="chip">{t("drill")}</span>}
        <strong class="urgent grow any-text">
          ! {t("call_transfer.incoming", { regency: regencyName(one.regency) })}
        </strong>
        <span class="small number">{since(one.received_at)}</span>
      </p>
      {one.message && <p class="any-text">{one.message}</p>}
      <p class="row small quiet">
        <span class="grow">{t(one.on_the_line ? "call_transfer.on_line" : "call_transfer.off_line")}</span>
        {one.due_at && <Countdown to={Date.parse(one.due_at)} />}
      </p>
    </>
  );
}

function refuseCallerWish(one: CallTransfer): Wish {
  const path = { call_transfer_id: one.id };
  return refusingWish(`caller ${one.id} refuse`, one, readCallTransfers, (body, header) =>
    api.POST("/v1/call-transfers/{call_transfer_id}/refuse", { params: { path, header }, body }),
  );
}
