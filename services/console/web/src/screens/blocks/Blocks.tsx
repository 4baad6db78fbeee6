import { useRef, useState } from "preact/hooks";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { t } from "../../i18n/texts";
import { moment } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { type Block, blocks, dossier, needsDecision } from "./blocks";
import { Dossier } from "./Dossier";
import { Screened } from "./Screened";
import { type StepOfBlock, wishOfBlock } from "./wishes";

const STEPS: Record<"proposed" | "active", readonly StepOfBlock[]> = {
  proposed: ["approval", "refusal", "appeals", "dossiers"],
  active: ["review", "extension", "lifting", "appeals", "dossiers"],
};

/** Numbers that are proposed to be blocked, and those that are blocked now. Nothing if there is none. */
export function Blocks() {
  const [asked, setAsked] = useState<{ block: Block; step: StepOfBlock } | null>(null);
  const section = useRef<HTMLElement>(null);
  const waiting = blocks.value.filter(needsDecision).length;
  const go = () => section.current?.querySelector("button")?.focus();
  useKeys(blocks.value.length > 0 ? { b: { label: t("block.key"), run: go } } : {});
  return (
    <>
      {blocks.value.length > 0 && (
        <section class="panel" aria-label={t("block.title")} ref={section}>
          <header>
            <h2>{t("block.title")}</h2>
            {waiting > 0 && <strong class="urgent">! {t("block.waiting", { count: waiting })}</strong>}
          </header>
          {blocks.value.map((one) => (
            <OneBlock key={one.id} one={one} onAsk={(step) => setAsked({ block: one, step })} />
          ))}
        </section>
      )}
      <Screened />
      {asked && <Ask wish={wishOfBlock(asked.block, asked.step)} onClose={() => setAsked(null)} />}
      {dossier.value && <Dossier of={dossier.value} onClose={() => (dossier.value = null)} />}
    </>
  );
}

function OneBlock({ one, onAsk }: { one: Block; onAsk: (step: StepOfBlock) => void }) {
  const proposed = one.state === "proposed";
  const steps = STEPS[proposed ? "proposed" : "active"].filter((step) => step !== "review" || !one.reviewed_at);
  return (
    <article class="entry column" aria-label={one.number ?? t("block.title")}>
      <p class="row">
        <strong class="number">{one.number ?? "–"}</strong>
        <span class={needsDecision(one) ? "warn grow" : "grow"}>
          {proposed
            ? t("block.proposed", { hours: one.rule.hours, at: moment(one.decide_by) })
            : t("block.active", { at: one.ends_at ? moment(one.ends_at) : "–" })}
        </span>
      </p>
      <p class="small any-text">
        {t("block.facts", { count: one.facts.length, calls: one.facts.map((fact) => moment(fact.at)).join(", ") })}
      </p>
      {!proposed && one.decided_by === null && <p class="small quiet">{t("block.by_pack")}</p>}
      {one.reason && <p class="small any-text">{t("block.reason", { reason: one.reason })}</p>}
      {one.review_due && <p class="urgent">! {t("block.review_due")}</p>}
      {one.dossiers > 0 && <p class="small quiet">{t("block.dossier_count", { count: one.dossiers })}</p>}
      {one.reviewed_at && <p class="small quiet">{t("block.reviewed", { at: moment(one.reviewed_at) })}</p>}
      {one.doubts.map((doubt) => (
        <p key={doubt.at} class="warn any-text">
          {t(doubt.why === "fact_corrected" ? "block.doubt_corrected" : "block.doubt_genuine", {
            at: moment(doubt.at),
          })}
        </p>
      ))}
      {one.appeals?.map((appeal) => (
        <p key={appeal.at} class="any-text">
          {t("block.appeal", { at: moment(appeal.at), text: appeal.text ?? "–" })}
        </p>
      ))}
      <div class="row">
        {steps.map((step) => (
          <Button key={step} {...(step === "approval" ? { kind: "main" as const } : {})} onClick={() => onAsk(step)}>
            {t(`block.${step}`)}
          </Button>
        ))}
      </div>
    </article>
  );
}
