import { useEffect, useState } from "preact/hooks";
import { api } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { clock } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { emptyWords } from "../../live/been-read";
import { regency } from "../../session/session";
import { partName, regencyName, typeOf } from "../names";
import { placeInWords } from "../places";
import { Incoming, Offer } from "./Incoming";
import {
  incoming,
  readRegencies,
  type Share,
  type Shared,
  shared,
  shares,
  stepOfRegencies,
  transfers,
} from "./regencies";
import { type AskedOfShare, askForShareWish, wishOfShare } from "./wishes";

interface Props {
  onOpenIncident: (id: string) => void;
}

/** What this regency and others offer and show each other. */
export function Regencies({ onOpenIncident }: Props) {
  const [asked, setAsked] = useState<AskedOfShare | null>(null);
  const [asking, setAsking] = useState(false);
  useEffect(() => void readRegencies().catch(() => undefined), []);
  const code = regency.value?.code;
  const outgoing = transfers.value.filter((one) => one.regency === code);
  useKeys({ a: { label: t("share.ask"), run: () => setAsking(true) } });
  return (
    <div class="column">
      <section class="panel" aria-label={t("transfer.incoming")}>
        <h2>{t("transfer.incoming")}</h2>
        {incoming.value.length === 0 && <p class="quiet small">{emptyWords(transfers, t("transfer.none"))}</p>}
        <Incoming onAccepted={(incident) => onOpenIncident(incident.id)} />
      </section>
      <section class="panel" aria-label={t("transfer.outgoing")}>
        <h2>{t("transfer.outgoing")}</h2>
        {outgoing.length === 0 && <p class="quiet small">{emptyWords(transfers, t("transfer.none"))}</p>}
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
        {shares.value.length === 0 && <p class="quiet small">{emptyWords(shares, t("share.none"))}</p>}
        {shares.value.map((one) => (
          <OneShare key={one.id} one={one} onAsk={setAsked} />
        ))}
      </section>
      <section class="panel" aria-label={t("share.seen")}>
        <h2>{t("share.seen")}</h2>
        {shared.value.length === 0 && <p class="quiet small">{emptyWords(shared, t("share.seen_none"))}</p>}
        {shared.value.map((one) => (
          <Seen key={one.share_id} one={one} />
        ))}
      </section>
      {asked && <Ask wish={wishOfShare(asked)} onClose={() => setAsked(null)} />}
      {asking && <Ask wish={askForShareWish()} onClose={() => setAsking(false)} />}
    </div>
  );
}

function takeBack(id: string): void {
  const path = { transfer_id: id };
  void stepOfRegencies((header) => api.POST("/v1/transfers/{transfer_id}/take-back", { params: { path, header } }));
}

function OneShare({ one, onAsk }: { one: Share; onAsk: (asked: AskedOfShare) => void }) {
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
        {one.drill && (
          <>
            <span class="chip">{t("drill")}</span>{" "}
          </>
        )}
        {t(words, { regency: regencyName(here ? one.to : one.regency), number: one.number ?? t("incident.hidden") })}
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
  const owner = regencyName(one.regency);
  if (!("number" in one)) {
    return (
      <p class="entry any-text">
        {owner}: {t("incident.hidden")}
      </p>
    );
  }
  return (
    <div class="entry column">
      <p class="row">
        <span class="chip">P{one.priority}</span>
        <strong class="grow any-text">
          {one.number} {said(one.type_label) || typeOf(one.incident_type)}
        </strong>
        <span class="small">{t(`incident_state.${one.state}`)}</span>
      </p>
      <p class="any-text">
        {owner} ·{" "}
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
        {one.forwardings.map((part) => `${partName(part)}: ${t(`forwarding.${part.state}`)}`).join(" · ")}
      </p>
      <p class="small quiet">{t("share.until", { at: clock(one.until, false) })}</p>
    </div>
  );
}
