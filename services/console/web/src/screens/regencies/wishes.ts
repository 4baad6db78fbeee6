import { api, type Key, type Schemas } from "../../api/client";
import { filled, type Input, reasonInput, type Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { serverNow } from "../../session/clock";
import { regency } from "../../session/session";
import { regencyName, regencyNames } from "../names";
import { readRegencies, readTransfers, type Share, type Transfer } from "./regencies";

type Profile = Schemas["RedactionProfile"];

export interface AskedOfShare {
  what: "agree" | "refuse_share" | "end_share";
  share: Share;
}

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
export function untilOf(hours: string, now = serverNow()): string {
  return new Date(now + Number(hours) * 3_600_000 - 60_000).toISOString();
}

/** Another regency: first those that the place may belong to or that lie beside it, the likeliest first. It is chosen
 * already.
 */
export function regencyInput(zone: Schemas["ZoneOut"] | null | undefined): Input {
  const others = otherRegencies();
  const codes = [zone?.owner, ...(zone?.candidates ?? []), ...(zone?.neighbours ?? [])];
  const near = [...new Set(codes)].flatMap((code) => others.filter(([other]) => other === code));
  const choices = [...near, ...others.filter((one) => !near.includes(one))];
  const first = near[0]?.[0];
  return { name: "to", label: t("transfer.to"), choices, required: true, ...(first ? { first } : {}) };
}

/** The other regencies that work in this system, by name. */
function otherRegencies(): (readonly [string, string])[] {
  return [...regencyNames.value.values()]
    .filter((one) => !one.retired && one.code !== regency.value?.code)
    .map((one) => [one.code, one.name] as const)
    .sort(([, one], [, other]) => one.localeCompare(other));
}

/** The lists are read again after a refusal, and once it is done. */
const AFTERWARDS = { refresh: readRegencies, whenDone: readRegencies };

/** Refuses what another regency offers; its people read why. `reread` reads the lists again: after a refusal of the server, and
 * once it is done.
 */
export function refusingWish(
  about: string,
  { regency: sender }: Pick<Transfer, "regency">,
  reread: () => Promise<void>,
  send: (body: { reason: string }, header: Key) => ReturnType<Wish["send"]>,
): Wish {
  return {
    about,
    title: t("transfer.refuse_why", { regency: regencyName(sender) }),
    go: t("transfer.refuse"),
    inputs: [reasonInput()],
    refresh: reread,
    whenDone: reread,
    send: ({ reason = "" }, header) => send({ reason }, header),
  };
}

export function refuseTransferWish(one: Transfer): Wish {
  const path = { transfer_id: one.id };
  return refusingWish(`transfer ${one.id} refuse`, one, readTransfers, (body, header) =>
    api.POST("/v1/transfers/{transfer_id}/refuse", { params: { path, header }, body }),
  );
}

/** Offers a call or an incident to another regency, with a message for its people. */
export function offering(
  zone: Schemas["ZoneOut"] | null | undefined,
  send: (body: Schemas["OfferIncident"], header: Key) => ReturnType<Wish["send"]>,
): Pick<Wish, "title" | "go" | "inputs" | "send"> {
  return {
    title: t("transfer.offer"),
    go: t("transfer.offer_do"),
    inputs: [regencyInput(zone), { name: "message", label: t("transfer.message"), lines: true }],
    send: ({ to = "", message = "" }, header) => send({ to, ...filled({ message }) }, header),
  };
}

export function wishOfShare(asked: AskedOfShare): Wish {
  const { share } = asked;
  const path = { share_id: share.id };
  const common = { about: `share ${share.id} ${asked.what}`, ...AFTERWARDS };
  const places = {
    regency: regencyName(share.regency === regency.value?.code ? share.to : share.regency),
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
          const body = { profile: profile as Profile, ...filled({ message }) };
          return api.POST("/v1/shares/{share_id}/agree", { params: { path, header }, body });
        },
      };
    case "refuse_share":
      return {
        ...common,
        title: t("share.refuse_title", places),
        go: t("share.refuse"),
        inputs: [reasonInput()],
        send: ({ reason = "" }, header) =>
          api.POST("/v1/shares/{share_id}/refuse", { params: { path, header }, body: { reason } }),
      };
    case "end_share":
      return {
        ...common,
        title: t("share.end_title", places),
        go: t("share.end"),
        inputs: [{ ...reasonInput(), required: false }],
        send: ({ reason = "" }, header) =>
          api.POST("/v1/shares/{share_id}/end", { params: { path, header }, body: filled({ reason }) }),
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
      { name: "owner", label: t("share.owner"), choices: otherRegencies(), required: true },
      { name: "number", label: t("share.number"), required: true },
      profileInput(),
      hoursInput(),
      { ...reasonInput(), lines: true },
    ],
    ...AFTERWARDS,
    send: ({ owner = "", number = "", profile, hours = "6", reason = "" }, header) => {
      const body = {
        regency: regency.value?.code ?? "",
        owner,
        number: number.trim(),
        profile: profile as Profile,
        until: untilOf(hours),
        reason,
      };
      return api.POST("/v1/shares", { params: { header }, body });
    },
  };
}
