import { t } from "../../i18n/texts";
import type { Figure } from "./leader";

/** The figure in one word; a dash if there is no case. */
export function figureValue(figure: Pick<Figure, "kind" | "value" | "denominator">): string {
  if (figure.kind === "count") return String(figure.value ?? 0);
  if (figure.value === null || figure.denominator === 0) return "–";
  if (figure.kind === "share") return `${Math.round(figure.value * 100)} %`;
  return t("leader.seconds", { seconds: Math.round(figure.value) });
}
