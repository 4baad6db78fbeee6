import { api, type Key, type Schemas } from "../../api/client";
import { filled, type Input, reasonInput, type Values, type Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { meant } from "../../i18n/times";
import { regency } from "../../session/session";
import {
  agencies,
  agencyName,
  choicesOf,
  declineReasons,
  dispositions,
  inWords,
  lentAgencies,
  partName,
  roleName,
  typeOf,
  types,
} from "../names";
import { readPlace } from "../operator/place";
import { placeInWords } from "../places";
import { hoursInput, offering, profileInput, regencyInput, untilOf } from "../regencies/wishes";
import { besideInputs, besideOf, busyOffer } from "../reports";
import { rows, show } from "./board";
import type { Forwarding, OpenIncident } from "./incident";
import { type Incident, isHidden } from "./row";

/** Which wish is asked about, and of which agency. */
export type Asked =
  | { what: "forward" | "amend" | "close" | "cancel" | "reopen" | "transfer" | "share" | "same" }
  | { what: "level"; to?: number }
  | { what: "withdraw" | "answer" | "stood_down"; forwarding: string }
  | { what: "waive"; role: string };

const ENDED = new Set(["closed", "merged"]);

export const isEnded = (incident: Pick<Incident, "state">) => ENDED.has(incident.state);

/** The dialog of what is asked, for the incident as it is now; null: there is no such thing any more. */
export function wishOf(asked: Asked, shown: OpenIncident, incident: Incident): Wish | null {
  const path = { incident_id: incident.id };
  const common = {
    about: `${incident.id} ${JSON.stringify(asked)}`,
    version: incident.version,
    refresh: () => shown.readAgain(),
    renewed: () => {
      const row = shown.incident.peek();
      return row === null || isHidden(row) ? null : wishOf(asked, shown, row);
    },
  };
  /** For a step that a person takes who has seen this version. */
  const seenBy = (header: Key, seen: number) => ({ path, header: { ...header, "If-Match": `"${seen}"` } });
  const standing = `${incident.state} ${incident.alarm_level} ${incident.forwardings.map((one) => one.state).join(" ")}`;
  switch (asked.what) {
    case "forward":
      return {
        ...common,
        title: t("wish.forward"),
        go: t("wish.forward_do"),
        inputs: [agencyInput(incident)],
        send: ({ agency = "" }, header) =>
          api.POST("/v1/incidents/{incident_id}/forwardings", { params: { path, header }, body: { agency } }),
      };
    case "amend":
      return {
        ...common,
        title: t("wish.amend"),
        go: t("wish.amend_do"),
        inputs: amendInputs(incident),
        send: (values, header, seen) =>
          api.PATCH("/v1/incidents/{incident_id}", {
            params: seenBy(header, seen),
            body: amended(incident, values),
          }),
      };
    case "close":
      return {
        ...common,
        title: t("wish.close", { number: incident.number }),
        go: t("wish.close_do"),
        stands: standing,
        inputs: [dispositionInput(incident), { name: "note", label: t("wish.note"), lines: true }],
        send: ({ disposition = "", note = "" }, header, seen) =>
          api.POST("/v1/incidents/{incident_id}/close", {
            params: seenBy(header, seen),
            body: { disposition, ...filled({ note }) },
          }),
      };
    case "cancel":
      return {
        ...common,
        title: t("wish.cancel", { number: incident.number }),
        go: t("wish.cancel_do"),
        urgent: true,
        stands: standing,
        inputs: [reasonInput()],
        send: ({ reason = "" }, header, seen) =>
          api.POST("/v1/incidents/{incident_id}/cancel", { params: seenBy(header, seen), body: { reason } }),
      };
    case "reopen":
      return {
        ...common,
        title: t("wish.reopen", { number: incident.number }),
        go: t("wish.reopen_do"),
        stands: standing,
        inputs: [{ ...reasonInput(), label: t("wish.reopen_reason"), required: false }],
        send: ({ reason = "" }, header, seen) =>
          api.POST("/v1/incidents/{incident_id}/reopen", { params: seenBy(header, seen), body: filled({ reason }) }),
      };
    case "level": {
      const seenLevel = incident.alarm_level;
      return {
        ...common,
        title: t("wish.level"),
        go: t("wish.level_do"),
        stands: standing,
        inputs: [
          {
            name: "alarm_level",
            label: t("wish.level_field"),
            choices: levelsWith(asked.to).map((level) => [level, level] as const),
            required: true,
            now: String(seenLevel),
            ...(asked.to ? { first: String(asked.to) } : {}),
          },
          { ...reasonInput(), ...(asked.to ? { first: wantedBy(incident) } : {}) },
        ],
        send: ({ alarm_level = "1", reason = "" }, header, seen) =>
          api.POST("/v1/incidents/{incident_id}/alarm-level", {
            params: seenBy(header, seen),
            body: { alarm_level: Number(alarm_level), seen: seenLevel, reason },
          }),
      };
    }
    case "waive": {
      const { role } = asked;
      return {
        ...common,
        title: t("wish.waive", { role: roleName(incident.needs, role) }),
        go: t("wish.waive_do"),
        inputs: [reasonInput()],
        send: ({ reason = "" }, header) =>
          api.POST("/v1/incidents/{incident_id}/waivers", { params: { path, header }, body: { role, reason } }),
      };
    }
    case "same":
      return {
        ...common,
        title: t("same.title", { number: incident.number }),
        go: t("same.do"),
        inputs: [
          { name: "other", label: t("same.other"), choices: othersOf(incident), required: true },
          {
            name: "how",
            label: t("same.how"),
            choices: [
              ["merge", t("same.merge")],
              ["link", t("duplicate.link")],
            ],
            required: true,
          },
        ],
        send: ({ other = "", how = "" }, header) => {
          const request = { params: { path, header }, body: { other } };
          return how === "merge"
            ? api.POST("/v1/incidents/{incident_id}/merge", request)
            : api.POST("/v1/incidents/{incident_id}/links", request);
        },
      };
    case "transfer":
      return {
        ...common,
        ...offering(incident.zone, (body, header) =>
          api.POST("/v1/incidents/{incident_id}/transfers", { params: { path, header }, body }),
        ),
      };
    case "share":
      return {
        ...common,
        title: t("share.offer"),
        go: t("share.do"),
        inputs: [
          regencyInput(incident.zone),
          profileInput(),
          hoursInput(),
          { name: "message", label: t("share.message"), lines: true },
        ],
        send: ({ to = "", profile, hours = "6", message = "" }, header) => {
          const body = {
            to,
            profile: profile as Schemas["RedactionProfile"],
            until: untilOf(hours),
            ...filled({ message }),
          };
          return api.POST("/v1/incidents/{incident_id}/shares", { params: { path, header }, body });
        },
      };
    case "withdraw":
    case "answer":
    case "stood_down": {
      const forwarding = incident.forwardings.find((one) => one.id === asked.forwarding);
      return forwarding ? { ...common, ...ofAgency(asked.what, incident, forwarding) } : null;
    }
  }
}

/** The other incidents of the board that go on, as choices. */
function othersOf(incident: Incident): (readonly [string, string])[] {
  return rows.value
    .filter((row): row is Incident => !isHidden(row) && row.id !== incident.id && !isEnded(row))
    .map((row) => [row.id, `${row.number} ${typeOf(row.incident_type)} · ${placeInWords(row.place)}`] as const);
}

/** Opens an incident that nobody has called about; then it is shown. */
export function openWish(): Wish {
  return {
    about: "incident without a call",
    title: t("new.title"),
    go: t("new.do"),
    inputs: [
      {
        name: "source",
        label: t("new.source"),
        choices: [
          ["observer", t("new.observer")],
          ["officer", t("new.officer")],
        ],
        required: true,
      },
      { name: "incident_type", label: t("wish.type"), choices: choicesOf(types.value), required: true },
      { name: "place", label: t("new.place"), required: true },
      { name: "note", label: t("note.title"), lines: true },
    ],
    send: async ({ source, incident_type = "", place = "", note = "" }, header) => {
      const body = {
        regency: regency.value?.code ?? "",
        source: source as "observer" | "officer",
        incident_type,
        place: await placeOf(place),
        ...filled({ note }),
      };
      const answer = await api.POST("/v1/incidents", { params: { header }, body });
      if (answer.data) show(answer.data.id);
      return answer;
    },
  };
}

/** What the words say: coordinates, a link of a map, or a place of the gazetteer of just this name; else an address. */
async function placeOf(words: string): Promise<Schemas["Where"]> {
  const meaning = await readPlace(regency.value?.code ?? "", words);
  const named = meaning.names.find((one) => one.name.toLowerCase() === words.trim().toLowerCase());
  const { lat, lon, uncertainty_m } = (named ?? meaning.location ?? {}) as Schemas["Where"];
  if (lat == null || lon == null) return { address: words };
  return { lat, lon, uncertainty_m: uncertainty_m ?? null, address: words };
}

/** Shows a protected incident to the person, for a while, with a reason that the supervisor reads. */
export function glassWish(shown: OpenIncident): Wish {
  const path = { incident_id: shown.id };
  return {
    about: `${shown.id} glass`,
    title: t("wish.glass"),
    go: t("wish.glass_do"),
    urgent: true,
    inputs: [reasonInput()],
    refresh: () => shown.readAgain(),
    send: ({ reason = "" }, header) =>
      api.POST("/v1/incidents/{incident_id}/break-glass", { params: { path, header }, body: { reason } }),
  };
}

type AgencyWish = Pick<Wish, "title" | "go" | "inputs" | "send" | "offer">;

function ofAgency(what: "withdraw" | "answer" | "stood_down", incident: Incident, one: Forwarding): AgencyWish {
  const path = { incident_id: incident.id, forwarding_id: one.id };
  const agency = partName(one);
  if (what === "answer") {
    return {
      title: t("wish.answer", { agency }),
      go: t("wish.answer_do"),
      inputs: answerInputs(one),
      offer: busyOffer,
      send: (values, header) =>
        api.POST("/v1/incidents/{incident_id}/forwardings/{forwarding_id}/answers", {
          params: { path, header },
          body: answerOf(values),
        }),
    };
  }
  const noted = what === "stood_down";
  const reason = (values: Values) => ({ reason: values.reason ?? "" });
  return {
    title: t(noted ? "wish.stood_down" : "wish.withdraw", { agency }),
    go: t(noted ? "wish.stood_down_do" : "wish.withdraw_do"),
    inputs: [reasonInput()],
    send: (values, header) =>
      noted
        ? api.POST("/v1/incidents/{incident_id}/forwardings/{forwarding_id}/note-stand-down", {
            params: { path, header },
            body: reason(values),
          })
        : api.POST("/v1/incidents/{incident_id}/forwardings/{forwarding_id}/withdraw", {
            params: { path, header },
            body: reason(values),
          }),
  };
}

/** The disposition that the agencies' outcomes propose is chosen already; a person decides. */
function dispositionInput(incident: Incident): Input {
  const proposed = incident.proposed_disposition ?? "";
  const words = dispositions.value.has(proposed) ? inWords(dispositions.value, proposed) : null;
  return {
    name: "disposition",
    label: t("wish.disposition"),
    choices: choicesOf(dispositions.value),
    required: true,
    ...(words ? { first: proposed, note: t("wish.disposition_proposed", { disposition: words }) } : {}),
  };
}

const LEVELS = ["1", "2", "3", "4", "5"];

const levelsWith = (level: number | undefined) =>
  level && !LEVELS.includes(String(level)) ? [...LEVELS, String(level)] : LEVELS;

/** The reason of a level that an agency asks for, in the agency's words. */
function wantedBy(incident: Incident): string {
  const proposed = incident.proposed_alarm_level;
  if (!proposed) return "";
  return [t("level.reason", { agency: partName(proposed) }), proposed.text].filter(Boolean).join(": ");
}

function agencyInput(incident: Incident): Input {
  const there = new Set(
    incident.forwardings.filter((one) => !["withdrawn", "declined"].includes(one.state)).map((one) => one.agency),
  );
  const all = [...agencies.value.keys(), ...lentAgencies.value.keys()];
  const choices = all.filter((one) => !there.has(one)).map((one) => [one, agencyName(one)] as const);
  return { name: "agency", label: t("wish.agency"), choices, required: true };
}

const ANSWERS = ["acknowledged", "en_route", "on_scene", "under_control", "done", "declined"] as const;

function answerInputs(one: Forwarding): Input[] {
  const responses = ANSWERS.map((code) => [code, t(`forwarding.${code}`)] as const);
  const first = one.state === "forwarded" ? "acknowledged" : "";
  return [
    { name: "response", label: t("wish.response"), choices: responses, required: true, now: first },
    { name: "spoke_to", label: t("wish.spoke_to"), required: true },
    {
      name: "channel",
      label: t("wish.channel"),
      choices: [
        ["telephone", t("channel.telephone")],
        ["radio", t("channel.radio")],
      ],
      required: true,
      now: "telephone",
    },
    {
      name: "reason",
      label: t("wish.decline_reason"),
      choices: [["", "—"], ...choicesOf(declineReasons.value)],
      when: (values) => values.response === "declined",
    },
    ...besideInputs("response", one.agency),
    { name: "at", label: t("wish.at"), note: t("wish.at_note") },
  ];
}

/** The body of an answer that somebody heard; empty fields are left out. */
export function answerOf(values: Values): Schemas["RecordAgencyAnswer"] {
  const response = (values.response || "acknowledged") as Schemas["RecordAgencyAnswer"]["response"];
  return {
    response,
    spoke_to: values.spoke_to ?? "",
    channel: values.channel === "radio" ? "radio" : "telephone",
    ...(values.reason && response === "declined" ? { reason: values.reason } : {}),
    ...besideOf(values, response),
    // What is no time is sent as it stands, so that the refusal stands at its field.
    ...(values.at?.trim() ? { at: meant(values.at) ?? values.at } : {}),
  };
}

function amendInputs(incident: Incident): Input[] {
  const kinds = choicesOf(types.value);
  const now = incident.incident_type ?? "";
  const all = now && !types.value.has(now) ? [...kinds, [now, typeOf(now)] as const] : kinds;
  return [
    {
      name: "priority",
      label: t("wish.priority"),
      choices: ["1", "2", "3", "4", "5"].map((one) => [one, t(`priority.${one as "1"}`)] as const),
      required: true,
      now: String(incident.priority),
    },
    { name: "incident_type", label: t("wish.type"), choices: all, now },
    { name: "address", label: t("wish.address"), now: incident.place?.address ?? "" },
  ];
}

/** Only what the person changed, so that nobody else's correction is undone. A new address keeps the point. */
export function amended(incident: Pick<Incident, "priority" | "incident_type" | "place">, values: Values) {
  const body: Schemas["AmendIncident"] = {};
  if (values.priority && Number(values.priority) !== incident.priority) body.priority = Number(values.priority);
  if (values.incident_type && values.incident_type !== incident.incident_type) {
    body.incident_type = values.incident_type;
  }
  const address = values.address?.trim() ?? "";
  if (address !== (incident.place?.address ?? "") && address !== "") {
    const { lat, lon, uncertainty_m } = incident.place ?? {};
    body.place = lat == null ? { address } : { lat, lon: lon ?? null, uncertainty_m: uncertainty_m ?? null, address };
  }
  return body;
}
