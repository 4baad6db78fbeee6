import { api } from "../../api/client";
import type { Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { agencyChoices } from "../names";
import { type Referral, readReferrals, referrals } from "./referrals";

export type StepOfReferral = "answer" | "pass_on" | "close";

/** The complaints desk and the regency's agencies, as the choices of a field. */
export function receivers(): (readonly [string, string])[] {
  return [["", t("referral.desk")], ...agencyChoices()];
}

/** What a person does with a report that is no emergency. */
export function wishOfReferral(one: Referral, step: StepOfReferral): Wish {
  const path = { referral_id: one.id };
  const common = {
    about: `referral ${one.id} ${step}`,
    title: t(`referral.${step}_title`, { number: one.number }),
    go: t(`referral.${step}_do`),
    refresh: readReferrals,
  };
  switch (step) {
    case "answer":
      return {
        ...common,
        inputs: [
          {
            name: "text",
            label: t("referral.answer_text"),
            required: true,
            lines: true,
            note: t("referral.answer_note"),
          },
        ],
        send: ({ text = "" }, header) =>
          api.POST("/v1/referrals/{referral_id}/answers", { params: { path, header }, body: { text } }),
      };
    case "pass_on":
      return {
        ...common,
        version: one.version,
        renewed: () => wishOfReferral(referrals.peek().find(({ id }) => id === one.id) ?? one, step),
        inputs: [{ name: "agency", label: t("referral.to"), choices: receivers(), now: one.to ?? "" }],
        send: ({ agency = "" }, header, seen) =>
          api.POST("/v1/referrals/{referral_id}/pass-on", {
            params: { path, header: { ...header, "If-Match": `"${seen}"` } },
            body: { agency: agency || null },
          }),
      };
    case "close":
      return {
        ...common,
        inputs: [],
        send: (_, header) => api.POST("/v1/referrals/{referral_id}/close", { params: { path, header } }),
      };
  }
}
