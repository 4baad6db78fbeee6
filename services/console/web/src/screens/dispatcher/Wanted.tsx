import { useMemo } from "preact/hooks";
import { api, type Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { t } from "../../i18n/texts";
import { clock } from "../../i18n/times";
import { onCtrlEnter, useKeys } from "../../keys/keys";
import { Words } from "../../live/words";
import { partName } from "../names";
import type { OpenIncident } from "./incident";
import type { Incident } from "./row";
import { type Asked, isEnded } from "./wishes";

interface Props {
  shown: OpenIncident;
  incident: Incident;
  onAsk: (asked: Asked) => void;
}

/** What agencies want from the dispatcher: an answer, or a higher alarm level. */
export function Wanted({ shown, incident, onAsk }: Props) {
  const open = incident.questions.filter((one) => one.answered_at === null);
  const level = isEnded(incident) ? null : incident.proposed_alarm_level;
  const toFirst = () => document.querySelector<HTMLElement>(".question textarea")?.focus();
  useKeys(open.length > 0 ? { q: { label: t("question.key"), run: toFirst } } : {});
  if (open.length === 0 && level === null) return null;
  return (
    <section class="panel" aria-label={t("wanted.title")}>
      {open.map((one, place) => (
        <Question key={one.id} shown={shown} question={one} first={place === 0} />
      ))}
      {level && <ProposedLevel shown={shown} level={level} onAsk={onAsk} />}
    </section>
  );
}

interface QuestionProps {
  shown: OpenIncident;
  question: Schemas["QuestionOut"];
  first: boolean;
}

function Question({ shown, question, first }: QuestionProps) {
  const words = useMemo(() => new Words(`question/${question.id}`), [question.id]);
  const path = { incident_id: shown.id, question_id: question.id };
  const answer = async () => {
    const text = words.text.value.trim();
    if (text === "") return;
    const sent = await shown.step((header) =>
      api.POST("/v1/incidents/{incident_id}/questions/{question_id}/answer", {
        params: { path, header },
        body: { text },
      }),
    );
    if (sent) words.type("");
  };
  return (
    <div class="question column">
      <p class="any-text">
        <span class="number small quiet">{clock(question.at)}</span>{" "}
        <strong class="warn">{t("question.of", { agency: partName(question) })}</strong>{" "}
        {question.text ?? t("note.erased")}
      </p>
      <Field label={t("question.answer")} hint={first ? "q" : undefined}>
        {(id) => (
          <textarea
            id={id}
            rows={2}
            value={words.text.value}
            onInput={(event) => words.type(event.currentTarget.value)}
            onKeyDown={onCtrlEnter(() => void answer())}
          />
        )}
      </Field>
      <div>
        <Button kind="main" hint="Ctrl+Enter" onClick={() => void answer()}>
          {t("question.do")}
        </Button>
      </div>
    </div>
  );
}

interface LevelProps {
  shown: OpenIncident;
  level: Schemas["ProposedLevelOut"];
  onAsk: Props["onAsk"];
}

function ProposedLevel({ shown, level, onAsk }: LevelProps) {
  const path = { incident_id: shown.id };
  const body = { alarm_level: level.alarm_level };
  const dismiss = () =>
    void shown.step((header) =>
      api.POST("/v1/incidents/{incident_id}/alarm-level/dismiss", { params: { path, header }, body }),
    );
  return (
    <div class="row">
      <span class="grow any-text">
        <strong class="warn">{t("level.wanted", { agency: partName(level), level: level.alarm_level })}</strong>{" "}
        {level.text && <span class="small">{level.text}</span>}
      </span>
      <Button onClick={() => onAsk({ what: "level", to: level.alarm_level })}>{t("level.take")}</Button>
      <Button onClick={dismiss}>{t("proposal.dismiss")}</Button>
    </div>
  );
}
