import { useState } from "preact/hooks";
import { Problem } from "../api/problem";
import { Button } from "../components/Button";
import { Field } from "../components/Field";
import { t } from "../i18n/texts";
import { me, settings, signIn } from "../session/session";

/** The built-in issuer's form. It is a page, or lies above a screen whose session is over. */
export function SignInForm() {
  const [username, setUsername] = useState(me.value?.subject ?? "");
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
      setFault(trouble instanceof Problem ? trouble.sentences.join(" ") : t("sign_in.unreachable"));
    }
    setWaiting(false);
  }

  if (settings.value?.sign_in === "elsewhere") {
    return (
      <div class="box" role="alert">
        {t("sign_in.elsewhere", { issuers: settings.value.issuers.join(", ") })}
      </div>
    );
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
    </form>
  );
}
