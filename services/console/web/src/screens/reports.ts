import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";
import { filled, type Input, type Offer, type Values } from "../components/wish";
import { said, t } from "../i18n/texts";
import { agencies, agencyChoices, agencyName, wantedName } from "./names";

/** What is said beside a step: by the agency itself, or heard from it by the centre. */
type Beside = Pick<Schemas["ReportProgress"], "text" | "units" | "release" | "question" | "asks_for" | "outcome">;

const OUTCOMES = ["handled", "false_alarm", "not_found"] as const;
const LEVELS = ["2", "3", "4", "5"] as const;

/** The fields of what is said beside a step. `step`: the name of the field that has the step. */
export function besideInputs(step: string, own: string): Input[] {
  return [
    {
      name: "outcome",
      label: t("report.outcome"),
      choices: [["", "—"], ...OUTCOMES.map((one) => [one, t(`outcome.${one}`)] as const)],
      when: (values) => values[step] === "done",
    },
    { name: "text", label: t("wish.text"), lines: true },
    { name: "units", label: t("report.units"), when: (values) => values[step] !== "declined" },
    { name: "question", label: t("report.question"), lines: true, when: (values) => values[step] !== "declined" },
    {
      name: "asks_for",
      label: t("report.asks_for"),
      choices: helpChoices(own),
      when: (values) => values[step] !== "declined",
    },
  ];
}

/** The help that can be asked for, as `agency/…`, `capability/…` or `alarm_level/…`. */
function helpChoices(own: string): (readonly [string, string])[] {
  const abilities = new Set([...agencies.value.values()].flatMap((one) => [one.kind, ...one.capabilities]));
  return [
    ["", "—"],
    ...agencyChoices()
      .filter(([code]) => code !== own)
      .map(([code, name]) => [`agency/${code}`, name] as const),
    ...[...abilities]
      .map((one) => [`capability/${one}`, t("report.any", { capability: wantedName(one) })] as const)
      .sort(([, one], [, other]) => one.localeCompare(other)),
    ...LEVELS.map((level) => [`alarm_level/${level}`, t("incident.level", { level })] as const),
  ];
}

/** The members of a request's body; empty fields, and those that do not go with the step, are left out. */
export function besideOf(values: Values, step: string): Beside {
  const units = unitsOf(values.units ?? "");
  const beside = {
    ...filled({ text: values.text ?? "" }),
    ...(step === "done" && values.outcome ? { outcome: values.outcome as Schemas["PartOutcome"] } : {}),
  };
  if (step === "declined") return beside;
  return {
    ...beside,
    ...(units.length > 0 ? { units } : {}),
    ...(units.length > 0 && values.release ? { release: true } : {}),
    ...filled({ question: values.question ?? "" }),
    ...(values.asks_for ? { asks_for: helpOf(values.asks_for) } : {}),
  };
}

/** Callsigns, of which a comma or a new line ends each. */
function unitsOf(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter(Boolean);
}

function helpOf(choice: string): Schemas["AsksFor"] {
  const place = choice.indexOf("/");
  const [kind, code] = [choice.slice(0, place), choice.slice(place + 1)];
  if (kind === "alarm_level") return { alarm_level: Number(code) };
  return kind === "agency" ? { agency: code } : { capability: code };
}

/** Of a refusal because a unit works for another incident: the offer to move it on. */
export function busyOffer(problem: Problem): Offer | null {
  const { units, number } = problem.document;
  if (problem.status !== 409 || !Array.isArray(units)) return null;
  const places = { units: units.join(", "), number: String(number ?? "") };
  return {
    words: t("report.busy", places),
    go: t("report.release", places),
    values: { release: "yes" },
  };
}

/** The help that was asked for, in words. */
export function helpInWords(asked: Schemas["HelpAskedForOut"]): string {
  if (asked.agency) return asked.agency_name ?? agencyName(asked.agency);
  if (asked.capability) {
    return t("report.any", { capability: said(asked.capability_label) || wantedName(asked.capability) });
  }
  return t("incident.level", { level: asked.alarm_level ?? "" });
}
