import { api } from "../../api/client";
import { filled, type Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { choicesOf, declineReasons } from "../names";
import { besideInputs, besideOf, busyOffer } from "../reports";
import { type Part, type Progress, readParts, stepsToReport, units } from "./desk";

/** All that can be said beside a step. It goes with the newest step too, to say more. */
export function reportWish(part: Part): Wish {
  const path = { forwarding_id: part.id };
  const steps = stepsToReport(part).map((step) => [step, t(`desk_agency.progress.${step}`)] as const);
  return {
    about: `${part.id} report`,
    title: t("desk_agency.ask_report", { number: part.incident.number }),
    go: t("desk_agency.report_do"),
    inputs: [
      { name: "progress", label: t("desk_agency.step"), choices: steps, required: true, now: steps[0]?.[0] ?? "" },
      ...besideInputs("progress", part.agency).map((one) =>
        one.name === "units" ? { ...one, note: ownUnits() } : one,
      ),
    ],
    refresh: readParts,
    offer: busyOffer,
    send: async (values, header) => {
      const progress = values.progress as Progress;
      const body = { progress, ...besideOf(values, progress) };
      const answer = await api.POST("/v1/forwardings/{forwarding_id}/progress", { params: { path, header }, body });
      void readParts().catch(() => undefined);
      return answer;
    },
  };
}

/** The agency's known units, each with the incident that it works for. */
function ownUnits(): string {
  const known = units.value.map((one) => (one.number ? `${one.callsign} (${one.number})` : one.callsign));
  return known.length > 0 ? t("report.own_units", { units: known.join(", ") }) : t("report.units_hint");
}

/** A decline with its reason. */
export function declineWish(part: Part): Wish {
  const path = { forwarding_id: part.id };
  return {
    about: `${part.id} decline`,
    title: t("desk_agency.ask_decline", { number: part.incident.number }),
    go: t("desk_agency.decline_do"),
    inputs: [
      { name: "reason", label: t("wish.reason"), choices: choicesOf(declineReasons.value), required: true },
      { name: "text", label: t("wish.text"), lines: true },
    ],
    refresh: readParts,
    send: async ({ reason = "", text = "" }, header) => {
      const body = { reason, ...filled({ text }) };
      const answer = await api.POST("/v1/forwardings/{forwarding_id}/decline", { params: { path, header }, body });
      void readParts().catch(() => undefined);
      return answer;
    },
  };
}
