import { useEffect } from "preact/hooks";
import { MapView } from "../../components/Map";
import { Refusal } from "../../components/Refusal";
import { t } from "../../i18n/texts";
import { useKeys } from "../../keys/keys";
import { boundary } from "../../session/session";
import { Alarms } from "../alarms/Alarms";
import { unheard } from "../alarms/alarms";
import { entitle } from "../title";
import { open, openBoard, pointsOf, rows, show, step } from "./board";
import "./dispatcher.css";
import { IncidentView } from "./IncidentView";
import { Rows } from "./Rows";

/** The dispatcher's screen: alarms, the board, and the incident that is open. */
export function DispatcherBoard() {
  useEffect(openBoard, []);
  const shout = unheard.value.length;
  useEffect(() => {
    entitle(shout, t("alarm.title"));
    return () => entitle(0);
  }, [shout]);
  useKeys({
    j: { label: t("key.next_incident"), run: () => step(1) },
    k: { label: t("key.previous_incident"), run: () => step(-1) },
    ...(open.value ? { Escape: { label: t("key.to_board"), run: () => show(null), quiet: true } } : {}),
  });
  return (
    <div class="dispatch">
      <Rows />
      <div class="dispatch-main">
        <Alarms onOpen={show} />
        <Refusal />
        {open.value ? (
          <IncidentView key={open.value.id} shown={open.value} />
        ) : (
          <section class="panel whole-map">
            <p class="quiet">{t("board.choose")}</p>
            <MapView label={t("board.map")} zone={boundary.value} others={pointsOf(rows.value)} />
          </section>
        )}
      </div>
    </div>
  );
}
