import { signal } from "@preact/signals";
import { Button } from "./components/Button";
import { Dialog } from "./components/Dialog";
import { t } from "./i18n/texts";
import { ChooseRegency } from "./screens/ChooseRegency";
import { Frame } from "./screens/Frame";
import { SignInForm } from "./screens/SignIn";
import { screensFor } from "./screens/screens";
import { me, regency, settings, signOut } from "./session/session";
import { expired } from "./session/token";

const chosen = signal<string | null>(null);

/** The page: signing in, the regency, and the screens of the person's roles. */
export function App() {
  if (settings.value === null) return null;
  if (me.value === null) {
    return (
      <main class="sign-in">
        <SignInForm />
      </main>
    );
  }
  if (regency.value === null) return <ChooseRegency />;
  const screens = screensFor(me.value.roles);
  const screen = screens.find((one) => one.name === chosen.value) ?? screens[0];
  return (
    <>
      <Frame screens={screens} shown={screen} onChoose={(name) => (chosen.value = name)}>
        {screen ? (
          <screen.component key={regency.value.code} />
        ) : (
          <div class="column">
            <p>{t("screen.none", { roles: me.value.roles.join(", ") })}</p>
            <Button onClick={signOut}>{t("sign_out")}</Button>
          </div>
        )}
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
