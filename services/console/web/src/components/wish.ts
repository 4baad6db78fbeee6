import { act, type Key } from "../api/client";
import { Problem } from "../api/problem";
import { t } from "../i18n/texts";
import { whenPersonGoes } from "../session/personal";

/** A field of a wish's dialog. */
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

/** What was typed into dialogs and is not sent, by what they are about. */
const typed = new Map<string, Typed>();
whenPersonGoes(() => typed.clear());

/** Keeps what the person typed, so that it is there again if the dialog is closed and opened. */
export function keepTyped(about: string, values: Values, start: Pick<Start, "over" | "version">): void {
  typed.set(about, { values, over: start.over, version: start.version });
}

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

/** The status of an answer that says that the object has a later version. */
export const LATER_VERSION = 412;

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

/** What stands in each field now. */
export function nowsOf(wish: Pick<Wish, "inputs">): Values {
  return Object.fromEntries(wish.inputs.map((input) => [input.name, input.now ?? ""]));
}

function firstsOf(wish: Wish): Values {
  return Object.fromEntries(wish.inputs.flatMap((input) => (input.first ? [[input.name, input.first]] : [])));
}

/** With what a dialog begins, if something was typed in it before it was closed. The version is the old one if what the person typed
 * over has changed: then the server refuses it, and the person is asked.
 */
export function startOf(wish: Wish): Start {
  const before = typed.get(wish.about);
  const proposed = firstsOf(wish);
  const nows = nowsOf(wish);
  const over: Values = {};
  for (const name of Object.keys(proposed)) over[name] = nows[name] ?? "";
  Object.assign(over, before?.over);
  const moved = wish.inputs.some((input) => isOvertaken(input, over));
  const version = (moved ? before?.version : wish.version) ?? 0;
  return { version, over, proposed, stands: wish.stands, values: before?.values ?? {} };
}
