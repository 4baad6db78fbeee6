import { computed } from "@preact/signals";
import { act, api, read, type Schemas, type Send } from "../../api/client";
import { filled } from "../../components/wish";
import { follow, fresh, untilDone } from "../../live/follow";
import { attempted } from "../../live/refusal";
import { personal } from "../../session/personal";
import { me, regency } from "../../session/session";
import { readNames } from "../names";

export type Part = Schemas["ForwardingOut"];
export type Progress = Schemas["ReportProgress"]["progress"];

/** What concerns the agency: its part goes on, or it must confirm that its unit turns back. */
export const parts = personal<Part[]>([]);

type Asked = Pick<Part, "information" | "needs_acknowledgement">;

/** Whether the agency must answer. Nothing is asked of an agency that is only informed. */
export const waits = (part: Asked) => !part.information && part.needs_acknowledgement;

/** What the agency must answer now, the nearest deadline first; then what goes on; then what it is only informed of. */
export const waiting = computed(() => inOrder(parts.value).filter(waits));
export const going = computed(() => inOrder(parts.value).filter((one) => !one.information && !waits(one)));
export const informed = computed(() => inOrder(parts.value).filter((one) => one.information));

export function inOrder(all: readonly Part[]): Part[] {
  const key = (one: Part) => `${one.drill ? 1 : 0} ${one.acknowledge_by ?? "9"} ${one.incident.priority} ${one.id}`;
  return [...all].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

/** The agency's units and what they do: those that the pack lists, and those that it ever named. */
export const units = personal<Schemas["UnitOut"][]>([]);

export async function readUnits(): Promise<void> {
  const query = { regency: regency.value?.code ?? "" };
  units.value = (await read(api.GET("/v1/units", { params: { query } }))).items;
}

export async function readParts(): Promise<void> {
  const agency = me.value?.agency;
  if (!agency) return;
  const query = { concern: "open" as const, limit: 200 };
  const reading = read(api.GET("/v1/forwardings", { params: { query } }));
  await readUnits().catch(() => undefined); // the list of incidents counts; without units their names can be typed
  parts.value = (await reading).items;
}

type Unit = Pick<Schemas["UnitOut"], "callsign" | "forwarding_id" | "number" | "status">;

/** Whether the unit may be named for this part with one touch: it is free, or it works for the part already. */
export function mayBeNamed(unit: Unit, part: Pick<Part, "id">): boolean {
  return unit.status === "available" || unit.forwarding_id === part.id;
}

/** Whether a touch may change if the unit is named. What is named may always be taken back: the unit may have been sent
 * elsewhere since, and then the answer would be refused.
 */
export function mayBeTouched(unit: Unit, part: Pick<Part, "id">, named: readonly string[]): boolean {
  return named.includes(unit.callsign) || mayBeNamed(unit, part);
}

/** Units are dispatch's, which hears of an answer a moment after the stream of the gateway has told it. */
const MOMENT_MS = 1000;

/** Opens the agency's stream and lists. Returns what closes them. */
export function openAgencyDesk(): () => void {
  let later: ReturnType<typeof setTimeout> | undefined;
  const known = fresh(readUnits);
  const stream = follow("/v1/forwardings/stream", readParts, () => {
    later ??= setTimeout(() => {
      later = undefined;
      known.renew();
    }, MOMENT_MS);
  });
  const stopNames = untilDone(readNames);
  return () => {
    stopNames();
    clearTimeout(later);
    known.stop();
    stream.close();
  };
}

const STEPS: readonly Progress[] = ["en_route", "on_scene", "under_control", "done"];

type Answerable = Pick<Part, "state" | "withdrawal" | "information">;

/** The steps that are still ahead; none before the agency has acknowledged and after it was called off. */
export function stepsAhead(part: Answerable): Progress[] {
  if (part.information || part.withdrawal || part.state === "declined" || part.state === "received") return [];
  return STEPS.slice(STEPS.indexOf(part.state as Progress) + 1);
}

/** The steps about which more can be said: the newest, and those ahead. */
export function stepsToReport(part: Answerable): Progress[] {
  const ahead = stepsAhead(part);
  const now = STEPS.find((step) => step === part.state);
  return now && ahead.length > 0 ? [now, ...ahead] : ahead;
}

/** Whether the agency may still say that it does not come. */
export function mayDecline(part: Answerable): boolean {
  return !part.information && !part.withdrawal && ["received", "acknowledged", "en_route"].includes(part.state);
}

async function carried(send: Send): Promise<boolean> {
  const done = await attempted(act(send));
  await readParts().catch(() => undefined);
  return done;
}

/** The agency has seen this revision, and acts; of a stand-down: its unit turns back. */
export async function acknowledge(part: Part, text: string, named: readonly string[] = []): Promise<boolean> {
  const path = { forwarding_id: part.id };
  const body = { revision: part.revision, ...filled({ text }), ...sent(named) };
  return carried((header) =>
    api.POST("/v1/forwardings/{forwarding_id}/acknowledge", { params: { path, header }, body }),
  );
}

/** The step is that of the named units; without any, of all that the agency has there. */
export async function report(part: Part, progress: Progress, named: readonly string[] = []): Promise<boolean> {
  const path = { forwarding_id: part.id };
  const body = { progress, ...sent(named) };
  return carried((header) => api.POST("/v1/forwardings/{forwarding_id}/progress", { params: { path, header }, body }));
}

function sent(named: readonly string[]): { units?: string[] } {
  return named.length > 0 ? { units: [...named] } : {};
}
