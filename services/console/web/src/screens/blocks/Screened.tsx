import { t } from "../../i18n/texts";
import { duration, moment } from "../../i18n/times";
import { screenedCalls } from "./blocks";

/** Calls that ended while their callers heard the recorded message, so that a leader sees what a block keeps away. */
export function Screened() {
  if (screenedCalls.value.length === 0) return null;
  const title = t("screened.lately", { count: screenedCalls.value.length });
  return (
    <section class="panel" aria-label={title}>
      <h2>{title}</h2>
      <p class="small quiet">{t("screened.about")}</p>
      <ul class="people" aria-label={title}>
        {screenedCalls.value.map((call) => (
          <li key={call.id} class="row">
            <span class="number small">{moment(call.received_at)}</span>
            <bdi class="number strong grow">
              {call.hidden ? t("call.hidden") : (call.number ?? t("call.no_number"))}
            </bdi>
            {call.ended_at && (
              <span class="number small">{duration(Date.parse(call.ended_at) - Date.parse(call.received_at))}</span>
            )}
            <span class="number small quiet">{call.reference}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
