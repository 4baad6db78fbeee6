import type { Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { said, t } from "../../i18n/texts";
import { momentWithYear } from "../../i18n/times";
import { regency } from "../../session/session";
import { placeInWords } from "../places";
import { classLabel } from "./classes";

type Whole = Schemas["DossierOut"];

const DECISIONS = [
  "BlockProposed",
  "BlockApproved",
  "BlockRefused",
  "BlockLapsed",
  "BlockDoubted",
  "BlockAppealed",
  "BlockReviewed",
  "BlockExtended",
  "BlockLifted",
  "BlockEnded",
  "BlockDossierMade",
] as const;

type Decision = (typeof DECISIONS)[number];

const isDecision = (what: string): what is Decision => (DECISIONS as readonly string[]).includes(what);

/** What is handed to the police about a number: who called when, from where, and who decided what. It can be printed. */
export function Dossier({ of: whole, onClose }: { of: Whole; onClose: () => void }) {
  return (
    <Dialog title={t("dossier.title", { number: whole.number ?? "–" })} onClose={onClose}>
      <article class="paper column" aria-label={t("dossier.title", { number: whole.number ?? "–" })}>
        <h2 class="print-only">
          {t("dossier.title", { number: whole.number ?? "–" })} · {regency.value?.name}
        </h2>
        <p class="any-text">
          {t("dossier.made", { by: whole.made_by, at: momentWithYear(whole.made_at), to: whole.recipient })}
        </p>
        {whole.reason && <p class="any-text">{t("block.reason", { reason: whole.reason })}</p>}
        <h3>{t("dossier.calls", { count: whole.calls.length })}</h3>
        <ol class="column">
          {whole.calls.map((call) => (
            <li key={call.id} class="any-text">
              <CallOfDossier call={call} />
            </li>
          ))}
        </ol>
        <h3>{t("dossier.decisions")}</h3>
        <ol>
          {whole.block_history.flatMap((one) =>
            isDecision(one.what)
              ? [
                  <li key={one.at + one.what} class="any-text">
                    <span class="number">{momentWithYear(one.at)}</span> {t(`dossier.${one.what}`)} {byWhom(one.by)}
                  </li>,
                ]
              : [],
          )}
        </ol>
      </article>
      <div class="row">
        <Button kind="main" onClick={() => window.print()}>
          {t("dossier.print")}
        </Button>
        <Button onClick={onClose}>{t("close")}</Button>
      </div>
    </Dialog>
  );
}

function CallOfDossier({ call }: { call: Whole["calls"][number] }) {
  const classified = call.history.filter((one) => one.call_class !== null);
  const place = call.location ?? call.caller_location;
  return (
    <>
      <p>
        <strong class="number">{momentWithYear(call.received_at)}</strong> {t(`channel.${call.channel}`)}
        {call.answered_at &&
          ` · ${t("dossier.answered", { at: momentWithYear(call.answered_at), by: call.answered_by ?? "–" })}`}
        {call.state === "screened" && ` · ${t("dossier.screened")}`}
        {call.ended_at && ` · ${t("dossier.ended", { at: momentWithYear(call.ended_at) })}`}
      </p>
      {place && (
        <p>
          {placeInWords(place)}
          {place.lat != null && place.lon != null && ` (${place.lat.toFixed(5)}, ${place.lon.toFixed(5)})`}
        </p>
      )}
      {classified.map((one) => (
        <p key={one.at}>
          {t("dossier.class", { at: momentWithYear(one.at), name: said(classLabel(one.call_class)) })} {byWhom(one.by)}
        </p>
      ))}
    </>
  );
}

function byWhom(by: string | null): string {
  return t("dossier.by", { by: by ?? t("dossier.by_itself") });
}
