import { act, api, read } from "../../api/client";
import { showRead } from "../../live/been-read";
import { follow, followFor, fresh, regularly, untilDone } from "../../live/follow";
import { attempted } from "../../live/refusal";
import { factOf } from "../../live/stream";
import { serverNow } from "../../session/clock";
import { personal } from "../../session/personal";
import { regency, timeZone } from "../../session/session";
import { followAlarms } from "../alarms/alarms";
import { readBlocks, readScreenedCalls } from "../blocks/blocks";
import { readClasses } from "../blocks/classes";
import { readNames } from "../names";
import { readRoom } from "../room/room";

/** One figure of today: how many cases of how many, and the median if it measures a time. */
export interface Figure {
  code: string;
  name: { id?: string; en?: string };
  numerator: number;
  denominator: number;
  value: number | null;
  kind: "count" | "share" | "median_s";
  as_of: string;
}

export const figures = personal<Figure[]>([]);
/** The reference of the drill call that was started last. */
export const drillCall = personal<string | null>(null);

/** Waiting, the promise, acknowledgements; then how much there was. */
const SHOWN = [
  "answered_within_10s",
  "answer_time",
  "promise_30s",
  "answer_to_forwarded",
  "forwarded_to_acknowledged",
  "calls",
  "incidents",
] as const;
const FIGURES_MS = 15_000;

const code = () => regency.value?.code ?? "";

/** Today by the regency's clock, such as 2026-11-22. */
export function today(at = new Date(serverNow()), zone = timeZone.value): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(at);
}

async function readFigures(): Promise<void> {
  const day = today();
  const query = { regency: code(), from: day, to: day, drill: false };
  const catalogue = await read(api.GET("/v1/kpis"));
  const found = await Promise.all(
    SHOWN.map(async (figure): Promise<Figure[]> => {
      const about = catalogue.items.find((one) => one.code === figure);
      if (!about) return [];
      const answer = await read(api.GET("/v1/kpis/{code}", { params: { path: { code: figure }, query } }));
      const row = answer.rows[0];
      return [
        {
          code: figure,
          name: about.name as Figure["name"],
          kind: about.value as Figure["kind"],
          numerator: row?.numerator ?? 0,
          denominator: row?.denominator ?? 0,
          value: row?.value ?? null,
          as_of: answer.as_of,
        },
      ];
    }),
  );
  showRead(figures, found.flat());
}

/** Opens what the leader sees. Returns what closes it. */
export function openLeader(): () => void {
  const here = fresh(readRoom);
  const screened = fresh(readScreenedCalls);
  const streams = [
    followFor("/v1/presence/stream", [here, screened], (message) =>
      factOf(message) === "CallScreened" ? [screened] : [here],
    ),
    followAlarms(),
    follow("/v1/blocks/stream", readBlocks),
  ];
  const stopFigures = regularly(readFigures, FIGURES_MS);
  const stopNames = untilDone(readNames);
  const stopClasses = untilDone(readClasses);
  return () => {
    stopNames();
    stopClasses();
    stopFigures();
    for (const stream of streams) stream.close();
  };
}

/** Lets a drill call ring in the queue. */
export async function startDrill(): Promise<void> {
  const body = { regency: code(), channel: "telephone" as const, drill: true };
  drillCall.value = null;
  await attempted(
    act((header) => api.POST("/v1/calls", { params: { header }, body })).then((call) => {
      drillCall.value = call.reference;
    }),
  );
}
