import { useSignal } from "@preact/signals";
import { t } from "../i18n/texts";
import { bindingsNow, keyCap, keysOn, switchKeys, useKeys } from "../keys/keys";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

/** The button and the key `?` that show the page's keys, and the switch that turns single keys off. */
export function KeysHelp() {
  const open = useSignal(false);
  useKeys({ "?": { label: t("keys.show"), run: () => (open.value = true) } });
  return (
    <>
      <Button data-help="keys" hint="?" onClick={() => (open.value = true)}>
        {t("keys.title")}
      </Button>
      {open.value && (
        <Dialog title={t("keys.title")} onClose={() => (open.value = false)}>
          <dl class="keys-list">
            {bindingsNow()
              .filter(([, binding]) => !binding.quiet)
              .map(([key, binding]) => (
                <>
                  <dt key={key}>
                    <kbd>{keyCap(key)}</kbd>
                  </dt>
                  <dd>{binding.label}</dd>
                </>
              ))}
            <dt>
              <kbd>Esc</kbd>
            </dt>
            <dd>{t("keys.escape")}</dd>
          </dl>
          <Button aria-pressed={keysOn.value} onClick={() => switchKeys(!keysOn.value)}>
            {keysOn.value ? t("keys.on") : t("keys.off")}
          </Button>
          <Button kind="main" onClick={() => (open.value = false)}>
            {t("close")}
          </Button>
        </Dialog>
      )}
    </>
  );
}
