import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { act, type Key, newKey } from "../api/client";
import { Problem } from "../api/problem";
import { t } from "../i18n/texts";
import { onCtrlEnter } from "../keys/keys";
import { refusal, wordsOf } from "../live/refusal";
import { PersonGone, whenPersonGoes } from "../session/personal";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Field } from "./Field";

export interface Input {
  /** The field of the request's body, by which a refusal names it. */
  name: string;
  label: string;
  /** A list of choices (code and words), several lines, or one line. */
  choices?: readonly (readonly [string, string])[];
  lines?: boolean;
  required?: boolean;
  /** What stands there at present; the field begins with it. */
  now?: string;
  /** What the field begins with, if it is not what stands there: a proposal that the person may change. */
  first?: string;
  /** Said below the field. */
  note?: string;
  /** Whether the field is asked for at all, by what is typed in the others. */
  when?: (values: Values) => boolean;
}

export type Values = Record<string, string>;

/** A way out of a refusal: what is in the way, what its button says, and the values that are sent with those that are typed. */
export interface Offer {
  words: string;
  go: string;
  values: Values;
}

/** Something that a person wants and that needs words. */
export interface Wish {
  /** Names what it is about: what was typed for it is there again if the dialog was closed. */
  about: string;
  title: string;
  go: string;
  urgent?: boolean;
  inputs: readonly Input[];
  /** The version of the object as it is now. */
  version?: number;
  /** What must be as it was when the person began; if it is, an old version is no reason to ask again. */
  stands?: string;
  /** Sends it. `seen` is the version that the person has seen. */
  send: (values: Values, key: Key, seen: number) => Promise<{ error?: unknown; response: Response }>;
  /** Reads the object again. */
  refresh?: () => Promise<void>;
  /** The same wish for the object as it was read last; null: there is no such wish any more. Each wish with a version has it. */
  renewed?: () => Wish | null;
  /** Reads what it changed, once it is done, if no stream tells it. */
  whenDone?: () => Promise<void>;
  /** What a refusal leaves to be done all the same. */
  offer?: (problem: Problem) => Offer | null;
}

/** The field of a reason, which stays in the history of what is done. */
export function reasonInput(): Input {
  return { name: "reason", label: t("wish.reason"), required: true };
}

/** Only the members that have words: an empty field is left out of a request's body. */
export function filled<Body extends Values>(values: Body): Partial<Body> {
  return Object.fromEntries(Object.entries(values).filter(([, text]) => text.trim() !== "")) as Partial<Body>;
}

/** What was typed into fields, what stood there when the person began, and the version that the person saw then. */
interface Typed {
  values: Values;
  over: Values;
  version: number;
}

/** With what a dialog began. */
interface Start {
  /** The version that the person has seen. */
  version: number;
  /** What stood in the fields that are touched or proposed, when the person began. */
  over: Values;
  proposed: Values;
  stands: string | undefined;
  values: Values;
}

const typed = new Map<string, Typed>();
whenPersonGoes(() => typed.clear());

/** What the fields say: what the person typed, else what was proposed when the dialog opened, else what stands there now. A field
 * that nobody touched follows the object: what a colleague corrects meanwhile is not sent back as it was.
 */
export function valuesOf(wish: Pick<Wish, "inputs">, proposed: Values, own: Values): Values {
  return { ...nowsOf(wish), ...proposed, ...own };
}

/** Whether something else stands there now than what the person typed over. `over` has only the fields that were touched. */
export function isOvertaken(input: Pick<Input, "name" | "now">, over: Values): boolean {
  return input.name in over && (input.now ?? "") !== over[input.name];
}

const LATER_VERSION = 412;

/** Sends what a dialog says. If the object has a later version, but nothing has changed that the person typed over or must have
 * seen, it is sent once more for the object as it is then, also if the dialog was closed. Raises Problem and PersonGone.
 */
export async function carryOut(
  latest: { current: Wish },
  start: Start,
  own: Values,
  more: Values,
  key: Key,
): Promise<void> {
  const { about } = latest.current;
  const words = typed.get(about);
  const attempt = async (): Promise<void> => {
    const wish = latest.current;
    const all = { ...valuesOf(wish, start.proposed, own), ...more };
    await act((header) => wish.send(all, header, start.version), key);
  };
  await attempt().catch(async (trouble) => {
    if (!(trouble instanceof Problem) || trouble.status !== LATER_VERSION) throw trouble;
    await latest.current.refresh?.();
    const wish = latest.current.renewed ? latest.current.renewed() : latest.current;
    if (wish === null) throw trouble;
    latest.current = wish;
    start.version = wish.version ?? 0;
    const moved = wish.inputs.some((input) => isOvertaken(input, start.over));
    if (moved || start.stands !== wish.stands) throw trouble;
    await attempt();
  });
  void latest.current.whenDone?.().catch(() => undefined);
  // Other words are those of a dialog that was opened again meanwhile.
  if (typed.get(about) === words) typed.delete(about);
}

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
  const [start] = useState(() => startOf(wish, typed.get(wish.about)));
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
    const { version, over } = start;
    over[name] ??= nowsOf(wish)[name] ?? "";
    setOwn(next);
    typed.set(wish.about, { values: next, over, version });
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

function nowsOf(wish: Pick<Wish, "inputs">): Values {
  return Object.fromEntries(wish.inputs.map((input) => [input.name, input.now ?? ""]));
}

function firstsOf(wish: Wish): Values {
  return Object.fromEntries(wish.inputs.flatMap((input) => (input.first ? [[input.name, input.first]] : [])));
}

/** With what a dialog begins, if something was typed in it before it was closed. The version is the old one if what the person typed
 * over has changed: then the server refuses it, and the person is asked.
 */
function startOf(wish: Wish, before: Typed | undefined): Start {
  const proposed = firstsOf(wish);
  const nows = nowsOf(wish);
  const over: Values = {};
  for (const name of Object.keys(proposed)) over[name] = nows[name] ?? "";
  Object.assign(over, before?.over);
  const moved = wish.inputs.some((input) => isOvertaken(input, over));
  const version = (moved ? before?.version : wish.version) ?? 0;
  return { version, over, proposed, stands: wish.stands, values: before?.values ?? {} };
}
