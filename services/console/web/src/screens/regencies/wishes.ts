import { api, type Schemas } from "../../api/client";
import type { Input, Wish } from "../../components/Ask";
import { t } from "../../i18n/texts";
import { regency } from "../../session/session";
import { readRegencies, readTransfers, type Share, type Transfer } from "./regencies";

type Profile = Schemas["RedactionProfile"];

export type AskedOfRegencies =
  | { what: "refuse_transfer"; transfer: Transfer }
  | { what: "agree" | "refuse_share" | "end_share"; share: Share };

const PROFILES: readonly Profile[] = ["none", "contact_hidden", "block_level", "city_only"];
const HOURS = ["1", "6", "24", "72", "168"] as const;

/** How much is shown: from this profile on to less. */
export function profileInput(most: Profile = "none"): Input {
  const choices = PROFILES.slice(PROFILES.indexOf(most)).map((one) => [one, t(`profile.${one}`)] as const);
  return { name: "profile", label: t("share.profile"), choices, required: true, first: most };
}

/** For how long it is shown. */
export function hoursInput(): Input {
  const choices = HOURS.map((one) => [one, t("share.hours", { hours: one })] as const);
  return { name: "hours", label: t("share.for"), choices, required: true, first: "6" };
}

/** The moment so many hours from now. A minute less, as seven days are the most and clocks differ. */
export function untilOf(hours: string, now = Date.now()): string {
  return new Date(now + Number(hours) * 3_600_000 - 60_000).toISOString();
}

/** The regency that is meant: those that the place may belong to or that lie beside it are there to choose. */
export function regencyInput(zone: Schemas["ZoneOut"] | null | undefined): Input {
  const own = regency.value?.code;
  const near = [zone?.owner, ...(zone?.candidates ?? []), ...(zone?.neighbours ?? [])];
  const codes = [...new Set(near)].filter((one): one is string => Boolean(one) && one !== own);
  const elsewhere = zone?.elsewhere;
  const name = (code: string) => (elsewhere?.regency === code && elsewhere.name ? `${elsewhere.name} (${code})` : code);
  if (codes.length === 0) return { name: "to", label: t("transfer.to"), required: true, note: t("transfer.to_hint") };
  const choices = codes.map((code) => [code, name(code)] as const);
  return { name: "to", label: t("transfer.to"), choices, required: true, first: codes[0] as string };
}

/** The lists are read again after a refusal, and once it is done. */
const AFTERWARDS = { refresh: readRegencies, whenDone: readRegencies };

export function wishOfRegencies(asked: AskedOfRegencies): Wish {
  const reason: Input = { name: "reason", label: t("wish.reason"), required: true };
  if (asked.what === "refuse_transfer") {
    const path = { transfer_id: asked.transfer.id };
    return {
      about: `transfer ${path.transfer_id} refuse`,
      title: t("transfer.refuse_why", { regency: asked.transfer.regency }),
      go: t("transfer.refuse"),
      inputs: [reason],
      refresh: readTransfers,
      whenDone: readTransfers,
      send: (values, header) =>
        api.POST("/v1/transfers/{transfer_id}/refuse", {
          params: { path, header },
          body: { reason: values.reason ?? "" },
        }),
    };
  }
  const { share } = asked;
  const path = { share_id: share.id };
  const common = { about: `share ${share.id} ${asked.what}`, ...AFTERWARDS };
  const places = {
    regency: share.regency === regency.value?.code ? share.to : share.regency,
    number: share.number ?? "",
  };
  switch (asked.what) {
    case "agree":
      return {
        ...common,
        title: t("share.agree_title", places),
        go: t("share.agree"),
        inputs: [profileInput(share.profile), { name: "message", label: t("share.message"), lines: true }],
        send: ({ profile, message = "" }, header) => {
          const body = { profile: profile as Profile, ...(message.trim() ? { message } : {}) };
          return api.POST("/v1/shares/{share_id}/agree", { params: { path, header }, body });
        },
      };
    case "refuse_share":
      return {
        ...common,
        title: t("share.refuse_title", places),
        go: t("share.refuse"),
        inputs: [reason],
        send: (values, header) => {
          const body = { reason: values.reason ?? "" };
          return api.POST("/v1/shares/{share_id}/refuse", { params: { path, header }, body });
        },
      };
    case "end_share":
      return {
        ...common,
        title: t("share.end_title", places),
        go: t("share.end"),
        inputs: [{ ...reason, required: false }],
        send: (values, header) => {
          const body = values.reason?.trim() ? { reason: values.reason } : {};
          return api.POST("/v1/shares/{share_id}/end", { params: { path, header }, body });
        },
      };
  }
}

/** Asks another regency to show one of its incidents, by the number that its people told. */
export function askForShareWish(): Wish {
  return {
    about: "share ask",
    title: t("share.ask"),
    go: t("share.ask_do"),
    inputs: [
      { name: "owner", label: t("share.owner"), required: true, note: t("transfer.to_hint") },
      { name: "number", label: t("share.number"), required: true },
      profileInput(),
      hoursInput(),
      { name: "reason", label: t("wish.reason"), required: true, lines: true },
    ],
    ...AFTERWARDS,
    send: ({ owner = "", number = "", profile, hours = "6", reason = "" }, header) => {
      const body = {
        regency: regency.value?.code ?? "",
        owner: owner.trim(),
        number: number.trim(),
        profile: profile as Profile,
        until: untilOf(hours),
        reason,
      };
      return api.POST("/v1/shares", { params: { header }, body });
    },
  };
}
