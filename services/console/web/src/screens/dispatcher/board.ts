import { batch, computed, effect, signal } from "@preact/signals";
import { api, read, type Schemas } from "../../api/client";
import { showRead } from "../../live/been-read";
import { followFor, fresh, SELDOM_MS, untilDone } from "../../live/follow";
import { sendLeftNotes } from "../../live/notes";
import { factOf, openStream, type StreamMessage } from "../../live/stream";
import { personal } from "../../session/personal";
import { regency } from "../../session/session";
import { alarms, followAlarms } from "../alarms/alarms";
import { readNames } from "../names";
import { readReferrals, receiver, shownAtMost } from "../referrals/referrals";
import { readRegencies } from "../regencies/regencies";
import { readRoom } from "../room/room";
import { readShift } from "../shift/shift";
import { OpenIncident } from "./incident";
import { moved, placed, type Row, withRow } from "./row";
import { view } from "./views";

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

export const filters = personal<Filters>(EVERYTHING);
export const rows = personal<readonly Row[]>([]);
export const counts = personal<Schemas["BoardCountsOut"] | null>(null);
export const reasons = personal<Schemas["AttentionReasonOut"][]>([]);
/** Where the next page begins; null: all is shown. */
export const next = personal<string | null>(null);
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

/** Reads the board anew, as far as it is shown: `shown` rows. */
async function readBoard(shown = 0): Promise<void> {
  const asked = JSON.stringify(filters.value);
  const found = new Map<string, Row>(); // a row that moves between two pages comes twice
  let cursor: string | null = null;
  let board: Schemas["BoardOut"];
  do {
    const params = { query: { ...query(PAGE), ...(cursor ? { cursor } : {}) } };
    board = await read(api.GET("/v1/incidents/board", { params }));
    if (asked !== JSON.stringify(filters.value)) return;
    for (const row of placed(board.items as Row[])) found.set(row.id, row);
    cursor = board.next;
  } while (cursor !== null && found.size < shown);
  countsReadAt = Date.now();
  batch(() => {
    showRead(rows, [...found.values()]);
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
    rows.value = more.filter((row) => !known.has(row.id)).reduce(withRow, [...rows.value]);
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

/** Alarms about offers and shares of other regencies. */
const alarmsOfRegencies = computed(() =>
  alarms.value
    .filter((one) => /^(transfers|shares)\//.test(one.about))
    .map((one) => `${one.group} ${one.since} ${one.count}`)
    .join(),
);

/** What the stream named and is not read yet, with the order that it said. */
const changed = new Map<string, string | null>();
let whole = true;

function hear(message: StreamMessage): void {
  if (HANDOVER.test(message.type)) handoversChanged.value++;
  if (BETWEEN_REGENCIES.test(message.type)) regenciesChanged.value++;
  if (REFERRAL.test(message.type)) referralsChanged.value++;
  if (message.regency !== regency.value?.code) return;
  changed.set(message.subject, message.order);
  const after = moved(rows.value, message.subject, message.order);
  if (after.length < rows.value.length) countSoon();
  rows.value = after;
}

/** The stream began anew: it may have left something out. */
function beginAnew(): void {
  batch(() => {
    handoversChanged.value++;
    regenciesChanged.value++;
    referralsChanged.value++;
  });
}

/** At most so many incidents are read each by itself. Reading the board costs about as much. */
const SINGLY = 10;

/** Reads what the stream named and the board does not show yet: that comes first. */
async function readArrived(): Promise<void> {
  const known = new Set(rows.value.map((row) => row.id));
  const arrived = [...changed].filter(([id, order]) => order !== null && !known.has(id));
  if (!whole && !filtered.value && arrived.length <= SINGLY) await readNamed(arrived);
}

/** Reads whatever else the stream named: a few incidents each by itself, otherwise the board. */
async function catchUp(): Promise<void> {
  if (!whole && !filtered.value && changed.size <= SINGLY) return readNamed([...changed]);
  changed.clear();
  whole = false;
  try {
    await readBoard(rows.value.length);
  } catch (trouble) {
    whole = true;
    throw trouble;
  }
  await open.value?.readAgain();
}

/** Reads these rows, each with the order that the stream said. */
async function readNamed(named: readonly [string, string | null][]): Promise<void> {
  for (const [id] of named) changed.delete(id);
  try {
    await Promise.all(named.map(([id, order]) => readRow(id, order)));
  } catch (trouble) {
    for (const [id, order] of named) if (!changed.has(id)) changed.set(id, order);
    throw trouble;
  }
}

/** Reads the row of an incident, and what is open of it. `order` is what the stream said when it named it. */
async function readRow(id: string, order: string | null): Promise<void> {
  const shown = open.value?.id === id ? open.value : null;
  if (order === null && shown === null) return;
  if (order !== null && !rows.value.some((one) => one.id === id)) countSoon();
  const row = (await read(api.GET("/v1/incidents/{incident_id}", { params: { path: { incident_id: id } } }))) as Row;
  shown?.take(row);
  const newest = changed.has(id) ? (changed.get(id) ?? null) : order;
  if (newest !== null) rows.value = withRow(rows.value, { ...row, order: newest });
  await shown?.readPart();
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
  const board = { arrived: fresh(readArrived), rows: fresh(catchUp, SELDOM_MS), room: fresh(readRoom, SELDOM_MS) };
  const streams = [
    openStream("/v1/incidents/stream", {
      ready: () => {
        whole = true;
        begin();
        board.rows.renew();
      },
      message: (_, data) => {
        hear(data as StreamMessage);
        board.arrived.renew();
        board.rows.renew();
      },
    }),
    followFor("/v1/presence/stream", [board.room], (message) =>
      factOf(message) === "PresenceChanged" ? [board.room] : [],
    ),
    followAlarms(),
  ];
  const lists = { ...board, shift: fresh(readShift), regencies: fresh(readRegencies), referrals: fresh(readReferrals) };
  const stopShift = effect(() => {
    handoversChanged.value;
    lists.shift.renew();
  });
  const stopNames = untilDone(readNames);
  void sendLeftNotes();
  let first = true;
  const stopFilters = effect(() => {
    filters.value;
    if (!first) {
      whole = true;
      board.rows.renew();
    }
    first = false;
  });
  const counting = setInterval(() => {
    if (Date.now() - countsReadAt > COUNTS_MS) void readCounts().catch(() => undefined);
  }, COUNTS_MS);
  const stopRegencies = effect(() => {
    regenciesChanged.value;
    alarmsOfRegencies.value;
    lists.regencies.renew();
  });
  const stopReferrals = effect(() => {
    referralsChanged.value;
    receiver.value;
    shownAtMost.value;
    if (view.value === "referrals") lists.referrals.renew();
  });
  return () => {
    stopReferrals();
    stopRegencies();
    stopShift();
    for (const list of Object.values(lists)) list.stop();
    stopNames();
    stopFilters();
    clearInterval(counting);
    clearTimeout(countsDue);
    countsDue = undefined;
    for (const stream of streams) stream.close();
    show(null);
  };
}
