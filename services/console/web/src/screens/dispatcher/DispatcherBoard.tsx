import { useEffect, useState } from "preact/hooks";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { MapView } from "../../components/Map";
import { Refusal } from "../../components/Refusal";
import { t } from "../../i18n/texts";
import { useKeys } from "../../keys/keys";
import { boundary } from "../../session/session";
import { Alarms } from "../alarms/Alarms";
import { unheard } from "../alarms/alarms";
import { OnDuty } from "../duty/OnDuty";
import { Referrals } from "../referrals/Referrals";
import { Regencies } from "../regencies/Regencies";
import { waitingHere } from "../regencies/regencies";
import { Shift } from "../shift/Shift";
import { forMe } from "../shift/shift";
import { entitle } from "../title";
import { open, openBoard, rows, show, step } from "./board";
import { pointsOf } from "./row";
import "./dispatcher.css";
import { IncidentView } from "./IncidentView";
import { Rows } from "./Rows";
import { type View, view } from "./views";
import { openWish } from "./wishes";

/** The dispatcher's screen: alarms, the board, and beside it the incident that is open or another view. */
export function DispatcherBoard() {
  useEffect(openBoard, []);
  const shout = unheard.value.length;
  useEffect(() => {
    entitle(shout, t("alarm.title"));
    return () => entitle(0);
  }, [shout]);
  const leave = () => {
    if (open.value) show(null);
    else view.value = "map";
  };
  useKeys({
    j: { label: t("key.next_incident"), run: () => step(1), repeats: true },
    k: { label: t("key.previous_incident"), run: () => step(-1), repeats: true },
    g: { label: t("shift.title"), run: () => turnTo("shift") },
    w: { label: t("regencies.title"), run: () => turnTo("regencies") },
    n: { label: t("referral.title"), run: () => turnTo("referrals") },
    ...(open.value || view.value !== "map" ? { Escape: { label: t("key.to_board"), run: leave, quiet: true } } : {}),
  });
  return (
    <div class="dispatch">
      <div class="with-duty">
        <Rows />
        <OnDuty folded />
      </div>
      <div class="dispatch-main">
        <Alarms onOpen={show} />
        <Refusal />
        <Views />
        {open.value ? <IncidentView key={open.value.id} shown={open.value} /> : <Beside />}
      </div>
    </div>
  );
}

function turnTo(wanted: View): void {
  show(null);
  view.value = wanted;
}

/** The choice of what stands beside the board. */
function Views() {
  const [opening, setOpening] = useState(false);
  const shown = open.value ? null : view.value;
  const waiting = forMe.value.length;
  useKeys({ i: { label: t("new.title"), run: () => setOpening(true) } });
  return (
    <nav class="row" aria-label={t("view.choose")}>
      <Button aria-pressed={shown === "map"} onClick={() => turnTo("map")}>
        {t("view.map")}
      </Button>
      <Button hint="g" aria-pressed={shown === "shift"} onClick={() => turnTo("shift")}>
        {t("shift.title")} {waiting > 0 && <strong class="urgent">! {waiting}</strong>}
      </Button>
      <Button hint="w" aria-pressed={shown === "regencies"} onClick={() => turnTo("regencies")}>
        {t("regencies.title")} {waitingHere.value > 0 && <strong class="urgent">! {waitingHere.value}</strong>}
      </Button>
      <Button hint="n" aria-pressed={shown === "referrals"} onClick={() => turnTo("referrals")}>
        {t("referral.title")}
      </Button>
      <span class="grow" />
      <Button hint="i" onClick={() => setOpening(true)}>
        {t("new.title")}
      </Button>
      {opening && <Ask wish={openWish()} onClose={() => setOpening(false)} />}
    </nav>
  );
}

function Beside() {
  if (view.value === "shift") return <Shift onOpenIncident={show} />;
  if (view.value === "regencies") return <Regencies onOpenIncident={show} />;
  if (view.value === "referrals") return <Referrals />;
  return (
    <section class="panel whole-map">
      <p class="quiet">{t("board.choose")}</p>
      <MapView label={t("board.map")} zone={boundary.value} others={pointsOf(rows.value)} />
    </section>
  );
}
