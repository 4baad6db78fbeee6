import { batch, computed, effect, signal } from "@preact/signals";
import { api, read, type Schemas } from "../../api/client";
import type { Point } from "../../components/Map";
import { follow, untilDone } from "../../live/follow";
import { sendLeftNotes } from "../../live/notes";
import type { StreamMessage } from "../../live/stream";
import { regency } from "../../session/session";
import { alarms, followAlarms } from "../alarms/alarms";
import { readNames, typeOf } from "../names";
import { pointOf } from "../places";
import { readReferrals, receiver, shownAtMost } from "../referrals/referrals";
import { readRegencies } from "../regencies/regencies";
import { enterRoom, readRoom } from "../room/room";
import { readShift } from "../shift/shift";
import { OpenIncident } from "./incident";
import { view } from "./views";

export type Incident = Schemas["IncidentOut"];
type Hidden = Schemas["HiddenIncidentOut"];
/** A row of the board. Of a protected incident it may be only that it is there. `order` is the text that sorts it. */
export type Row = (Incident | Hidden) & { order?: string | null };

export function isHidden(row: Row): row is Hidden {
  return row.hidden === true;
}

/** Where the incidents of these rows are, for the map. */
export function pointsOf(all: readonly Row[]): (Point & { label: string })[] {
  return all
    .filter((row): row is Incident => !isHidden(row))
    .flatMap((row) => {
      const point = pointOf(row.place);
      return point ? [{ ...point, label: `${row.number} ${typeOf(row.incident_type)}` }] : [];
    });
}

/** What the board is narrowed to. An empty text narrows nothing. */
interface Filters {
  incident_type: string;
  agency: string;
  alarm: boolean;
  mine: boolean;
  /** Words of the address, the end of a number, or a caller's number. */
  words: string;
}

const EVERYTHING: Filters = { incident_type: "", agency: "", alarm: false, mine: false, words: "" };
const PAGE = 100;
const COUNTS_MS = 10_000;
const COUNT_SOON_MS = 1_000;

export const filters = signal<Filters>(EVERYTHING);
export const rows = signal<Row[]>([]);
export const counts = signal<Schemas["BoardCountsOut"] | null>(null);
export const reasons = signal<Schemas["AttentionReasonOut"][]>([]);
/** Where the next page begins; null: all is shown. */
export const next = signal<string | null>(null);
/** The incident that is open beside the board. */
export const open = signal<OpenIncident | null>(null);

export const filtered = computed(() => JSON.stringify(filters.value) !== JSON.stringify(EVERYTHING));

export function narrow(part: Partial<Filters>): void {
  filters.value = { ...filters.value, ...part };
}

export function showAll(): void {
  filters.value = EVERYTHING;
}

/** How the board is asked for what is searched: a number, a caller's number, or words of the address. */
export function searchOf(words: string): { number?: string; caller_number?: string; place?: string } {
  const text = words.trim();
  if (text === "") return {};
  if (/^\+?[\d\s-]{7,}$/.test(text)) return { caller_number: text };
  if (/^\d{1,6}$/.test(text) || /^[A-Za-z]\w*-[\w-]*\d$/.test(text)) return { number: text };
  return { place: text };
}

function query(limit: number) {
  const { incident_type, agency, alarm, mine, words } = filters.value;
  return {
    regency: regency.value?.code ?? "",
    limit,
    ...(incident_type ? { incident_type } : {}),
    ...(agency ? { agency } : {}),
    ...(alarm ? { alarm } : {}),
    ...(mine ? { mine } : {}),
    ...searchOf(words),
  };
}

/** By the board's own order, which the stream renews. */
function sorted(all: readonly Row[]): Row[] {
  const key = (row: Row) => `${row.order ?? ""} ${row.id}`;
  return [...all].sort((one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0));
}

/** The rows of a page with their order. */
export function placed(page: readonly Row[]): Row[] {
  return page.map((row) => ({ ...row, order: (isHidden(row) ? row.order : row.attention?.order) ?? null }));
}

/** The rows after the stream's message has moved or removed one. */
export function moved(all: readonly Row[], subject: string, order: string | null): Row[] {
  if (order === null) return all.filter((row) => row.id !== subject);
  return sorted(all.map((row) => (row.id === subject ? { ...row, order } : row)));
}

async function readBoard(): Promise<void> {
  const asked = JSON.stringify(filters.value);
  const board = await read(api.GET("/v1/incidents/board", { params: { query: query(PAGE) } }));
  if (asked !== JSON.stringify(filters.value)) return;
  countsReadAt = Date.now();
  batch(() => {
    rows.value = placed(board.items as Row[]);
    counts.value = board.counts;
    reasons.value = board.reasons;
    next.value = board.next;
  });
}

export async function readMore(): Promise<void> {
  const cursor = next.value;
  if (cursor === null) return;
  const asked = JSON.stringify(filters.value);
  const board = await read(api.GET("/v1/incidents/board", { params: { query: { ...query(PAGE), cursor } } }));
  // A page of other filters, or after a page that is gone, does not belong below these rows.
  if (asked !== JSON.stringify(filters.value) || cursor !== next.value) return;
  const known = new Set(rows.value.map((row) => row.id));
  batch(() => {
    const more = placed(board.items as Row[]);
    rows.value = sorted([...rows.value, ...more.filter((row) => !known.has(row.id))]);
    next.value = board.next;
  });
}

