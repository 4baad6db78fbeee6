import { t } from "../i18n/texts";
import { refusal } from "../live/refusal";
import { Button } from "./Button";

/** What was refused last, until the person has read it. */
export function Refusal() {
  if (refusal.value === null) return null;
  return (
    <div class="banner" data-kind="urgent" role="alert">
      <span class="sign" aria-hidden="true">
        !
      </span>
      <div class="grow">
        {refusal.value.map((sentence) => (
          <p key={sentence} class="any-text">
            {sentence}
          </p>
        ))}
      </div>
      <Button onClick={() => (refusal.value = null)}>{t("understood")}</Button>
    </div>
  );
}
