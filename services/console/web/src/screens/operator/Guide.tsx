import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { type Bindings, useKeys } from "../../keys/keys";
import { lettersFor } from "./choices";
import { typeName } from "./FirstLook";
import type { OpenCall } from "./workspace";

type Guidance = Schemas["GuidanceOut"];

/** What to ask next, and the words to tell the caller, to be ticked as they are said. */
export function Guide({ open, guidance }: { open: OpenCall; guidance: Guidance }) {
  const call = open.call.value;
  const sop = call?.sop ?? null;
  const [anew, setAnew] = useState(false);
  const known = call?.incident_type ?? sop?.proposal?.incident_type;
  const hint = known || anew ? null : (open.look.value?.triage ?? null);
  const type = guidance.incident_types.find((one) => one.code === (known ?? hint?.incident_type));
  const opening = hint?.questions[0]?.code ?? type?.begins_with ?? guidance.questions[0]?.code;
  const begins = sop === null ? opening : sop.next_question;
  const question = guidance.questions.find((one) => one.code === begins);
  const told = new Set(sop?.told.filter((one) => one.incident_type === type?.code).map((one) => one.step));
  const next = type?.words.find((words) => !told.has(words.code));
  const proposal = call?.call_class === null ? sop?.proposal : null;

  const tell = (step: string) => {
    if (type) void open.tell(step, !told.has(step), type.code, guidance.version);
  };
  const accept = () => void open.classify({ call_class: "emergency", incident_type: proposal?.incident_type ?? null });

  const bindings: Bindings = {};
  if (question) bindings.t = { label: t("key.ask"), run: () => (open.choosing.value = "question") };
  if (next) bindings.w = { label: t("key.tell"), run: () => tell(next.code) };
  if (proposal?.incident_type) bindings.p = { label: t("key.propose"), run: accept };
  const letters: Bindings = {};
  if (open.choosing.value === "question" && question) {
    for (const [letter, answer] of lettersFor(question.answers)) {
      const give = () => void open.answerQuestion(question.code, answer.code, guidance.version);
      if (letter) letters[letter] = { label: said(answer.label), quiet: true, run: give };
    }
    letters.Escape = { label: "", quiet: true, run: () => (open.choosing.value = null) };
  }
  useKeys(bindings);
  useKeys(letters, true);

  return (
    <>
      {hint?.because && (
        <p class="row">
          <span class="grow small any-text">
            {t("guide.likely", { type: typeName(hint.incident_type), because: t(`guide.because.${hint.because}`) })}
          </span>
          <Button onClick={() => setAnew(true)}>{t("guide.another")}</Button>
        </p>
      )}
      {question && (
        <div class="column">
          <h3>
            {t("guide.ask")} <kbd aria-hidden="true">T</kbd>
          </h3>
          <p class="strong">{said(question.label)}</p>
          <div class="chips">
            {lettersFor(question.answers).map(([letter, answer]) => (
              <Button
                key={answer.code}
                hint={open.choosing.value === "question" ? letter : undefined}
                onClick={() => void open.answerQuestion(question.code, answer.code, guidance.version)}
              >
                {said(answer.label)}
              </Button>
            ))}
          </div>
        </div>
      )}
      {proposal?.incident_type && (
        <Button hint="p" kind="main" onClick={accept}>
          {t("guide.proposal", { type: typeName(proposal.incident_type), priority: proposal.priority ?? "" })}
        </Button>
      )}
      {sop?.probably_child && guidance.child_words.length > 0 && (
        <div class="column">
          <h3>{t("guide.child")}</h3>
          <ul class="column">
            {guidance.child_words.map((words) => (
              <li key={words.code} class="any-text">
                {said(words.label)}
              </li>
            ))}
          </ul>
        </div>
      )}
      {type && type.words.length > 0 && (
        <div class="column">
          <h3>
            {t("guide.tell")} <kbd aria-hidden="true">W</kbd>
          </h3>
          <ul class="column">
            {type.words.map((words) => (
              <li key={words.code}>
                <label class="row">
                  <input
                    type="checkbox"
                    class="tick"
                    checked={told.has(words.code)}
                    onChange={() => tell(words.code)}
                  />
                  <span class={`grow ${told.has(words.code) ? "told" : words === next ? "strong" : ""}`}>
                    {said(words.label)}
                  </span>
                </label>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
