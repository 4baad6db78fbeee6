import { useRef } from "preact/hooks";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { said, t } from "../../i18n/texts";
import { since } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { emptyWords } from "../../live/been-read";
import { Countdown } from "../Countdown";
import { agencyChoices, choicesOf, typeOf, types } from "../names";
import { placeInWords } from "../places";
import { counts, filtered, filters, narrow, next, open, readMore, reasons, rows, show, showAll } from "./board";
import { acknowledged, nextDeadline } from "./incident";
import { type Incident, isHidden, type Row } from "./row";

/** The board: what needs attention first. */
export function Rows() {
  const shown = open.value?.id;
  return (
    <aside class="panel board" aria-label={t("board.title")}>
      <Narrowing />
      {rows.value.length === 0 ? (
        <p class="quiet">{emptyWords(rows, t(filtered.value ? "board.none_found" : "board.empty"))}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <ol class="list" aria-label={t("board.title")} tabIndex={0}>
          {rows.value.map((row) => (
            <li key={row.id}>
              <button type="button" class="incident-row" aria-current={row.id === shown} onClick={() => show(row.id)}>
                {isHidden(row) ? <HiddenLine row={row} /> : <Line row={row} />}
              </button>
            </li>
          ))}
          {next.value !== null && (
            <li>
              <Button onClick={() => void readMore().catch(() => undefined)}>{t("board.more")}</Button>
            </li>
          )}
        </ol>
      )}
    </aside>
  );
}

function Narrowing() {
  const search = useRef<HTMLInputElement>(null);
  const { incident_type, agency, alarm, mine, words } = filters.value;
  const total = counts.value;
  useKeys({
    "/": { label: t("key.search"), run: () => search.current?.focus() },
    ...(filtered.value ? { "0": { label: t("board.all"), run: showAll } } : {}),
  });
  return (
    <div class="narrowing">
      <Field label={t("board.search")} hint="/">
        {(id) => (
          <input
            id={id}
            ref={search}
            type="search"
            autoComplete="off"
            value={words}
            placeholder={t("board.search_hint")}
            onInput={(event) => narrow({ words: event.currentTarget.value })}
          />
        )}
      </Field>
      <div class="row">
        <select
          class="grow"
          aria-label={t("board.of_type")}
          value={incident_type}
          onChange={(event) => narrow({ incident_type: event.currentTarget.value })}
        >
          <option value="">{t("board.every_type")}</option>
          {choicesOf(types.value).map(([code, label]) => (
            <option key={code} value={code}>
              {label}
            </option>
          ))}
        </select>
        <select
          class="grow"
          aria-label={t("board.of_agency")}
          value={agency}
          onChange={(event) => narrow({ agency: event.currentTarget.value })}
        >
          <option value="">{t("board.every_agency")}</option>
          {agencyChoices().map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </select>
      </div>
      <div class="row">
        <Button aria-pressed={alarm} onClick={() => narrow({ alarm: !alarm })}>
          {t("board.with_alarm", { count: total?.with_alarm ?? 0 })}
        </Button>
        <Button aria-pressed={mine} onClick={() => narrow({ mine: !mine })}>
          {t("board.mine", { count: total?.mine ?? 0 })}
        </Button>
        {filtered.value && (
          <Button hint="0" onClick={showAll}>
            {t("board.all")}
          </Button>
        )}
      </div>
      {total && (
        <p class="small quiet" role="status">
          {t("board.counts", { incidents: total.incidents, unacknowledged: total.unacknowledged })}
        </p>
      )}
    </div>
  );
}

/** The reason in the words of the rank that the order says, so that a moved row says at once why. */
function Why({ row }: { row: Row }) {
  const rank = Number(row.order?.charAt(1) ?? 9);
  const found = reasons.value.find((one) => one.rank === rank);
  const words = said(found?.in_words);
  return <span class={`small any-text ${rank <= 2 ? "urgent" : rank <= 5 ? "warn" : "quiet"}`}>{words}</span>;
}

function HiddenLine({ row }: { row: Row }) {
  return (
    <>
      <span class="row">
        <strong class="grow">{t("incident.hidden")}</strong>
        <span class="small number quiet">{since(row.created_at)}</span>
      </span>
      <span class="small">{t(`incident_state.${row.state}`)}</span>
    </>
  );
}

function Line({ row }: { row: Incident }) {
  const [have, told] = acknowledged(row);
  return (
    <>
      <span class="row">
        <span class="chip" data-kind={row.priority === 1 ? "urgent" : undefined}>
          P{row.priority}
        </span>
        {row.drill && <span class="chip">{t("drill")}</span>}
        <strong class="grow any-text">{typeOf(row.incident_type)}</strong>
        <span class="number small">{since(row.started_at)}</span>
      </span>
      <span class="small any-text two-lines">{placeInWords(row.place)}</span>
      <Why row={row} />
      <span class="row small quiet">
        <span class="number grow">{row.number}</span>
        <Deadline incident={row} />
        <span class="small number">{t("board.have_it", { have, told })}</span>
      </span>
      <span class="row small quiet">
        {row.unread_reports > 0 && <strong class="warn">{t("board.unread", { count: row.unread_reports })}</strong>}
        {row.responsible && <bdi class="grow any-text">{row.responsible_name ?? row.responsible}</bdi>}
      </span>
    </>
  );
}

/** The next deadline, counting down; after it, how late the agency is. */
function Deadline({ incident }: { incident: Pick<Incident, "forwardings"> }) {
  const moment = nextDeadline(incident);
  if (moment === null) return null;
  return <Countdown to={moment} />;
}
