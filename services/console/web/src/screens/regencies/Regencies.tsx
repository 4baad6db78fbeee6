import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { regency } from "../../session/session";
import { Countdown } from "../Countdown";
import { agencyName, typeOf } from "../names";
import { placeInWords } from "../places";
import {
  readRegencies,
  type Share,
  type Shared,
  shared,
  shares,
  stepOfRegencies,
  type Transfer,
  transfers,
} from "./regencies";
import { type AskedOfRegencies, askForShareWish, wishOfRegencies } from "./wishes";

interface Props {
  onOpenIncident: (id: string) => void;
}

/** What this regency and others offer and show each other. */
export function Regencies({ onOpenIncident }: Props) {
  const [asked, setAsked] = useState<AskedOfRegencies | null>(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => void readRegencies().catch(() => undefined), []);
  const code = regency.value?.code;
  const incoming = transfers.value.filter((one) => one.to === code);
  const outgoing = transfers.value.filter((one) => one.regency === code);
  useKeys({ a: { label: t("share.ask"), run: () => setAsking(true) } });
  const accept = async (one: Transfer) => {
    const path = { transfer_id: one.id };
    let opened: string | null = null;
    const done = await stepOfRegencies(async (header) => {
      const answer = await api.POST("/v1/transfers/{transfer_id}/accept", { params: { path, header } });
      opened = answer.data?.id ?? null;
      return answer;
    });
    if (done && opened) onOpenIncident(opened);
  };
  return (
    <div class="column">
      <section class="panel" aria-label={t("transfer.incoming")}>
        <h2>{t("transfer.incoming")}</h2>
        {incoming.length === 0 && <p class="quiet small">{t("transfer.none")}</p>}
        {incoming.map((one) => (
          <div key={one.id} class="entry column">
            <Offer one={one} with={one.regency} />
            <div class="row">
              <Button kind="main" onClick={() => void accept(one)}>
                {t("transfer.accept")}
              </Button>
              <Button onClick={() => setAsked({ what: "refuse_transfer", transfer: one })}>
                {t("transfer.refuse")}
              </Button>
            </div>
          </div>
        ))}
      </section>
      <section class="panel" aria-label={t("transfer.outgoing")}>
        <h2>{t("transfer.outgoing")}</h2>
        {outgoing.length === 0 && <p class="quiet small">{t("transfer.none")}</p>}
        {outgoing.map((one) => (
          <div key={one.id} class="entry column">
            <Offer one={one} with={one.to} />
            <div>
              <Button onClick={() => takeBack(one.id)}>{t("transfer.take_back")}</Button>
            </div>
          </div>
        ))}
      </section>
      <section class="panel" aria-label={t("share.title")}>
        <header>
          <h2>{t("share.title")}</h2>
          <Button hint="a" onClick={() => setAsking(true)}>
            {t("share.ask")}
          </Button>
        </header>
        {shares.value.length === 0 && <p class="quiet small">{t("share.none")}</p>}
        {shares.value.map((one) => (
          <OneShare key={one.id} one={one} onAsk={setAsked} />
        ))}
      </section>
      <section class="panel" aria-label={t("share.seen")}>
        <h2>{t("share.seen")}</h2>
        {shared.value.length === 0 && <p class="quiet small">{t("share.seen_none")}</p>}
        {shared.value.map((one) => (
          <Seen key={one.share_id} one={one} />
        ))}
      </section>
      {asked && <Ask wish={wishOfRegencies(asked)} onClose={() => setAsked(null)} />}
      {asking && <Ask wish={askForShareWish()} onClose={() => setAsking(false)} />}
    </div>
  );
}

function Offer({ one, with: other }: { one: Transfer; with: string }) {
  const back = one.state !== "offered";
  return (
    <>
      <p class="row">
        {one.drill && <span class="chip">{t("drill")}</span>}
        <span class="chip" data-kind={one.priority === 1 ? "urgent" : undefined}>
          P{one.priority}
        </span>
        <strong class="grow any-text">
          {other} · {one.protected ? t("incident.hidden") : typeOf(one.incident_type)} {one.sent_number}
        </strong>
        <span class="small number quiet">{since(one.started_at)}</span>
        {!back && one.due_at && <Countdown to={Date.parse(one.due_at)} />}
      </p>
      <p class={back ? "urgent any-text" : "small any-text"}>
        {back && "! "}
        {t(`transfer_state.${one.state}`, { reason: one.reason ?? "–" })}
      </p>
      {one.message && <p class="any-text">{one.message}</p>}
    </>
  );
}

function takeBack(id: string): void {
  const path = { transfer_id: id };
  void stepOfRegencies((header) => api.POST("/v1/transfers/{transfer_id}/take-back", { params: { path, header } }));
}

function OneShare({ one, onAsk }: { one: Share; onAsk: (asked: AskedOfRegencies) => void }) {
  const here = one.regency === regency.value?.code;
  const asks = one.state === "asked";
  const words = asks
    ? here
      ? "share.asked_here"
      : "share.asked_there"
    : here
      ? "share.shown_there"
      : "share.shown_here";
  return (
    <div class="entry column">
      <p class={asks && here ? "warn any-text" : "any-text"}>
        {one.drill && <span class="chip">{t("drill")}</span>}{" "}
        {t(words, { regency: here ? one.to : one.regency, number: one.number ?? t("incident.hidden") })}
      </p>
      <p class="small quiet any-text">
        {t(`profile.${one.profile}`)} · {t("share.until", { at: clock(one.until, false) })}
      </p>
      {(one.request ?? one.message) && <p class="any-text">{one.request ?? one.message}</p>}
      <div class="row">
        {asks && here ? (
          <>
            {one.incident_id && (
              <Button kind="main" onClick={() => onAsk({ what: "agree", share: one })}>
                {t("share.agree")}
              </Button>
            )}
            <Button onClick={() => onAsk({ what: "refuse_share", share: one })}>{t("share.refuse")}</Button>
          </>
        ) : (
          <Button onClick={() => onAsk({ what: "end_share", share: one })}>{t("share.end")}</Button>
        )}
      </div>
    </div>
  );
}

function Seen({ one }: { one: Shared }) {
  if (!("number" in one)) return <p class="entry">{t("incident.hidden")}</p>;
  return (
    <div class="entry column">
      <p class="row">
        <span class="chip">P{one.priority}</span>
        <strong class="grow any-text">
          {one.number} {typeOf(one.incident_type)}
        </strong>
        <span class="small">{t(`incident_state.${one.state}`)}</span>
      </p>
      <p class="any-text">
        {one.place
          ? placeInWords(one.place)
          : one.block_cell
            ? t("share.block", { cell: one.block_cell })
            : t("share.no_place")}
        {one.caller_number && ` · ☎ ${one.callback_number ?? one.caller_number}`} {one.caller_name}
      </p>
      {one.notes.map((note) => (
        <p key={note.at + note.text} class="small any-text">
          {clock(note.at, false)} {note.text}
        </p>
      ))}
      <p class="small any-text">
        {one.forwardings.map((part) => `${agencyName(part.agency)}: ${t(`forwarding.${part.state}`)}`).join(" · ")}
      </p>
      <p class="small quiet">{t("share.until", { at: clock(one.until, false) })}</p>
    </div>
  );
}
