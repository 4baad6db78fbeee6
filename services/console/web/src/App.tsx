import { Dialog } from "./components/Dialog";
import { t } from "./i18n/texts";
import { ChooseRegency } from "./screens/ChooseRegency";
import { Frame } from "./screens/Frame";
import { SignInForm } from "./screens/SignIn";
import { SignOut } from "./screens/SignOut";
import { type Screen, screensFor } from "./screens/screens";
import { broughtAnswer, chosenScreen, me, regency, returning, settings } from "./session/session";
import { expired } from "./session/token";

/** The page: signing in, the regency, and the screens of the person's roles. */
export function App() {
  if (settings.value === null) return null;
  if (me.value === null) {
    return (
      <main class="sign-in">
        {broughtAnswer.value ? (
          <p class="box">{t("sign_in.close_window")}</p>
        ) : returning.value ? (
          <p class="box">{t("sign_in.returning")}</p>
        ) : (
          <SignInForm />
        )}
      </main>
    );
  }
  const screens = screensFor(me.value.roles);
  if (screens.length === 0 || me.value.regencies.length === 0) return <NothingHere />;
  if (regency.value === null) return <ChooseRegency />;
  const screen = screens.find((one) => one.name === chosenScreen.value) ?? (screens[0] as Screen);
  return (
    <>
      <Frame screens={screens} shown={screen} onChoose={(name) => (chosenScreen.value = name)}>
        <screen.component key={regency.value.code} />
      </Frame>
      {expired.value && (
        <Dialog title={t("session.over")}>
          <p>{t("session.nothing_lost")}</p>
          <SignInForm />
        </Dialog>
      )}
    </>
  );
}

/** For a person to whom no screen belongs: what is missing, and the way out. */
function NothingHere() {
  const roles = me.value?.roles.join(", ");
  const who = me.value?.name ?? me.value?.subject ?? "";
  return (
    <main class="sign-in">
      <div class="box" role="alert">
        <h1>{t("screen.nothing")}</h1>
        {screensFor(me.value?.roles ?? []).length === 0 && (
          <p>{roles ? t("screen.none", { who, roles }) : t("screen.no_role", { who })}</p>
        )}
        {me.value?.regencies.length === 0 && <p>{t("screen.no_regency")}</p>}
        <p>{t("screen.ask_administrator")}</p>
        <SignOut kind="main" />
      </div>
    </main>
  );
}
