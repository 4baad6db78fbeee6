import { t } from "../i18n/texts";
import { duration, now } from "../i18n/times";

/** What is left until a moment (milliseconds since 1970), by the second; after it, how late it is. */
export function Countdown({ to }: { to: number }) {
  const left = to - now.value;
  return (
    <strong class={`small number ${left < 0 ? "urgent" : "warn"}`}>
      {left < 0 ? t("agencies.late", { by: duration(-left) }) : t("countdown.left", { left: duration(left) })}
    </strong>
  );
}
