import { useState } from "preact/hooks";
import { api } from "../../api/client";
import { Ask, type Wish } from "../../components/Ask";
import { Button } from "../../components/Button";
import { t } from "../../i18n/texts";
import { since } from "../../i18n/times";
import { regency } from "../../session/session";
import { Countdown } from "../Countdown";
import { acceptCaller, type CallTransfer, callTransfers, keepCaller, readCallTransfers } from "./desk";

/** Callers whom this regency and others offer each other. */
export function Callers() {
  const [refusing, setRefusing] = useState<CallTransfer | null>(null);
  if (callTransfers.value.length === 0) return null;
  return (
    <section class="panel" aria-label={t("call_transfer.title")}>
      <h2>{t("call_transfer.title")}</h2>
      {callTransfers.value.map((one) =>
        one.to === regency.value?.code ? (
          <div key={one.id} class="entry column">
            <p class="row">
              {one.drill && <span class="chip">{t("drill")}</span>}
              <strong class="urgent grow any-text">! {t("call_transfer.incoming", { regency: one.regency })}</strong>
              <span class="small number">{since(one.received_at)}</span>
            </p>
            {one.message && <p class="any-text">{one.message}</p>}
            <p class="row small quiet">
              <span class="grow">{t(one.on_the_line ? "call_transfer.on_line" : "call_transfer.off_line")}</span>
              {one.due_at && <Countdown to={Date.parse(one.due_at)} />}
            </p>
            <div class="row">
              <Button kind="main" onClick={() => void acceptCaller(one)}>
                {t("call_transfer.accept")}
              </Button>
              <Button onClick={() => setRefusing(one)}>{t("transfer.refuse")}</Button>
            </div>
          </div>
        ) : (
          <div key={one.id} class="entry column">
            <p class={one.state === "offered" ? "warn any-text" : "urgent any-text"}>
              <span class="number">{one.reference}</span>{" "}
              {t(`call_transfer.state.${one.state}`, { regency: one.to, reason: one.reason ?? "–" })}
            </p>
            <div>
              <Button onClick={() => void keepCaller(one.id)}>{t("transfer.take_back")}</Button>
            </div>
          </div>
        ),
      )}
      {refusing && <Ask wish={refuseWish(refusing)} onClose={() => setRefusing(null)} />}
    </section>
  );
}

/** Refuses to go on with a caller; the other regency's operator reads why. */
function refuseWish(one: CallTransfer): Wish {
  const path = { call_transfer_id: one.id };
  return {
    about: `caller ${one.id} refuse`,
    title: t("transfer.refuse_why", { regency: one.regency }),
    go: t("transfer.refuse"),
    inputs: [{ name: "reason", label: t("wish.reason"), required: true }],
    whenDone: readCallTransfers,
    send: ({ reason = "" }, header) =>
      api.POST("/v1/call-transfers/{call_transfer_id}/refuse", { params: { path, header }, body: { reason } }),
  };
}
