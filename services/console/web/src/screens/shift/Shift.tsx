import { useEffect, useState } from "preact/hooks";
import { api, type Schemas } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { filled, reasonInput, type Wish } from "../../components/wish";
import { t } from "../../i18n/texts";
import { clock, now } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { me, regency } from "../../session/session";
import { partName, typeOf } from "../names";
import { Room } from "../room/Room";
import { nameOfPerson, peopleHere } from "../room/room";
import { forMe, type Handover, handovers, leaving, readShift, stepOfShift } from "./shift";

interface Props {
  onOpenIncident: (id: string) => void;
}

type Asked = { what: "offer" } | { what: "decline"; handover: Handover };

/** The change of shift: what one is asked to take, what one leaves, and who is there. */
export function Shift({ onOpenIncident }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null);
  useEffect(() => void readShift().catch(() => undefined), []);
  const left = leaving.value;
  const own = handovers.value.filter((one) => one.giver === me.value?.subject);
  const others = handovers.value.filter((one) => one.giver !== me.value?.subject && !forMe.value.includes(one));
  const first = forMe.value[0];
  useKeys({
    ...(first ? { y: { label: t("shift.accept"), run: () => accept(first) } } : {}),
    ...(left && left.incidents.length > 0
      ? { h: { label: t("shift.offer"), run: () => setAsked({ what: "offer" }) } }
      : {}),
  });
  return (
    <div class="views">
      <div class="column">
        {forMe.value.map((one) => (
          <section key={one.id} class="panel">
            <h2 class="urgent any-text">! {t("shift.for_me", { name: one.giver_name ?? one.giver })}</h2>
            <Contents one={one} />
            <div class="row">
              <Button kind="main" hint={one === first ? "y" : undefined} onClick={() => accept(one)}>
                {t("shift.accept")}
              </Button>
              <Button onClick={() => setAsked({ what: "decline", handover: one })}>{t("shift.decline")}</Button>
            </div>
          </section>
        ))}
        <section class="panel" aria-label={t("shift.leaving")}>
          <header>
            <h2>{t("shift.leaving")}</h2>
            {left && left.incidents.length > 0 && (
              <Button kind="main" hint="h" onClick={() => setAsked({ what: "offer" })}>
                {t("shift.offer")}
              </Button>
            )}
          </header>
          {own.map((one) => (
            <div key={one.id} class="column">
              <p class={one.state === "declined" ? "urgent any-text" : "warn any-text"}>
                {one.state === "declined"
                  ? t("shift.declined", { name: nameOfPerson(one.to), reason: one.decline_reason ?? "–" })
                  : t("shift.waits", { name: nameOfPerson(one.to), at: clock(one.answer_by, false) })}
              </p>
              <Contents one={one} />
              <div>
                <Button onClick={() => takeBack(one)}>{t("shift.take_back")}</Button>
              </div>
            </div>
          ))}
          {left === null ? (
            <p class="quiet">{t("loading")}</p>
          ) : left.incidents.length === 0 ? (
            <p class="good">✔ {t("shift.nothing")}</p>
          ) : (
            <Leaving left={left} onOpenIncident={onOpenIncident} />
          )}
        </section>
        {others.length > 0 && (
          <section class="panel" aria-label={t("shift.others")}>
            <h2>{t("shift.others")}</h2>
            {others.map((one) => (
              <div key={one.id} class="entry column">
                <p class="any-text">
                  {t("shift.from_to", { giver: one.giver_name ?? one.giver, to: nameOfPerson(one.to) })}
                  {one.lapsed_at && <strong class="urgent"> · {t("shift.lapsed")}</strong>}
                  {one.state === "declined" && <strong class="warn"> · {t("shift.was_declined")}</strong>}
                </p>
                <Contents one={one} />
                {me.value?.roles.includes("supervisor") && (
                  <div class="row">
                    <Button onClick={() => accept(one)}>{t("shift.accept")}</Button>
                    <Button onClick={() => takeBack(one)}>{t("shift.take_back")}</Button>
                  </div>
                )}
                {one.to === me.value?.subject && !me.value.roles.includes("supervisor") && (
                  <div>
                    <Button onClick={() => accept(one)}>{t("shift.accept")}</Button>
                  </div>
                )}
              </div>
            ))}
          </section>
        )}
      </div>
      <Room />
      {asked && <Ask wish={wishOf(asked, left)} onClose={() => setAsked(null)} />}
    </div>
  );
}

