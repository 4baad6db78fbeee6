import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Banner } from "../components/Banner";
import { Button } from "../components/Button";
import { KeysHelp } from "../components/KeysHelp";
import { getReady, isMuted, unmute } from "../components/sound";
import { language } from "../i18n/language";
import { t } from "../i18n/texts";
import { clock, duration, now } from "../i18n/times";
import { unreadableSince } from "../live/follow";
import { attempted } from "../live/refusal";
import { silentSince } from "../live/stream";
import { lastsUntil, me, regency, settings } from "../session/session";
import { attend, enterRoom, signedOff, signOn } from "./room/room";
import { Providers } from "./SignIn";
import { SignOut } from "./SignOut";
import type { Screen } from "./screens";
import { switchTheme, theme } from "./theme";

interface Props {
  screens: readonly Screen[];
  shown: Screen;
  onChoose: (name: string) => void;
  children: ComponentChildren;
}

/** What every screen has: who is here, the clock, the choice of screens, and what concerns the whole page. */
export function Frame({ screens, shown, onChoose, children }: Props) {
  const place = [regency.value?.code, me.value?.subject];
  useEffect(attend, place);
  useEffect(() => (shown.sounds ? getReady() : undefined), [shown.sounds]);
  useEffect(() => enterRoom(shown.signsOn), [...place, shown.name]);
  return (
    <div class="frame">
      <header class="top">
        <h1>Sigap 112</h1>
        <span class="strong">{regency.value?.name}</span>
        {screens.length > 1 ? (
          <nav class="row" aria-label={t("screen.choose")}>
            {screens.map((screen) => (
              <Button key={screen.name} aria-pressed={screen === shown} onClick={() => onChoose(screen.name)}>
                {t(screen.title)}
              </Button>
            ))}
          </nav>
        ) : (
          <span>{t(shown.title)}</span>
        )}
        <span class="grow" />
        <time class="number strong">{clock(now.value)}</time>
        <span>{me.value?.name ?? me.value?.subject}</span>
        <KeysHelp />
        <Button onClick={switchTheme}>{theme.value === "dark" ? t("theme.light") : t("theme.dark")}</Button>
        <Button
          lang={language.value === "id" ? "en" : "id"}
          onClick={() => (language.value = language.value === "id" ? "en" : "id")}
        >
          {language.value === "id" ? "English" : "Bahasa Indonesia"}
        </Button>
        <SignOut />
      </header>
      <section class="banners" aria-label={t("frame.notices")}>
        {settings.value?.demonstration && <p class="small quiet">{t("demonstration")}</p>}
        {lastsUntil.value !== null && (
          <Banner action={<Providers />}>{t("session.ends", { at: clock(lastsUntil.value, false) })}</Banner>
        )}
        {signedOff.value === "elsewhere" && (
          <Banner action={<Button onClick={() => void attempted(signOn("available"))}>{t("room.again")}</Button>}>
            {t("room.signed_off_elsewhere")}
          </Banner>
        )}
        {shown.sounds && isMuted.value && (
          <Banner action={<Button onClick={unmute}>{t("sound.unmute")}</Button>}>{t("sound.muted")}</Banner>
        )}
        {silentSince.value === null && unreadableSince.value !== null && (
          <Banner>{t("live.unreadable", { at: clock(unreadableSince.value) })}</Banner>
        )}
        {silentSince.value !== null && (
          <Banner>
            {t("live.silent", { at: clock(silentSince.value), ago: duration(now.value - silentSince.value) })}
          </Banner>
        )}
      </section>
      <main>{children}</main>
    </div>
  );
}
