import { useMemo, useState } from "preact/hooks";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { MapView } from "../../components/Map";
import { said, t } from "../../i18n/texts";
import { clock, now, since } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { Words } from "../../live/words";
import { boundary } from "../../session/session";
import { Countdown } from "../Countdown";
import { placeInWords } from "../places";
import { helpInWords } from "../reports";
import {
  acknowledge,
  mayBeTouched,
  mayDecline,
  type Part,
  type Progress,
  readUnits,
  report,
  stepsAhead,
  stepsToReport,
  units,
  waits,
} from "./desk";

interface CardProps {
  part: Part;
  first: boolean;
  onAsk: (what: "decline" | "report") => void;
}

/** What an agency is asked to do, and the keys and buttons by which it answers. */
export function Card({ part, first, onAsk }: CardProps) {
  const [named, setNamed] = useState<readonly string[]>([]);
  const words = useMemo(() => new Words(`forwarding/${part.id}/words`), [part.id]);
  const { incident } = part;
  const place = incident.place;
  const unanswered = waits(part);
  const answer = async (): Promise<void> => {
    if (!(await acknowledge(part, words.text.value, named))) return;
    words.type("");
    setNamed([]);
  };
  const step = async (progress: Progress): Promise<void> => {
    if (await report(part, progress, named)) setNamed([]);
  };
  useKeys(first ? { a: { label: t("desk_agency.acknowledge"), run: () => void answer() } } : {});
  return (
    <article class="panel part" data-waits={unanswered} aria-label={incident.number}>
      <header class="row">
        {part.drill && <strong class="chip">{t("drill")}</strong>}
        {part.information && <span class="chip">{t("desk_agency.information")}</span>}
        <h3 class="grow any-text">{said(incident.type.label as { id?: string; en?: string })}</h3>
        <strong class="chip" data-kind={incident.priority === 1 ? "urgent" : undefined}>
          P{incident.priority}
        </strong>
      </header>
      <p class="row">
        <strong class="number grow">{incident.number}</strong>
        {unanswered && part.acknowledge_by && <Countdown to={Date.parse(part.acknowledge_by)} />}
        <span class="number quiet">
          {clock(incident.started_at, false)} ({since(incident.started_at)})
        </span>
      </p>
      {part.withdrawal && (
        <p class="urgent any-text">
          {t(part.withdrawal.stand_down ? "desk_agency.stand_down" : "desk_agency.withdrawn", {
            reason: withdrawalInWords(part.withdrawal.reason),
          })}
        </p>
      )}
      {part.change && (unanswered || part.information) && <p class="warn">{t(`change.${part.change}`)}</p>}
      <p class="place any-text">{placeInWords(place)}</p>
      {incident.previous_place?.address && (
        <p class="small any-text">{t("desk_agency.previous", { address: incident.previous_place.address })}</p>
      )}
      {place?.lat != null && place.lon != null && (
        <Place lat={place.lat} lon={place.lon} uncertainty_m={place.uncertainty_m} />
      )}
      {(incident.caller.number || incident.caller.name || incident.reports > 1) && (
        <p class="row">
          {incident.caller.number && (
            <a class="number" href={`tel:${incident.caller.callback_number ?? incident.caller.number}`}>
              ☎ {incident.caller.callback_number ?? incident.caller.number}
            </a>
          )}
          {incident.caller.name && <bdi class="any-text">{incident.caller.name}</bdi>}
          {incident.reports > 1 && <span class="warn">{t("desk_agency.reports", { count: incident.reports })}</span>}
        </p>
      )}
      {incident.doubted && <p class="warn">{t("desk_agency.doubted")}</p>}
      {incident.possibly_same_as && <p class="warn">{t("desk_agency.same", { number: incident.possibly_same_as })}</p>}
      {incident.notes.length > 0 && (
        <ul class="notes" aria-label={t("desk_agency.notes")}>
          {[...incident.notes].reverse().map((note) => (
            <li key={note.at + note.text} class="any-text">
              <span class="number small quiet">{clock(note.at, false)}</span> {note.text}
            </li>
          ))}
        </ul>
      )}
      {part.answers.length > 0 && <Answers part={part} />}
      {unanswered && !part.withdrawal && (
        <Field label={t("desk_agency.text")}>
          {(id) => (
            <input
              id={id}
              value={words.text.value}
              placeholder={t("desk_agency.text_hint")}
              autoComplete="off"
              onInput={(event) => words.type(event.currentTarget.value)}
            />
          )}
        </Field>
      )}
      {!part.information && !part.withdrawal && units.value.length > 0 && (
        <Units part={part} named={named} onName={setNamed} />
      )}
      {!part.information && (
        <div class="actions">
          {unanswered && (
            <Button kind="urgent" hint={first ? "a" : undefined} onClick={() => void answer()}>
              {t(part.withdrawal ? "desk_agency.confirm" : "desk_agency.acknowledge")}
              {part.acknowledge_by && !part.withdrawal && Date.parse(part.acknowledge_by) > now.value && (
                <>
                  {" · "}
                  {t("desk_agency.by", { at: clock(part.acknowledge_by) })}
                </>
              )}
            </Button>
          )}
          {stepsAhead(part).map((one, place) => (
            <Button
              key={one}
              {...(place === 0 && !unanswered ? { kind: "main" as const } : {})}
              onClick={() => void step(one)}
            >
              {t(`desk_agency.progress.${one}`)}
            </Button>
          ))}
          {stepsToReport(part).length > 0 && (
            <Button
              onClick={() => {
                void readUnits().catch(() => undefined);
                onAsk("report");
              }}
            >
              {t("desk_agency.report")}
            </Button>
          )}
          {mayDecline(part) && <Button onClick={() => onAsk("decline")}>{t("desk_agency.decline")}</Button>}
        </div>
      )}
    </article>
  );
}

