import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Key, newKey } from "../api/client";
import { Problem } from "../api/problem";
import { t } from "../i18n/texts";
import { onCtrlEnter } from "../keys/keys";
import { refusal, wordsOf } from "../live/refusal";
import { PersonGone } from "../session/personal";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import {
  carryOut,
  type Input,
  isOvertaken,
  keepTyped,
  LATER_VERSION,
  nowsOf,
  startOf,
  type Values,
  valuesOf,
  type Wish,
} from "./wish";

interface AskProps {
  wish: Wish;
  onClose: () => void;
  /** Said above the fields. */
  children?: ComponentChildren;
}

/** The dialog of a wish. A refusal keeps it open with all that was typed; if somebody else changed the object, it shows both
 * texts and asks again.
 */
export function Ask({ wish, onClose, children }: AskProps) {
  const [start] = useState(() => startOf(wish));
  const latest = useRef(wish);
  latest.current = wish;
  const [own, setOwn] = useState<Values>(start.values);
  const values = valuesOf(wish, start.proposed, own);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [faults, setFaults] = useState<string[]>([]);
  const [waits, setWaits] = useState(false);
  const key = useRef<Key>(newKey());
  const shown = useRef(true);
  useEffect(
    () => () => {
      shown.current = false;
    },
    [],
  );

  const set = (name: string, value: string) => {
    const next = { ...own, [name]: value };
    start.over[name] ??= nowsOf(wish)[name] ?? "";
    setOwn(next);
    keepTyped(wish.about, next, start);
    key.current = newKey();
  };

  async function submit(more: Values = {}): Promise<void> {
    if (waits) return;
    setWaits(true);
    setFaults([]);
    try {
      await carryOut(latest, start, own, more, key.current);
      if (shown.current) onClose(); // otherwise the person has closed it, and may have another dialog open
    } catch (trouble) {
      key.current = newKey(); // what is sent next may be something else
      setProblem(trouble instanceof Problem ? trouble : null);
      setFaults(wordsOf(trouble));
      if (!shown.current && !(trouble instanceof PersonGone)) refusal.value = [wish.title, ...wordsOf(trouble)];
      if (trouble instanceof Problem && trouble.status === 409) await latest.current.refresh?.().catch(() => undefined);
    }
    setWaits(false);
  }

  const offer = (problem && wish.offer?.(problem)) || null;
  const overtaken = problem !== null && !offer && (problem.status === 409 || problem.status === LATER_VERSION);
  const inputs = wish.inputs.filter((input) => input.when?.(values) ?? true);
  const atFields = inputs.filter((input) => problem?.faultAt(input.name));
  return (
    <Dialog title={wish.title} onClose={onClose}>
      <form
        class="column"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        onKeyDown={onCtrlEnter((pressed) => pressed.currentTarget.requestSubmit())}
      >
        {faults.length > 0 && atFields.length < faults.length && (
          <div role="alert" class="urgent any-text">
            {(offer ? [offer.words] : faults).map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
            {overtaken && <p>{t("ask.changed")}</p>}
          </div>
        )}
        {children}
        {inputs.map((input) => (
          <Field
            key={input.name}
            label={input.label}
            fault={problem?.faultAt(input.name)}
            note={
              input.now !== undefined && isOvertaken(input, start.over) ? (
                <Both input={input} own={values[input.name] ?? ""} />
              ) : (
                input.note && <p class="small quiet any-text">{input.note}</p>
              )
            }
          >
            {(id) => (
              <Control
                id={id}
                input={input}
                value={values[input.name] ?? ""}
                onType={(text) => set(input.name, text)}
              />
            )}
          </Field>
        ))}
        {offer && (
          <Button
            kind="main"
            disabled={waits}
            onClick={() => {
              key.current = newKey();
              void submit(offer.values);
            }}
          >
            {offer.go}
          </Button>
        )}
        <div class="row">
          <Button kind={wish.urgent ? "urgent" : "main"} type="submit" disabled={waits} hint="Ctrl+Enter">
            {overtaken ? t("ask.still") : wish.go}
          </Button>
          <Button onClick={onClose}>{t("ask.not_now")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

/** What stands there now beside what the person typed. */
function Both({ input, own }: { input: Input; own: string }) {
  const words = (code: string) => input.choices?.find(([one]) => one === code)?.[1] ?? code;
  return (
    <dl class="both small any-text">
      <dt>{t("ask.now")}</dt>
      <dd>{words(input.now ?? "") || "—"}</dd>
      <dt>{t("ask.own")}</dt>
      <dd>{words(own) || "—"}</dd>
    </dl>
  );
}

interface ControlProps {
  id: string;
  input: Input;
  value: string;
  onType: (text: string) => void;
}

function Control({ id, input, value, onType }: ControlProps) {
  const required = input.required ?? false;
  if (input.choices) {
    return (
      <select id={id} value={value} required={required} onChange={(event) => onType(event.currentTarget.value)}>
        {!input.choices.some(([code]) => code === "") && <option value="">{t("ask.choose")}</option>}
        {input.choices.map(([code, words]) => (
          <option key={code} value={code}>
            {words}
          </option>
        ))}
      </select>
    );
  }
  if (input.lines) {
    return (
      <textarea
        id={id}
        value={value}
        required={required}
        rows={3}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    );
  }
  return (
    <input
      id={id}
      value={value}
      required={required}
      autoComplete="off"
      onInput={(event) => onType(event.currentTarget.value)}
    />
  );
}
