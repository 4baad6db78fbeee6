import { computed } from "@preact/signals";
import { act, api, read, type Schemas, type Send } from "../../api/client";
import { showRead } from "../../live/been-read";
import { follow } from "../../live/follow";
import { attempted } from "../../live/refusal";
import type { Stream } from "../../live/stream";
import { personal } from "../../session/personal";
import { me, regency } from "../../session/session";

export type AlarmGroup = Schemas["AlarmOut"];

/** What needs a person, the most severe first. */
export const alarms = personal<AlarmGroup[]>([]);

/** What a person has heard already: a group sounds again only if it began anew. */
const heard = personal<ReadonlySet<string>>(new Set());

const beginning = (one: AlarmGroup) => `${one.group} ${one.since}`;

/** Alarms that nobody at this screen has heard yet. Drills and minor ones are shown and make no sound. */
export const unheard = computed(() => loud(alarms.value, heard.value));

export function loud(all: readonly AlarmGroup[], known: ReadonlySet<string>): AlarmGroup[] {
  return all.filter((one) => !one.drill && one.severity !== "minor" && !known.has(beginning(one)));
}

/** The person has heard: the sound ends, the alarms stay until their cause is over. */
export function hear(): void {
  heard.value = new Set(alarms.value.map(beginning));
}

export function followAlarms(): Stream {
  return follow("/v1/alarms/stream", async () => {
    const query = { regency: regency.value?.code ?? "", limit: 100 };
    showRead(alarms, (await read(api.GET("/v1/alarms", { params: { query } }))).items);
  });
}

/** The part of the path of what an alarm is about, and its id: `["incidents", "01a2…"]`. */
export function partsOf(about: string): [string, string] {
  const [what = "", id = ""] = about.split("/");
  return [what, id];
}

const AT_THE_DESK = new Set(["calls", "call-transfers", "callbacks"]);

/** Whether it is about a call, which is dealt with at the operator's desk. */
export function atTheDesk({ about }: Pick<AlarmGroup, "about">): boolean {
  return AT_THE_DESK.has(partsOf(about)[0]);
}

/** Whether the person has the operator's desk. */
export function mayAnswer(): boolean {
  return me.value?.roles.some((role) => role === "operator" || role === "supervisor") ?? false;
}

/** What settles an alarm in one step, without a word from the person. */
export function stepsOf(
  one: Pick<AlarmGroup, "about" | "kind">,
): { text: "alarm.accept" | "alarm.agree" | "alarm.seen"; send: Send }[] {
  const [what, id] = partsOf(one.about);
  if (what === "transfers" && one.kind === "transfer_offered") {
    const path = { transfer_id: id };
    return [
      {
        text: "alarm.accept",
        send: (header) => api.POST("/v1/transfers/{transfer_id}/accept", { params: { path, header } }),
      },
    ];
  }
  if (what === "shares") {
    const path = { share_id: id };
    const send: Send = (header) => api.POST("/v1/shares/{share_id}/agree", { params: { path, header }, body: {} });
    return [{ text: "alarm.agree", send }];
  }
  if (what === "handovers") {
    const path = { handover_id: id };
    return [
      {
        text: "alarm.accept",
        send: (header) => api.POST("/v1/handovers/{handover_id}/accept", { params: { path, header } }),
      },
    ];
  }
  if (one.kind === "glass_broken") {
    const path = { incident_id: id };
    return [
      {
        text: "alarm.seen",
        send: (header) => api.POST("/v1/incidents/{incident_id}/break-glass/seen", { params: { path, header } }),
      },
    ];
  }
  return [];
}

export async function settle(send: Send): Promise<void> {
  await attempted(act(send));
}
