import { useState } from "preact/hooks";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { said, t } from "../../i18n/texts";
import { moment } from "../../i18n/times";
import { emptyWords } from "../../live/been-read";
import { agencyChoices } from "../names";
import { placeInWords } from "../places";
import { history, more, type Referral, receiver, referrals, showMore, toggleHistory } from "./referrals";
import { type StepOfReferral, wishOfReferral } from "./wishes";

const STEPS: readonly StepOfReferral[] = ["answer", "pass_on", "close"];

/** The work list of reports that are no emergency: answer them, pass them on, close them. */
export function Referrals() {
  const [asked, setAsked] = useState<{ one: Referral; step: StepOfReferral } | null>(null);
  // As it is now; one that has left the list meanwhile, as it was.
  const current = referrals.value.find((one) => one.id === asked?.one.id) ?? asked?.one;
  return (
    <section class="panel" aria-label={t("referral.title")}>
      <header>
        <h2>{t("referral.title")}</h2>
      </header>
      <p class="small quiet">{t("referral.about")}</p>
      <Field label={t("referral.of")}>
        {(id) => (
          <select id={id} value={receiver.value} onChange={(event) => (receiver.value = event.currentTarget.value)}>
            <option value="">{t("referral.of_all")}</option>
            {agencyChoices().map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {referrals.value.length === 0 && <p class="quiet small">{emptyWords(referrals, t("referral.none"))}</p>}
      {referrals.value.map((one) => (
        <OneReferral key={one.id} one={one} onAsk={(step) => setAsked({ one, step })} />
      ))}
      {more.value && (
        <div>
          <Button onClick={showMore}>{t("board.more")}</Button>
        </div>
      )}
      {asked && current && <Ask wish={wishOfReferral(current, asked.step)} onClose={() => setAsked(null)} />}
    </section>
  );
}

function OneReferral({ one, onAsk }: { one: Referral; onAsk: (step: StepOfReferral) => void }) {
  const shown = history.value?.id === one.id;
  return (
    <article class="entry column" aria-label={one.number}>
      <p class="row">
        {one.drill && <span class="chip">{t("drill")}</span>}
        <strong class="number">{one.number}</strong>
        <bdi class="grow any-text">{one.to_name ?? t("referral.desk")}</bdi>
        <span class="small number quiet">{moment(one.received_at)}</span>
      </p>
      <p class="any-text">
        {one.protected
          ? t("referral.protected")
          : `☎ ${one.caller_number ?? t("call.no_number")} ${one.caller_name ?? ""} · ${placeInWords(one.place)}`}
      </p>
      {one.notes.map((note) => (
        <p key={note.at} class="small any-text">
          {moment(note.at)} {note.text}
        </p>
      ))}
      {one.answers.length === 0 && <p class="warn small">{t("referral.no_answer")}</p>}
      {one.answers.map((answer) => (
        <p key={answer.at} class="good any-text">
          ✔ {t("referral.answered", { at: moment(answer.at), text: answer.text ?? "–" })}
        </p>
      ))}
      <div class="row">
        {STEPS.map((step) => (
          <Button
            key={step}
            {...(step === "answer" && one.answers.length === 0 ? { kind: "main" as const } : {})}
            onClick={() => onAsk(step)}
          >
            {t(`referral.${step}`)}
          </Button>
        ))}
        <Button aria-pressed={shown} onClick={() => void toggleHistory(one.id).catch(() => undefined)}>
          {t("part.timeline")}
        </Button>
      </div>
      {shown && (
        <ol class="column" aria-label={t("part.timeline")}>
          {history.value?.entries.map((entry) => (
            <li key={entry.sequence} class="small any-text">
              <span class="number quiet">{moment((entry.event as { at: string }).at)}</span>{" "}
              {said(entry.in_words as { id?: string; en?: string })}
            </li>
          ))}
        </ol>
      )}
    </article>
  );
}