const WITHDRAWALS = ["asked_again", "by_dispatcher", "cancelled", "closed", "merged"] as const;

/** Why a part ended: a code, or the dispatcher's words. */
function withdrawalInWords(reason: string): string {
  const known = WITHDRAWALS.find((one) => one === reason);
  return known ? t(`withdrawal.${known}`) : reason;
}

interface UnitsProps {
  part: Part;
  named: readonly string[];
  onName: (callsigns: readonly string[]) => void;
}

/** The agency's units, to be named with the next answer. One that works elsewhere is moved in the report's dialog. */
function Units({ part, named, onName }: UnitsProps) {
  return (
    <fieldset class="row units">
      <legend class="small quiet">{t("desk_agency.units")}</legend>
      {units.value.map((unit) => {
        const chosen = named.includes(unit.callsign);
        const toggled = chosen ? named.filter((one) => one !== unit.callsign) : [...named, unit.callsign];
        return (
          <Button
            key={unit.callsign}
            aria-pressed={chosen}
            disabled={!mayBeTouched(unit, part, named)}
            onClick={() => onName(toggled)}
          >
            {unit.number && unit.forwarding_id !== part.id ? `${unit.callsign} (${unit.number})` : unit.callsign}
          </Button>
        );
      })}
    </fieldset>
  );
}

function Answers({ part }: { part: Part }) {
  return <p class="small quiet any-text">{part.answers.map(answerInWords).join(" · ")}</p>;
}

function answerInWords(one: Part["answers"][number]): string {
  const heard = one.on_behalf ? ` (${t("desk_agency.by_centre")})` : "";
  const more = [
    one.outcome && t(`outcome.${one.outcome}`),
    one.units.join(", "),
    one.text,
    one.question && t("desk_agency.asked", { question: one.question }),
    one.asks_for && t("desk_agency.asked_for", { help: helpInWords(one.asks_for) }),
  ].filter(Boolean);
  const said = more.length > 0 ? `: ${more.join("; ")}` : "";
  return `${clock(one.at, false)} ${t(`forwarding.${one.response}`)}${heard}${said}`;
}

interface PlaceProps {
  lat: number;
  lon: number;
  uncertainty_m: number | null;
}

function Place({ lat, lon, uncertainty_m }: PlaceProps) {
  const [shown, setShown] = useState(false);
  return (
    <details onToggle={(event) => setShown(event.currentTarget.open)}>
      <summary>{t("desk_agency.map")}</summary>
      {shown && <MapView label={t("desk_agency.map")} zone={boundary.value} emergency={{ lat, lon, uncertainty_m }} />}
      <p class="row">
        <span class="number">
          {lat.toFixed(5)}, {lon.toFixed(5)}
        </span>
        <a href={`geo:${lat},${lon}?q=${lat},${lon}`}>{t("desk_agency.route")}</a>
      </p>
    </details>
  );
}
