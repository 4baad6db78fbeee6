import { useState } from "preact/hooks";
import { Button } from "../components/Button";
import { Field } from "../components/Field";
import { t } from "../i18n/texts";
import { me, notice, settings, signIn, signInAt, wordsOf } from "../session/session";

/** Signing in: by the built-in issuer's form, or at a provider. It is a page, or lies above a screen whose session is over. */
export function SignInForm() {
  if (settings.value?.form) return <BuiltIn />;
  return (
    <div class="box">
      <h1>{t("sign_in.title")}</h1>
      <Providers />
    </div>
  );
}

/** A button for each provider, and what came of the last try. A browser has the cryptography of such a sign-in (PKCE) only
 * on a page that came by HTTPS or from this computer.
 */
export function Providers() {
  const [waiting, setWaiting] = useState(false);
  const { providers, elsewhere } = settings.value ?? { providers: [], elsewhere: [] };
  return (
    <>
      {notice.value && <p role="alert">{notice.value}</p>}
      {providers.length > 0 && !isSecureContext && <p role="alert">{t("sign_in.needs_https")}</p>}
      {providers.map((provider) => (
        <Button
          key={provider.issuer}
          kind="main"
          disabled={waiting || !isSecureContext}
          onClick={() => {
            setWaiting(true);
            void signInAt(provider).finally(() => setWaiting(false));
          }}
        >
          {providers.length > 1 || settings.value?.form
            ? t("sign_in.at", { provider: new URL(provider.issuer).host })
            : t("sign_in.submit")}
        </Button>
      ))}
      {providers.length === 0 && elsewhere.length > 0 && !settings.value?.form && (
        <p>{t("sign_in.elsewhere", { issuers: elsewhere.join(", ") })}</p>
      )}
    </>
  );
}

function BuiltIn() {
  const [username, setUsername] = useState(settings.value?.providers.length ? "" : (me.value?.subject ?? ""));
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState<string>();
  const [waiting, setWaiting] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setWaiting(true);
    setFault(undefined);
    try {
      await signIn(username, password);
    } catch (trouble) {
      setFault(wordsOf(trouble));
    }
    setWaiting(false);
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <h1>{t("sign_in.title")}</h1>
      {settings.value?.demonstration && <p class="warn">{t("sign_in.demonstration")}</p>}
      <Field label={t("sign_in.username")}>
        {(id) => (
          <input
            id={id}
            name="username"
            autoComplete="username"
            required
            value={username}
            onInput={(event) => setUsername(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={t("sign_in.passphrase")} fault={fault}>
        {(id) => (
          <input
            id={id}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        )}
      </Field>
      <Button kind="main" type="submit" disabled={waiting}>
        {t("sign_in.submit")}
      </Button>
      <Providers />
    </form>
  );
}
