import { useEffect, useState } from "preact/hooks";
import { api, read, type Schemas } from "../api/client";
import { Button } from "../components/Button";
import { t } from "../i18n/texts";
import { untilDone } from "../live/follow";
import { chooseRegency, me } from "../session/session";

/** For people of several regencies: which one this screen is for. */
export function ChooseRegency() {
  const [found, setFound] = useState<Schemas["RegencyOut"][]>([]);
  const readAll = async () => setFound((await read(api.GET("/v1/regencies"))).items as Schemas["RegencyOut"][]);
  useEffect(() => untilDone(readAll), []);
  const mine = me.value?.regencies ?? [];
  return (
    <div class="sign-in">
      <main class="box">
        <h1>{t("regency.choose")}</h1>
        {found
          .filter((one) => mine.includes("*") || mine.includes(one.code))
          .map((one) => (
            <Button key={one.code} onClick={() => void chooseRegency(one.code)}>
              {one.name} ({one.code})
            </Button>
          ))}
      </main>
    </div>
  );
}