let countsReadAt = 0;
let countsDue: ReturnType<typeof setTimeout> | undefined;

/** Counts again soon after a row has come or gone: an old count beside the rows would contradict them. */
function countSoon(): void {
  countsDue ??= setTimeout(() => {
    countsDue = undefined;
    void readCounts().catch(() => undefined);
  }, COUNT_SOON_MS);
}

/** The counts alone: rows that are read beside the stream could bring a closed incident back. */
async function readCounts(): Promise<void> {
  const asked = JSON.stringify(filters.value);
  const board = await read(api.GET("/v1/incidents/board", { params: { query: query(1) } }));
  if (asked !== JSON.stringify(filters.value)) return;
  countsReadAt = Date.now();
  counts.value = board.counts;
}

/** Counts what the stream said of handovers, so that they are read again. */
const handoversChanged = signal(0);
const HANDOVER = /^sigap\.Handover/;
/** The same of offers and shares. Those of another regency come as alarms, which are read again, too. */
const regenciesChanged = signal(0);
const BETWEEN_REGENCIES = /^sigap\.\w*(Transfer|Offer|Share)/;
/** The same of reports that are no emergency. */
const referralsChanged = signal(0);
const REFERRAL = /^sigap\.Referral/;

/** What the stream named and is not read yet, with the order that it said. */
const changed = new Map<string, string | null>();
let whole = true;

function hear(message: StreamMessage): void {
  if (HANDOVER.test(message.type)) handoversChanged.value++;
  if (BETWEEN_REGENCIES.test(message.type)) regenciesChanged.value++;
  if (REFERRAL.test(message.type)) referralsChanged.value++;
  if (message.regency !== regency.value?.code) return;
  changed.set(message.subject, message.order);
  rows.value = moved(rows.value, message.subject, message.order);
}

/** The stream began anew: it may have left something out. */
function beginAnew(): void {
  batch(() => {
    handoversChanged.value++;
    regenciesChanged.value++;
    referralsChanged.value++;
  });
}

/** Reads what the stream named: a few incidents one by one, otherwise the board; the counts when they are old. */
async function catchUp(): Promise<void> {
  const ids = [...changed.keys()];
  if (whole || filtered.value || ids.length > 5 || Date.now() - countsReadAt > COUNTS_MS) {
    changed.clear();
    whole = true;
    await readBoard();
    whole = false;
  } else {
    for (const [id, order] of [...changed]) {
      await readRow(id, order);
      if (changed.get(id) === order) changed.delete(id);
    }
  }
  const shown = open.value;
  if (shown && (whole || ids.length === 0 || ids.includes(shown.id))) await shown.readAgain();
}

async function readRow(id: string, order: string | null): Promise<void> {
  const others = rows.value.filter((one) => one.id !== id);
  if (order === null) {
    rows.value = others;
    countSoon();
    return;
  }
  if (others.length === rows.value.length) countSoon();
  const row = (await read(api.GET("/v1/incidents/{incident_id}", { params: { path: { incident_id: id } } }))) as Row;
  const newest = changed.get(id) ?? null;
  const without = rows.value.filter((one) => one.id !== id);
  rows.value = newest === null ? without : sorted([...without, { ...row, order: newest }]);
}

export function show(id: string | null): void {
  if (open.value?.id === id) return;
  open.value?.close();
  open.value =
    id === null
      ? null
      : new OpenIncident(
          id,
          rows.value.find((row) => row.id === id),
        );
}

/** Shows the row that stands so many places after the open one. */
export function step(by: number): void {
  const place = rows.value.findIndex((row) => row.id === open.value?.id);
  const to = place < 0 ? 0 : Math.max(0, Math.min(rows.value.length - 1, place + by));
  show(rows.value[to]?.id ?? null);
}

/** Opens the board's stream, the alarms and the code lists. Returns what closes them. */
export function openBoard(): () => void {
  whole = true;
  let began = false;
  const begin = () => {
    if (began) beginAnew();
    began = true;
  };
  const streams = [
    follow("/v1/incidents/stream", catchUp, hear, begin),
    follow("/v1/presence/stream", readRoom),
    followAlarms(),
  ];
  const leaveRoom = enterRoom();
  const stopShift = effect(() => {
    handoversChanged.value;
    return untilDone(readShift);
  });
  const stopNames = untilDone(readNames);
  void sendLeftNotes();
  let first = true;
  const stopFilters = effect(() => {
    filters.value;
    if (!first) void readBoard().catch(() => undefined);
    first = false;
  });
  const counting = setInterval(() => {
    if (Date.now() - countsReadAt > COUNTS_MS) void readCounts().catch(() => undefined);
  }, COUNTS_MS);
  const stopRegencies = effect(() => {
    regenciesChanged.value;
    alarms.value;
    return untilDone(readRegencies);
  });
  const stopReferrals = effect(() => {
    referralsChanged.value;
    receiver.value;
    shownAtMost.value;
    if (view.value === "referrals") return untilDone(readReferrals);
  });
  return () => {
    leaveRoom();
    stopReferrals();
    stopRegencies();
    stopShift();
    stopNames();
    stopFilters();
    clearInterval(counting);
    clearTimeout(countsDue);
    countsDue = undefined;
    for (const stream of streams) stream.close();
    show(null);
  };
}
