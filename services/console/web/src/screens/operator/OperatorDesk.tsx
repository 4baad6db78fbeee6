import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Banner } from "../../components/Banner";
import { Button } from "../../components/Button";
import { Refusal } from "../../components/Refusal";
import { silence, sound } from "../../components/sound";
import { t } from "../../i18n/texts";
import { since } from "../../i18n/times";
import { useKeys } from "../../keys/keys";
import { sendLeftNotes } from "../../live/notes";
import { OnDuty } from "../duty/OnDuty";
import { entitle } from "../title";
import { Aside } from "./Aside";
import { answer, mine, openDesk, openId, queue, speaking } from "./desk";
import "./operator.css";
import { Workspace } from "./Workspace";

/** The ring sounds while somebody waits and the operator speaks with nobody; the title says it in any case. */
function ring(): () => void {
  const stop = effect(() => {
    const waiting = queue.value.length;
    entitle(waiting, t("queue.waiting"));
    if (waiting > 0 && !speaking.value) sound("ring");
    else silence("ring");
  });
  return () => {
    stop();
    silence("ring");
    entitle(0);
  };
}

export function OperatorDesk() {
  useEffect(openDesk, []);
  useEffect(ring, []);
  useEffect(() => void sendLeftNotes(), []);
  const first = queue.value[0];
  const next = () => {
    const calls = mine.value;
    const place = calls.findIndex((call) => call.id === openId.value);
    openId.value = calls[(place + 1) % calls.length]?.id ?? openId.value;
  };
  useKeys({
    ...(first ? { j: { label: t("key.answer"), run: () => void answer(first) } } : {}),
    ...(mine.value.length > 0 ? { n: { label: t("key.next"), run: next } } : {}),
  });
  return (
    <div class="desk">
      <div class="with-duty">
        <Aside />
        <OnDuty folded />
      </div>
      <div class="desk-main">
        {first && (
          <Banner pulse>
            <div class="row">
              <span class="grow">
                {t("queue.ringing", { count: queue.value.length, longest: since(first.received_at) })}
                {first.drill && ` · ${t("drill")}`}
              </span>
              <Button kind="urgent" hint="j" onClick={() => void answer(first)}>
                {t("queue.answer")}
              </Button>
            </div>
          </Banner>
        )}
        <Refusal />
        {openId.value ? (
          <Workspace key={openId.value} id={openId.value} />
        ) : (
          <p class="empty quiet">{t("desk.empty")}</p>
        )}
      </div>
    </div>
  );
}
