import { useEffect } from "preact/hooks";
import { Button } from "../../components/Button";
import { Refusal } from "../../components/Refusal";
import { said, t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { emptyWords, isRead } from "../../live/been-read";
import { chosenScreen } from "../../session/session";
import { Alarms } from "../alarms/Alarms";
import { alarms } from "../alarms/alarms";
import { Blocks } from "../blocks/Blocks";
import { show } from "../dispatcher/board";
import { OnDuty } from "../duty/OnDuty";
import { room } from "../room/room";
import { figureValue } from "./figures";
import { drillCall, figures, openLeader, startDrill } from "./leader";
import "./leader.css";

/** The leader's screen: alarms, numbers to block, who is there, today's figures, and a drill. */
export function LeaderScreen() {
  useEffect(openLeader, []);
  useKeys({ d: { label: t("leader.drill"), run: () => void startDrill() } });
  return (
    <div class="leader">
      <Refusal />
      {alarms.value.length > 0 ? (
        <Alarms onOpen={openOnBoard} />
      ) : isRead(alarms) ? (
        <p class="panel good">✔ {t("leader.quiet")}</p>
      ) : (
        <p class="panel quiet">{t("loading")}</p>
      )}
      <Blocks />
      <Figures />
      <div class="leader-people">
        <Present />
        <OnDuty />
        <section class="panel">
          <h2>{t("leader.drill_title")}</h2>
          <p class="small">{t("leader.drill_about")}</p>
          <div>
            <Button kind="main" hint="d" onClick={() => void startDrill()}>
              {t("leader.drill")}
            </Button>
          </div>
          {drillCall.value && (
            <p role="status" class="good">
              ✔ {t("leader.called", { reference: drillCall.value })}
            </p>
          )}
        </section>
      </div>
    </div>
  );
}

/** Shows an incident where it is dealt with. */
function openOnBoard(id: string): void {
  show(id);
  chosenScreen.value = "dispatcher";
}

function Figures() {
  const asOf = figures.value[0]?.as_of;
  return (
    <section class="panel" aria-label={t("leader.figures")}>
      <header>
        <h2>{t("leader.figures")}</h2>
        {asOf && <span class="small quiet number">{t("leader.as_of", { at: clock(asOf) })}</span>}
      </header>
      {!isRead(figures) && <p class="quiet small">{t("loading")}</p>}
      <ul class="figures">
        {figures.value.map((one) => (
          <li key={one.code}>
            <span class="figure number">{figureValue(one)}</span>
            <span>{said(one.name)}</span>
            {one.kind !== "count" && (
              <span class="small quiet number">
                {t("leader.of", { numerator: one.numerator, denominator: one.denominator })}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Present() {
  return (
    <section class="panel">
      <h2>{t("leader.present", { count: room.value.length })}</h2>
      {room.value.length === 0 && <p class="quiet small">{emptyWords(room, t("leader.present_none"))}</p>}
      <ul class="people" aria-label={t("leader.present", { count: "" })}>
        {room.value.map((one) => (
          <li key={one.id} class="row">
            <bdi class="grow any-text">{one.name ?? one.operator}</bdi>
            {one.calls.length > 0 && <span class="small">{t("leader.calls", { count: one.calls.length })}</span>}
            <span class={one.stale ? "urgent small" : "small"}>
              {one.stale ? `! ${t("room.stale")}` : said(one.label)}
            </span>
            <span class="number small quiet">{since(one.since)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
