import { useEffect } from "preact/hooks";
import { t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { emptyWords, isRead } from "../../live/been-read";
import { type Attendance, attended, type Duty, duties, followDuties, here, mayReadDuties, missing } from "./duties";
import "./duty.css";

interface Props {
  /** The panel is closed at first and says how many there are, where the room is for other things. */
  folded?: boolean;
}

/** Who is on duty and who should be. */
export function OnDuty({ folded = false }: Props) {
  useEffect(followDuties, []);
  if (!mayReadDuties.value) return null;
  return folded ? (
    <details class="panel on-duty">
      <summary>
        <h2>
          <Counts />
        </h2>
      </summary>
      <People />
    </details>
  ) : (
    <section class="panel on-duty">
      <h2>
        <Counts />
      </h2>
      <People />
    </section>
  );
}

function Counts() {
  return (
    <>
      {t("duty.title", { count: isRead(duties) ? here.value : "…" })}
      {missing.value > 0 && <span class="warn"> · ! {t("duty.missing", { count: missing.value })}</span>}
    </>
  );
}

function People() {
  if (attended.value.length === 0) {
    return <p class="quiet small">{emptyWords(duties, t("duty.none"))}</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ul class="people" aria-label={t("duty.title", { count: "" })} tabIndex={0}>
      {attended.value.map(({ duty, attendance }) => (
        <li key={duty.id} class="row">
          <bdi class="grow any-text">{duty.name}</bdi>
          <span class="small number">
            {clock(duty.starts_at, false)}–{clock(duty.ends_at, false)}
          </span>
          <span class={`small ${LOOKS[attendance]}`}>{words(duty, attendance)}</span>
        </li>
      ))}
    </ul>
  );
}

const LOOKS: Record<Attendance, string> = {
  open: "warn",
  late: "warn",
  left: "quiet",
  early: "good",
  stays_on: "warn",
  here: "good",
};

function words(duty: Duty, attendance: Attendance): string {
  const startedAt = duty.started_at === null ? "" : clock(duty.started_at, false);
  switch (attendance) {
    case "open":
      return `! ${t("duty.open")}`;
    case "late":
      return `! ${t("duty.late", { for: since(duty.starts_at) })}`;
    case "left":
      return t("duty.left", { at: duty.ended_at === null ? "" : clock(duty.ended_at, false) });
    case "early":
      return `✔ ${t("duty.early", { at: startedAt })}`;
    case "stays_on":
      return `✔ ${t("duty.stays_on", { for: since(duty.ends_at) })}`;
    case "here":
      return `✔ ${startedAt}`;
  }
}
