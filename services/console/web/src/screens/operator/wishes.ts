import { api, type Schemas } from "../../api/client";
import { filled, type Input, reasonInput, type Values, type Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { offering } from "../regencies/wishes";
import { peopleHere } from "../room/room";
import { type Call, type Callback, openId, readCallbacks, readCalls } from "./desk";
import type { OpenCall } from "./workspace";

/** What is asked about the open call in a dialog. */
export type AskedOfCall = "pass" | "offer" | "caller" | "contact";

/** The dialog of what is asked, for the call as it is now. */
export function wishOfCall(asked: AskedOfCall, open: OpenCall, call: Call): Wish {
  const path = { call_id: call.id };
  const refresh = () => open.readCall();
  const common = { about: `${call.id} ${asked}`, refresh };
  switch (asked) {
    case "pass":
      return {
        ...common,
        title: t("pass.title"),
        go: t("pass.do"),
        inputs: [colleagueInput()],
        whenDone: refresh,
        send: ({ to = "" }, header) =>
          api.POST("/v1/calls/{call_id}/offer", { params: { path, header }, body: { to } }),
      };
    case "offer":
      return {
        ...common,
        ...offering(call.zone?.elsewhere ? call.zone : (call.caller_zone ?? call.zone), (body, header) =>
          api.POST("/v1/calls/{call_id}/transfers", { params: { path, header }, body }),
        ),
        whenDone: refresh,
      };
    case "caller":
      return {
        ...common,
        title: t("caller.title"),
        go: t("caller.do"),
        inputs: [
          { name: "caller_name", label: t("caller.name"), now: call.caller_name ?? "" },
          { name: "callback_number", label: t("caller.callback_number"), now: call.callback_number ?? "" },
          { name: "language", label: t("caller.language"), now: call.language ?? "", note: t("caller.language_hint") },
        ],
        whenDone: refresh,
        send: (values, header) => {
          const body = describedOf(call, values);
          return api.POST("/v1/calls/{call_id}/caller", { params: { path, header }, body });
        },
      };
    case "contact":
      return {
        ...common,
        title: t("contact.title"),
        go: t("contact.do"),
        inputs: [
          { name: "contact_note", label: t("contact.note"), note: t("contact.about") },
          {
            name: "declined",
            label: t("contact.may"),
            choices: [
              ["", "—"],
              ["false", t("contact.yes")],
              ["true", t("contact.no")],
            ],
          },
        ],
        send: ({ contact_note = "", declined = "" }, header) => {
          const body = {
            ...filled({ contact_note }),
            ...(declined ? { declined: declined === "true" } : {}),
          };
          return api.POST("/v1/calls/{call_id}/contact", { params: { path, header }, body });
        },
      };
  }
}

/** Only what the person changed, so that nobody else's correction is undone; an emptied field is removed. */
export function describedOf(
  call: Pick<Call, "caller_name" | "callback_number" | "language">,
  values: Values,
): Schemas["DescribeCaller"] {
  const changed = (["caller_name", "callback_number", "language"] as const).flatMap((name) => {
    const text = values[name]?.trim() ?? "";
    return text === (call[name] ?? "") ? [] : [[name, text || null] as const];
  });
  return Object.fromEntries(changed);
}

/** The colleague who is asked to take something. */
function colleagueInput(): Input {
  const here = peopleHere();
  const note = t(here.length === 0 ? "shift.nobody_here" : "pass.about");
  return { name: "to", label: t("pass.to"), choices: here, required: true, note };
}

/** Takes a colleague's call over. One that the colleague offered needs no reason. */
export function takeOver(call: Call, offered: boolean): Wish {
  const path = { call_id: call.id };
  const operator = call.operator ?? call.answered_by ?? "";
  return {
    about: `${call.id} take-over`,
    title: t("takeover.title", { operator }),
    go: t("takeover.do"),
    inputs: offered ? [] : [reasonInput()],
    refresh: readCalls,
    whenDone: readCalls,
    send: async ({ reason = "" }, header) => {
      const body = { answered_by: call.answered_by ?? "", ...filled({ reason }) };
      const answer = await api.POST("/v1/calls/{call_id}/take-over", { params: { path, header }, body });
      if (answer.data) openId.value = answer.data.id;
      return answer;
    },
  };
}

/** Gives the open call another class or type than it has. */
export function correctClass(open: OpenCall, from: string, to: Schemas["ClassifyCall"]): Wish {
  return {
    about: `${open.id} class`,
    title: t("class.correct", { from }),
    go: t("class.do_correct"),
    inputs: [reasonInput()],
    refresh: () => open.readCall(),
    whenDone: () => open.classified(to),
    send: ({ reason = "" }, header) => open.sendClass({ ...to, reason }, header),
  };
}

/** Asks a colleague to call back instead. */
export function passCallback(one: Pick<Callback, "id" | "number">): Wish {
  const path = { callback_id: one.id };
  return {
    about: `callback ${one.id} pass`,
    title: t("callbacks.pass_title", { number: one.number ?? t("call.no_number") }),
    go: t("pass.do"),
    inputs: [colleagueInput()],
    refresh: readCallbacks,
    send: ({ to = "" }, header) =>
      api.POST("/v1/callbacks/{callback_id}/offer", { params: { path, header }, body: { to } }),
  };
}

/** A note on a callback, for the colleague who calls next. */
export function noteOfCallback(one: Pick<Callback, "id" | "number">): Wish {
  const path = { callback_id: one.id };
  return {
    about: `callback ${one.id} note`,
    title: t("callbacks.note_title", { number: one.number ?? t("call.no_number") }),
    go: t("callbacks.note_do"),
    inputs: [{ name: "text", label: t("callbacks.note_text"), required: true, lines: true }],
    refresh: readCallbacks,
    send: ({ text = "" }, header) =>
      api.POST("/v1/callbacks/{callback_id}/notes", { params: { path, header }, body: { text } }),
  };
}
