import type { Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { type Bindings, useKeys } from "../../keys/keys";
import { asWritten } from "../names";
import type { OpenCall } from "./workspace";

/** The procedure for a caller who says nothing: one step after the other, each with what was heard after it. */
export function Silent({ open, guidance }: { open: OpenCall; guidance: Schemas["GuidanceOut"] }) {
  const sop = open.call.value?.sop;
  const taken = sop?.silent_steps ?? [];
  const { steps, heard } = guidance.silent_call;
  const next = steps.find((step) => !taken.some((one) => one.step === step.code));
  const choosing = open.choosing.value === "silent";
  const begin = () => {
    open.choosing.value = "silent";
  };
  const hear = (code: Schemas["Heard"]) => {
    if (!next) return;
    open.choosing.value = null;
    void open.takeSilentStep(next.code, code, guidance.version);
  };
  // Digits, not letters: a second press of D must not mean the fourth thing that was heard.
  const digits: Bindings = {};
  const numbered = heard.slice(0, 9).map((one, place) => [String(place + 1), one] as const);
  if (choosing && next) {
    for (const [digit, one] of numbered) {
      digits[digit] = { label: said(one.label), quiet: true, run: () => hear(one.code as Schemas["Heard"]) };
    }
    digits.Escape = { label: "", quiet: true, run: () => (open.choosing.value = null) };
  }
  useKeys(next ? { d: { label: t("silent.title"), run: begin } } : {});
  useKeys(digits, true);
  if (!choosing && taken.length === 0) {
    return (
      <div>
        <Button hint="d" onClick={begin}>
          {t("silent.title")}
        </Button>
      </div>
    );
  }
  const words = (code: string) => said(heard.find((one) => one.code === code)?.label) || asWritten(code);
  return (
    <div class="column">
      <h3>
        {t("silent.title")} <kbd aria-hidden="true">D</kbd>
      </h3>
      <ol class="column" aria-label={t("silent.title")}>
        {steps.map((step) => {
          const done = taken.filter((one) => one.step === step.code).at(-1);
          return (
            <li key={step.code} class={done ? "small any-text" : step === next ? "strong any-text" : "quiet any-text"}>
              {done && "✔ "}
              {said(step.label)}
              {done ? ` · ${words(done.heard)}` : ` · ${t("silent.listen", { seconds: step.listen_s })}`}
            </li>
          );
        })}
      </ol>
      {next ? (
        <>
          <p class="small">{t("silent.heard")}</p>
          <div class="chips">
            {numbered.map(([digit, one]) => (
              <Button
                key={one.code}
                hint={choosing ? digit : undefined}
                onClick={() => hear(one.code as Schemas["Heard"])}
              >
                {said(one.label)}
              </Button>
            ))}
          </div>
        </>
      ) : (
        <p class="good">✔ {t("silent.done")}</p>
      )}
    </div>
  );
}
