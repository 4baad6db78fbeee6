import { useEffect, useState } from "preact/hooks";
import { api, read, type Schemas } from "../api/client";
import { Button } from "../components/Button";
import { t } from "../i18n/texts";
import { chooseRegency, me } from "../session/session";

/** For people of several regencies: which one this screen is for. */
export function ChooseRegency() {
  const [found, setFound] = useState<Schemas["RegencyOut"][]>([]);
  useEffect(() => {
    void read(api.GET("/v1/regencies")).then((page) => setFound(page.items as Schemas["RegencyOut"][]));
  }, []);
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
