import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { List } from "../../components/List";
import type { Wish } from "../../components/wish";
import { said, t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { emptyWords } from "../../live/been-read";
import { me } from "../../session/session";
import { Incoming } from "../regencies/Incoming";
import { incoming } from "../regencies/regencies";
import type { LeftWords } from "../room/Room";
import { Room } from "../room/Room";
import { nameOfPerson } from "../room/room";
import { Callers } from "./Callers";
import {
  answer,
  type Call,
  type Callback,
  callbacks,
  claim,
  declineCall,
  declineCallback,
  mine,
  onTheLine,
  openId,
  others,
  queue,
  release,
  report,
  screened,
} from "./desk";
import { noteOfCallback, passCallback, takeOver } from "./wishes";

/** The left side: who waits, the own calls, what others speak on, dropped calls, the room. */
export function Aside() {
  const [taking, setTaking] = useState<Call | null>(null);
  const [wish, setWish] = useState<Wish | null>(null);
  return (
    <aside class="desk-aside" aria-label={t("desk.aside")}>
      <section class="panel">
        <header>
          <h2>{t("queue.title", { count: queue.value.length })}</h2>
        </header>
        <List
          label={t("queue.waiting")}
          items={queue.value}
          keyOf={(call) => call.id}
          empty={emptyWords(queue, t("queue.empty"))}
        >
          {(call, place) => <Waiting call={call} first={place === 0} />}
        </List>
      </section>
      <section class="panel">
        <h2>{t("mine.title")}</h2>
        <List
          label={t("mine.title")}
          items={mine.value}
          keyOf={(call) => call.id}
          empty={emptyWords(onTheLine, t("mine.empty"))}
        >
          {(call) => (
            <button type="button" aria-current={call.id === openId.value} onClick={() => (openId.value = call.id)}>
              <CallLine call={call} />
              <span class="small quiet">
                {call.state === "answered"
                  ? t("call.speaking", { for: since(call.answered_at ?? call.received_at) })
                  : t("call.no_class")}
                {call.offered_to && (
                  <span class="warn"> · {t("pass.waits", { name: nameOfPerson(call.offered_to) })}</span>
                )}
              </span>
            </button>
          )}
        </List>
      </section>
      <Callers />
      <Offers />
      {screened.value.length > 0 && (
        <section class="panel">
          <h2>{t("screened.now", { count: screened.value.length })}</h2>
          <List label={t("screened.now", { count: "" })} items={screened.value} keyOf={(call) => call.id} empty="">
            {(call) => (
              <button type="button" onClick={() => void answer(call)}>
                <CallLine call={call} />
                <span class="row small quiet">
                  <span class="grow">{t("screened.answer")}</span>
                  <span class="number">{since(call.received_at)}</span>
                </span>
              </button>
            )}
          </List>
        </section>
      )}
      {others.value.length > 0 && (
        <section class="panel">
          <h2>{t("others.title")}</h2>
          <List label={t("others.title")} items={others.value} keyOf={(call) => call.id} empty="">
            {(call) => (
              <button type="button" onClick={() => setTaking(call)}>
                <CallLine call={call} />
                <span class="small">
                  {call.operator ?? call.answered_by}
                  {call.operator_gone && <strong class="urgent"> · {t("others.gone")}</strong>}
                  {call.offered_to === me.value?.subject && <strong class="urgent"> · {t("others.offered")}</strong>}
                </span>
              </button>
            )}
          </List>
        </section>
      )}
      <section class="panel">
        <h2>{t("callbacks.title", { count: callbacks.value.length })}</h2>
        <List
          label={t("callbacks.title", { count: "" })}
          items={callbacks.value}
          keyOf={(one) => one.id}
          empty={emptyWords(callbacks, t("callbacks.empty"))}
        >
          {(callback) => <CallbackLine callback={callback} onWish={setWish} />}
        </List>
      </section>
      {wish && <Ask wish={wish} onClose={() => setWish(null)} />}
      <Room callOf={wordsOfCall} callbackOf={wordsOfCallback} onOpenCall={(id) => (openId.value = id)} />
      {taking && (
        <TakeOver call={others.value.find((one) => one.id === taking.id) ?? taking} onClose={() => setTaking(null)} />
      )}
    </aside>
  );
}

/** Incidents that other regencies offer. If one is taken over, its number is shown; the board leads it on. */
function Offers() {
  const [taken, setTaken] = useState<string | null>(null);
  if (incoming.value.length === 0 && taken === null) return null;
  return (
    <section class="panel" aria-label={t("transfer.incoming")}>
      <h2>{t("transfer.incoming")}</h2>
      <Incoming onAccepted={(incident) => setTaken(incident.number)} />
      {taken && (
        <p role="status" class="good any-text">
          ✔ {t("transfer.taken", { number: taken })}
        </p>
      )}
    </section>
  );
}

/** How a callback of one's own is named when it is left behind. */
function wordsOfCallback(id: string): LeftWords | null {
  const callback = callbacks.value.find((one) => one.id === id);
  return callback ? { words: callback.number ?? t("call.no_number"), offeredTo: callback.offered_to ?? null } : null;
}

/** How a call of one's own is named when it is left behind. */
function wordsOfCall(id: string): LeftWords | null {
  const call = mine.value.find((one) => one.id === id);
  if (!call) return null;
  return {
    words: `${call.caller_name ?? call.number ?? ""} ${call.reference}`.trim(),
    offeredTo: call.offered_to ?? null,
  };
}

export function CallLine({ call }: { call: Call }) {
  return (
    <span class="row">
      {call.drill && <span class="chip">{t("drill")}</span>}
      <bdi class="strong grow any-text">
        {call.hidden ? t("call.hidden") : (call.caller_name ?? call.number ?? t("call.no_number"))}
      </bdi>
      <span class="number small quiet">{call.reference}</span>
    </span>
  );
}

function Waiting({ call, first }: { call: Call; first: boolean }) {
  return (
    <button type="button" class={first ? "pulse" : ""} onClick={() => void answer(call)}>
      <span class="row">
        <strong class={`number ${call.waits_long ? "urgent" : ""}`}>{since(call.received_at)}</strong>
        <span class="grow" />
        {first && <kbd aria-hidden="true">J</kbd>}
      </span>
      <CallLine call={call} />
      <span class="small quiet">
        {t(`channel.${call.channel}`)}
        {call.waits_long && <strong class="urgent"> · {t("queue.long")}</strong>}
        {call.position_reasons?.map((reason) => ` · ${said(reason.label)}`)}
      </span>
    </button>
  );
}

function CallbackLine({ callback, onWish }: { callback: Callback; onWish: (wish: Wish) => void }) {
  const own = callback.claimed_by === me.value?.subject;
  const offered = callback.offered_to === me.value?.subject;
  const holder = callback.operator ?? callback.claimed_by ?? "";
  const outcomes: readonly Schemas["CallbackOutcome"][] = ["recovered", "no_answer", "real", "not_needed"];
  const note = <Button onClick={() => onWish(noteOfCallback(callback))}>{t("callbacks.note")}</Button>;
  return (
    <div class="entry">
      <span class="row">
        {callback.drill && <span class="chip">{t("drill")}</span>}
        <bdi class="strong grow number">
          {callback.withheld ? t("callbacks.withheld") : (callback.number ?? t("call.no_number"))}
        </bdi>
        <span class="small quiet">
          {t("callbacks.calls", { count: callback.call_count, at: clock(callback.last_dropped_at, false) })}
        </span>
      </span>
      {callback.contact_note && <p class="warn small any-text">{callback.contact_note}</p>}
      {callback.notes?.map((note) => (
        <p key={note.at} class="small any-text">
          <span class="number quiet">{clock(note.at, false)}</span> {note.text}
        </p>
      ))}
      {own ? (
        <span class="chips">
          {outcomes.map((outcome) => (
            <Button key={outcome} onClick={() => void report(callback, outcome)}>
              {t(`callbacks.${outcome}`)}
            </Button>
          ))}
          <Button onClick={() => void release(callback)}>{t("callbacks.release")}</Button>
          <Button onClick={() => onWish(passCallback(callback))}>{t("pass.title")}</Button>
          {note}
          {callback.offered_to && (
            <span class="small warn any-text">{t("pass.waits", { name: nameOfPerson(callback.offered_to) })}</span>
          )}
        </span>
      ) : offered ? (
        <>
          <p class="small urgent any-text">! {t("callbacks.offered", { name: holder })}</p>
          <span class="chips">
            <Button kind="main" disabled={callback.withheld} onClick={() => void claim(callback)}>
              {t("callbacks.claim")}
            </Button>
            <Button onClick={() => void declineCallback(callback)}>{t("pass.decline")}</Button>
            {note}
          </span>
        </>
      ) : callback.claimed_by ? (
        <span class="row">
          <span class="small grow">{t("callbacks.claimed", { by: holder })}</span>
          {note}
        </span>
      ) : (
        <span class="chips">
          <Button disabled={callback.withheld} onClick={() => void claim(callback)}>
            {t("callbacks.claim")}
          </Button>
          {note}
        </span>
      )}
    </div>
  );
}

function TakeOver({ call, onClose }: { call: Call; onClose: () => void }) {
  const offered = call.offered_to === me.value?.subject;
  const decline = async () => {
    await declineCall(call);
    onClose();
  };
  return (
    <Ask wish={takeOver(call, offered)} onClose={onClose}>
      <CallLine call={call} />
      {offered && (
        <>
          <p>{t("pass.offered", { name: call.operator ?? call.answered_by ?? "" })}</p>
          <Button onClick={() => void decline()}>{t("pass.decline")}</Button>
        </>
      )}
    </Ask>
  );
}
