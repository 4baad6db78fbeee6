import { useState } from "preact/hooks";
import { Button } from "../components/Button";
import { Dialog } from "../components/Dialog";
import { t } from "../i18n/texts";
import { sendUnsent, unansweredSteps, unsent } from "../live/unsent";
import { signOut } from "../session/session";

/** The button that ends the session. What the server does not have is sent first; if something is left, the person decides. */
export function SignOut({ kind }: { kind?: "main" }) {
  const [asking, setAsking] = useState(false);
  const [waits, setWaits] = useState(false);
  const go = async (): Promise<void> => {
    setWaits(true);
    const left = await sendUnsent();
    setWaits(false);
    if (left === null) return;
    if (left.length === 0 && unansweredSteps() === 0) await signOut();
    else setAsking(true);
  };
  return (
    <>
      <Button {...(kind ? { kind } : {})} disabled={waits} onClick={() => void go()}>
        {t(waits ? "sign_out.sending" : "sign_out")}
      </Button>
      {asking && <Left waits={waits} again={go} onClose={() => setAsking(false)} />}
    </>
  );
}

interface Props {
  waits: boolean;
  /** Tries again to send, and then to sign out. */
  again: () => Promise<void>;
  onClose: () => void;
}

/** What would be lost, texts word for word, so that they can be sent or copied. The list grows shorter as the server gets it. */
function Left({ waits, again, onClose }: Props) {
  const left = unsent();
  const steps = unansweredSteps();
  const lost = left.length > 0 || steps > 0;
  const title = t(left.length > 0 ? "unsent.title" : steps > 0 ? "unsent.steps_title" : "unsent.none");
  return (
    <Dialog title={title} onClose={onClose}>
      {steps > 0 && <p class="warn">{t("unsent.steps", { count: steps })}</p>}
      {left.length > 0 && <p class="warn">{t("unsent.why")}</p>}
      {left.map((one) => (
        <section key={one.place} class="entry any-text">
          <strong>{t(one.about)}</strong>{" "}
          <span class="small quiet">{t(one.sendable ? "unsent.away" : "unsent.open")}</span>
          <p>{one.text}</p>
        </section>
      ))}
      <div class="row">
        <Button kind="main" onClick={onClose}>
          {t("unsent.stay")}
        </Button>
        {(steps > 0 || left.some((one) => one.sendable)) && (
          <Button disabled={waits} onClick={() => void again()}>
            {t(waits ? "sign_out.sending" : "unsent.again")}
          </Button>
        )}
        <Button {...(lost ? { kind: "urgent" as const } : {})} disabled={waits} onClick={() => void signOut()}>
          {t(left.length > 0 ? "unsent.discard" : lost ? "unsent.go" : "sign_out")}
        </Button>
      </div>
    </Dialog>
  );
}
