import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { languageName, t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { onCtrlEnter, useKeys } from "../../keys/keys";
import { NotesOnTheirWay } from "../NotesOnTheirWay";
import { regencyName } from "../names";
import { cameBack } from "../regencies/regencies";
import { nameOfPerson } from "../room/room";
import { Agencies } from "./Agencies";
import { CallLine } from "./Aside";
import { Classify } from "./Classify";
import { type Call, guidance, keepCaller } from "./desk";
import { FirstLook } from "./FirstLook";
import { Guide } from "./Guide";
import { Others } from "./Others";
import { Place } from "./Place";
import { Silent } from "./Silent";
import { type AskedOfCall, wishOfCall } from "./wishes";
import { OpenCall } from "./workspace";

/** The open call: who, where, what, whom it was told, and what to say. */
export function Workspace({ id }: { id: string }) {
  const open = useMemo(() => new OpenCall(id), [id]);
  const placeField = useRef<HTMLInputElement>(null);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const [ending, setEnding] = useState(false);
  const [asked, setAsked] = useState<AskedOfCall | null>(null);
  useEffect(() => open.open(), [open]);
  useKeys({
    l: { label: t("key.place"), run: () => placeField.current?.focus() },
    c: { label: t("key.note"), run: () => noteField.current?.focus() },
    h: { label: t("key.end"), run: () => setEnding(true) },
    o: { label: t("pass.title"), run: () => setAsked("pass") },
    i: { label: t("caller.title"), run: () => setAsked("caller") },
  });
  const call = open.call.value;
  if (call === null) return <p class="empty quiet">{t("loading")}</p>;
  const speaking = call.state === "answered";
  return (
    <article class="workspace" aria-label={t("call.title", { reference: call.reference })}>
      <header class="panel call-head">
        <div class="row">
          <div class="grow caller">
            <CallLine call={call} />
          </div>
          <span>
            {speaking
              ? t("call.speaking", { for: since(call.answered_at ?? call.received_at) })
              : t(`call.${call.state === "ended" ? "ended" : "not_speaking"}`, {
                  at: clock(call.ended_at ?? call.received_at),
                })}
          </span>
        </div>
        <div class="row">
          {call.callback_number && (
            <bdi class="small number">{t("caller.call_back", { number: call.callback_number })}</bdi>
          )}
          {!call.number && call.imei && <bdi class="small number">{t("caller.telephone", { imei: call.imei })}</bdi>}
          {call.language && <bdi class="small">{t("caller.speaks", { language: languageName(call.language) })}</bdi>}
          <label class="row">
            <input
              type="checkbox"
              class="tick"
              checked={call.sop?.probably_child ?? false}
              onChange={(event) => void open.markChild(event.currentTarget.checked)}
            />
            {t("caller.child")}
          </label>
          <span class="grow" />
          <Button hint="i" onClick={() => setAsked("caller")}>
            {t("caller.title")}
          </Button>
          <Button onClick={() => setAsked("contact")}>{t("contact.title")}</Button>
          <Button hint="o" onClick={() => setAsked("pass")}>
            {t("pass.title")}
          </Button>
          {speaking && (
            <Button hint="h" onClick={() => setEnding(true)}>
              {t("call.end")}
            </Button>
          )}
        </div>
        {call.offered_to && <p class="warn any-text">{t("pass.waits", { name: nameOfPerson(call.offered_to) })}</p>}
        {call.transferred_from && (
          <p class="small any-text">
            {t("call_transfer.from", {
              regency: regencyName(call.transferred_from.regency),
              reference: call.transferred_from.reference,
            })}
          </p>
        )}
        {call.transfer ? <Transfer call={call} /> : call.came_back && <p class="warn">{t("call.came_back")}</p>}
        <FirstLook open={open} />
      </header>
      <div class="column">
        <section class="panel">
          <Place open={open} field={placeField} onOffer={() => setAsked("offer")} />
        </section>
        <section class="panel">
          <Notes open={open} field={noteField} />
        </section>
      </div>
      <div class="column">
        <section class="panel">
          <Classify open={open} />
        </section>
        {(open.incident.value || open.referral.value) && (
          <section class="panel">
            <Agencies open={open} />
          </section>
        )}
        {guidance.value && (
          <section class="panel">
            <Guide open={open} guidance={guidance.value} />
            <Silent open={open} guidance={guidance.value} />
          </section>
        )}
      </div>
      {ending && <EndCall open={open} onClose={() => setEnding(false)} />}
      {asked && <Ask wish={wishOfCall(asked, open, call)} onClose={() => setAsked(null)} />}
    </article>
  );
}

/** The newest offer of the call to another regency, and the way back. */
function Transfer({ call }: { call: Call }) {
  const { transfer } = call;
  if (!transfer) return null;
  const waits = transfer.state === "offered";
  const back = cameBack(transfer);
  return (
    <p class="row">
      <span class={`grow any-text ${back ? "urgent" : waits ? "warn" : "small"}`}>
        {t(`call_transfer.state.${transfer.state}`, {
          regency: regencyName(transfer.to),
          reason: transfer.reason ?? "–",
        })}
      </span>
      {(waits || back) && <Button onClick={() => void keepCaller(transfer.id)}>{t("transfer.take_back")}</Button>}
    </p>
  );
}

function EndCall({ open, onClose }: { open: OpenCall; onClose: () => void }) {
  const end = (by: "operator" | "caller") => {
    onClose();
    void open.end(by);
  };
  return (
    <Dialog title={t("end.title")} onClose={onClose}>
      {open.call.value?.call_class === null && <p class="warn">{t("end.no_class")}</p>}
      <Button kind="main" onClick={() => end("operator")}>
        {t("end.operator")}
      </Button>
      <Button onClick={() => end("caller")}>{t("end.caller")}</Button>
      <Button onClick={onClose}>{t("end.not_yet")}</Button>
    </Dialog>
  );
}

function Notes({ open, field }: { open: OpenCall; field: { current: HTMLTextAreaElement | null } }) {
  const notes = [...(open.call.value?.notes ?? [])].reverse();
  return (
    <>
      <Field label={t("note.title")} hint="c" note={<Others draft={open.note} />}>
        {(id) => (
          <textarea
            id={id}
            ref={field}
            class="note"
            value={open.note.text.value}
            onInput={(event) => open.note.type(event.currentTarget.value)}
            onKeyDown={onCtrlEnter(() => void open.writeNote())}
          />
        )}
      </Field>
      <div class="row">
        <span class="grow small quiet">{t("note.hint")}</span>
        <Button hint="Ctrl+Enter" onClick={() => void open.writeNote()}>
          {t("note.write")}
        </Button>
      </div>
      <ol class="column" aria-label={t("note.all")}>
        <NotesOnTheirWay of="calls" id={open.id} />
        {notes.map((note) => (
          <li key={note.at + note.text} class="any-text">
            <span class="number small quiet">{clock(note.at)}</span> {note.text}
          </li>
        ))}
      </ol>
    </>
  );
}
