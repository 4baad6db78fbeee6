import { t } from "../i18n/texts";
import { refusal } from "../live/refusal";
import { Banner } from "./Banner";
import { Button } from "./Button";

/** What was refused last, until the person has read it. */
export function Refusal() {
  if (refusal.value === null) return null;
  return (
    <Banner action={<Button onClick={() => (refusal.value = null)}>{t("understood")}</Button>}>
      {refusal.value.map((sentence) => (
        <p key={sentence} class="any-text">
          {sentence}
        </p>
      ))}
    </Banner>
  );
}
