import { api, type Key } from "../../api/client";
import { filled, type Input, reasonInput, type Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { serverNow } from "../../session/clock";
import { type Block, dossier, readBlocks } from "./blocks";

export type StepOfBlock = "approval" | "refusal" | "review" | "extension" | "lifting" | "appeals" | "dossiers";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SHORTEST = 24;
const LONGEST = 72;
const HOURS = [SHORTEST, 36, 48, 60, LONGEST] as const;

/** The moment so many hours from now. A minute inside of the bounds, as the server's clock differs and words take time. */
export function endAfter(hours: number, now = serverNow()): string {
  const inside = hours === LONGEST ? -10 * MINUTE_MS : hours === SHORTEST ? MINUTE_MS : 0;
  return new Date(now + hours * HOUR_MS + inside).toISOString();
}

/** The hours from now that make a block end later than planned. */
export function laterHours(endsAt: string | null, now = serverNow()): number[] {
  return HOURS.filter((hours) => endsAt === null || Date.parse(endAfter(hours, now)) > Date.parse(endsAt));
}

function hoursInput(hours: readonly number[], first: readonly (readonly [string, string])[]): Input {
  const choices = [...first, ...hours.map((one) => [String(one), t("block.from_now", { hours: one })] as const)];
  return { name: "ends_at", label: t("block.ends"), choices, required: first.length === 0 };
}

/** What a person decides about a block, with the reason that stays in its history. */
export function wishOfBlock(one: Block, step: StepOfBlock): Wish {
  const params = (header: Key) => ({ params: { path: { block_id: one.id }, header } });
  const required: Input = { ...reasonInput(), lines: true };
  const common = {
    about: `block ${one.id} ${step}`,
    title: t(`block.${step}_title`, { number: one.number ?? "–" }),
    go: t(`block.${step}_do`),
    refresh: readBlocks,
  };
  switch (step) {
    case "approval": {
      const byRule = [["", t("block.by_rule", { hours: one.rule.hours })]] as const;
      return {
        ...common,
        inputs: [hoursInput(HOURS, byRule), { ...required, required: false }],
        send: ({ reason = "", ends_at: hours = "" }, header) => {
          const body = {
            ...(hours ? { ends_at: endAfter(Number(hours)) } : {}),
            ...filled({ reason }),
          };
          return api.POST("/v1/blocks/{block_id}/approval", { ...params(header), body });
        },
      };
    }
    case "refusal":
    case "review":
    case "lifting":
      return {
        ...common,
        inputs: [required],
        send: ({ reason = "" }, header) =>
          api.POST(`/v1/blocks/{block_id}/${step}`, { ...params(header), body: { reason } }),
      };
    case "extension":
      return {
        ...common,
        inputs: [hoursInput(laterHours(one.ends_at), []), required],
        send: ({ reason = "", ends_at: hours = "" }, header) => {
          const body = { reason, ends_at: endAfter(Number(hours)) };
          return api.POST("/v1/blocks/{block_id}/extension", { ...params(header), body });
        },
      };
    case "dossiers":
      return {
        ...common,
        inputs: [
          { name: "recipient", label: t("block.dossier_for"), required: true },
          { ...required, label: t("block.dossier_why"), note: t("block.dossier_about") },
        ],
        whenDone: readBlocks,
        send: async ({ recipient = "", reason = "" }, header) => {
          const made = await api.POST("/v1/blocks/{block_id}/dossiers", {
            ...params(header),
            body: { recipient, reason },
          });
          if (made.data) dossier.value = made.data;
          return made;
        },
      };
    case "appeals":
      return {
        ...common,
        inputs: [{ name: "text", label: t("block.appeal_text"), required: true, lines: true }],
        send: ({ text = "" }, header) =>
          api.POST("/v1/blocks/{block_id}/appeals", { ...params(header), body: { text } }),
      };
  }
}