function Contents({ one }: { one: Handover }) {
  return (
    <>
      <p class="small">{t("shift.of_incidents", { count: one.incidents.length, at: clock(one.offered_at, false) })}</p>
      {one.note && <p class="any-text">{one.note}</p>}
    </>
  );
}

function Leaving({ left, onOpenIncident }: Props & { left: Schemas["LeavingOut"] }) {
  const late = (by: string | null) => by !== null && Date.parse(by) < now.value;
  return (
    <ul class="column" aria-label={t("shift.incidents")}>
      {left.incidents.map((incident) => (
        <li key={incident.id} class="entry">
          <span class="row">
            <span class="chip" data-kind={incident.priority === 1 ? "urgent" : undefined}>
              P{incident.priority}
            </span>
            {incident.drill && <span class="chip">{t("drill")}</span>}
            <strong class="grow any-text">
              {incident.number} {typeOf(incident.incident_type)}
            </strong>
            <Button onClick={() => onOpenIncident(incident.id)}>{t("alarm.open")}</Button>
          </span>
          {left.unacknowledged
            .filter((one) => one.incident_id === incident.id)
            .map((one) => (
              <p key={one.forwarding_id} class={`small any-text ${late(one.acknowledge_by) ? "urgent" : "warn"}`}>
                {t("shift.unacknowledged", {
                  agency: partName(one),
                  at: one.acknowledge_by ? clock(one.acknowledge_by, false) : "–",
                })}
              </p>
            ))}
          {left.proposals
            .filter((one) => one.incident_id === incident.id)
            .map((one) => (
              <p key={`${one.agency} ${one.withdraw}`} class="small warn any-text">
                {t(one.withdraw ? "shift.proposed_withdrawal" : "shift.proposed", { agency: partName(one) })}
              </p>
            ))}
        </li>
      ))}
    </ul>
  );
}

function accept(one: Handover): void {
  const path = { handover_id: one.id };
  void stepOfShift((header) => api.POST("/v1/handovers/{handover_id}/accept", { params: { path, header } }));
}

function takeBack(one: Handover): void {
  const path = { handover_id: one.id };
  void stepOfShift((header) => api.POST("/v1/handovers/{handover_id}/take-back", { params: { path, header } }));
}

const ALL = "";

function wishOf(asked: Asked, left: Schemas["LeavingOut"] | null): Wish {
  if (asked.what === "decline") {
    const path = { handover_id: asked.handover.id };
    return {
      about: `handover ${asked.handover.id} decline`,
      title: t("shift.decline_why", { name: asked.handover.giver_name ?? asked.handover.giver }),
      go: t("shift.decline"),
      inputs: [{ ...reasonInput(), required: false }],
      refresh: readShift,
      whenDone: readShift,
      send: ({ reason = "" }, header) =>
        api.POST("/v1/handovers/{handover_id}/decline", {
          params: { path, header },
          body: filled({ reason }),
        }),
    };
  }
  const incidents = left?.incidents ?? [];
  return {
    about: "handover offer",
    title: t("shift.offer"),
    go: t("shift.offer_do"),
    inputs: [
      {
        name: "to",
        label: t("shift.to"),
        choices: peopleHere(),
        required: true,
        ...(peopleHere().length === 0 ? { note: t("shift.nobody_here") } : {}),
      },
      {
        name: "incidents",
        label: t("shift.which"),
        choices: [
          [ALL, t("shift.all", { count: incidents.length })],
          ...incidents.map((one) => [one.id, `${one.number} ${typeOf(one.incident_type)}`] as const),
        ],
      },
      { name: "note", label: t("shift.note"), lines: true },
    ],
    refresh: readShift,
    whenDone: readShift,
    send: ({ to = "", incidents: which = ALL, note = "" }, header) => {
      const body = {
        regency: regency.value?.code ?? "",
        to,
        ...(which === ALL ? {} : { incidents: [which] }),
        ...filled({ note }),
      };
      return api.POST("/v1/handovers", { params: { header }, body });
    },
  };
}
