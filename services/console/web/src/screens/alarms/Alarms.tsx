import { Button } from "../../components/Button";
import { useSound } from "../../components/sound";
import { said, t } from "../../i18n/texts";
import { since } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { chosenScreen } from "../../session/session";
import { agencyName } from "../names";
import { type AlarmGroup, alarms, atTheDesk, hear, mayAnswer, partsOf, settle, stepsOf, unheard } from "./alarms";

interface Props {
  /** Opens the incident of an alarm; absent: this screen cannot. */
  onOpen?: (incidentId: string) => void;
}

/** The alarms that stand, grouped, each with its action. New ones sound until a person has heard them. */
export function Alarms({ onOpen }: Props) {
  const sounds = unheard.value.length > 0;
  useSound("alarm", sounds);
  useKeys(sounds ? { m: { label: t("alarm.hear"), run: hear } } : {});
  if (alarms.value.length === 0) return null;
  return (
    <section class="alarms" aria-label={t("alarm.title")} role={sounds ? "alert" : undefined}>
      <header class="row">
        <h2 class="grow">{t("alarm.count", { count: alarms.value.length })}</h2>
        {sounds && (
          <Button kind="urgent" hint="m" onClick={hear}>
            {t("alarm.hear")}
          </Button>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul tabIndex={0} aria-label={t("alarm.title")}>
        {alarms.value.map((one) => (
          <li key={one.group} data-severity={one.severity} data-new={unheard.value.includes(one)}>
            <Line one={one} onOpen={onOpen} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Line({ one, onOpen }: { one: AlarmGroup; onOpen: Props["onOpen"] }) {
  const words = said(one.in_words) || t("alarm.unknown");
  const incidents = one.alarms.map((single) => partsOf(single.about)).filter(([what]) => what === "incidents");
  return (
    <>
      <span class={`small ${one.severity === "minor" ? "quiet" : "urgent"}`}>
        {one.drill && `${t("drill")} · `}
        {t(`alarm.${one.severity}`)}
      </span>
      <span class="grow any-text">
        {one.agency && !words.includes(agencyName(one.agency)) && (
          <>
            <strong>
              <bdi>{agencyName(one.agency)}</bdi>
            </strong>{" "}
          </>
        )}
        {words}
      </span>
      <span class="number small quiet">{since(one.since)}</span>
      {stepsOf(one).map((step) => (
        <Button key={step.text} onClick={() => void settle(step.send)}>
          {t(step.text)}
        </Button>
      ))}
      {onOpen &&
        incidents.slice(0, 3).map(([, id], place) => (
          <Button key={id} onClick={() => onOpen(id)}>
            {incidents.length > 1 ? t("alarm.open_one", { place: place + 1 }) : t("alarm.open")}
          </Button>
        ))}
      {atTheDesk(one) && mayAnswer() && (
        <Button onClick={() => (chosenScreen.value = "operator")}>{t("alarm.to_desk")}</Button>
      )}
    </>
  );
}
