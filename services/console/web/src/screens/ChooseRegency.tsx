import { useEffect } from "preact/hooks";
import { Button } from "../components/Button";
import { t } from "../i18n/texts";
import { untilDone } from "../live/follow";
import { chooseRegency, me } from "../session/session";
import { readRegencyNames, regencyNames } from "./names";

/** For people of several regencies: which one this screen is for. */
export function ChooseRegency() {
  useEffect(() => untilDone(readRegencyNames), []);
  const mine = me.value?.regencies ?? [];
  return (
    <div class="sign-in">
      <main class="box">
        <h1>{t("regency.choose")}</h1>
        {[...regencyNames.value.values()]
          .filter((one) => mine.includes("*") || mine.includes(one.code))
          .map((one) => (
            <Button key={one.code} onClick={() => void chooseRegency(one.code)}>
              {one.name}
            </Button>
          ))}
      </main>
    </div>
  );
}
