import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Ask } from "../../components/Ask";
import { Banner } from "../../components/Banner";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { MapView } from "../../components/Map";
import { languageName, said, t } from "../../i18n/texts";
import { clock, since } from "../../i18n/times";
import { onCtrlEnter, useKeys } from "../../keys/keys";
import type { Draft } from "../../live/draft";
import { wordsOf } from "../../live/refusal";
import { boundary, regency } from "../../session/session";
import { NotesOnTheirWay } from "../NotesOnTheirWay";
import { regencyName } from "../names";
import { kindOfPlace, pointOf } from "../places";
import { cameBack } from "../regencies/regencies";
import { nameOfPerson } from "../room/room";
import { Agencies } from "./Agencies";
import { CallLine } from "./Aside";
import { Classify } from "./Classify";
import { type Call, guidance, keepCaller } from "./desk";
import { FirstLook } from "./FirstLook";
import { Guide } from "./Guide";
import { type Found, locationOf, readPlace } from "./place";
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

function Others({ draft }: { draft: Draft }) {
  return (
    <>
      {!draft.saved.value && <p class="small quiet">{t("draft.unsaved")}</p>}
      {draft.others.value.map((other) => (
        <p key={other.version} class="small any-text">
          <strong>
            <bdi>{other.name ?? other.by}</bdi> {t("draft.types")}
          </strong>{" "}
          {other.text}
        </p>
      ))}
    </>
  );
}

interface PlaceProps {
  open: OpenCall;
  field: { current: HTMLInputElement | null };
  /** Offers the call to the regency that the place belongs to. */
  onOffer: () => void;
}

function Place({ open, field, onOffer }: PlaceProps) {
  const [names, setNames] = useState<Found[]>([]);
  const [chosen, setChosen] = useState(-1);
  const [question, setQuestion] = useState<string>();
  const asked = useRef(0);
  const code = regency.value?.code ?? "";
  const call = open.call.value;
  const place = call?.location ?? null;
  const caller = call?.caller_location ?? null;

  async function search(text: string): Promise<void> {
    const turn = ++asked.current;
    setChosen(-1);
    if (text.trim().length < 3) return setNames([]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (turn !== asked.current) return;
    const meaning = await readPlace(code, text, caller).catch(() => null);
    if (turn === asked.current && meaning) setNames(meaning.names.slice(0, 5));
  }

  async function settle(text: string, found: Found | undefined): Promise<void> {
    if (text.trim() === "") return;
    asked.current++;
    setQuestion(undefined);
    // The keys are free at once; what was typed stays until the server has the place.
    field.current?.blur();
    try {
      const meaning = found ? { location: locationOf(found), problem: null } : await readPlace(code, text, caller);
      if (meaning.problem) return setQuestion(said(meaning.problem));
      if (meaning.location && (await open.locate(meaning.location))) setNames([]);
    } catch (refused) {
      setQuestion(wordsOf(refused).join(" "));
    }
  }

  const onKeyDown = (pressed: KeyboardEvent) => {
    if (pressed.key === "ArrowDown" || pressed.key === "ArrowUp") {
      pressed.preventDefault();
      const step = pressed.key === "ArrowDown" ? 1 : -1;
      setChosen(Math.max(-1, Math.min(names.length - 1, chosen + step)));
    } else if (pressed.key === "Enter" && !pressed.isComposing) {
      pressed.preventDefault();
      void settle(open.place.text.value, names[chosen]);
    }
  };

  const confirmCaller = () => void open.locate({ same_as_caller: true });
  useKeys({
    ...(caller && !place ? { u: { label: t("key.same_place"), run: confirmCaller } } : {}),
  });
  const elsewhere = call?.zone?.elsewhere ? call.zone : call?.caller_zone?.elsewhere ? call.caller_zone : null;
  return (
    <>
      <Field label={t("place.title")} hint="l" fault={question} note={<Others draft={open.place} />}>
        {(id) => (
          <input
            id={id}
            ref={field}
            value={open.place.text.value}
            placeholder={t("place.hint")}
            autoComplete="off"
            role="combobox"
            aria-expanded={names.length > 0}
            aria-controls={`${id}-names`}
            aria-activedescendant={chosen >= 0 ? `${id}-${chosen}` : undefined}
            onInput={(event) => {
              open.place.type(event.currentTarget.value);
              void search(event.currentTarget.value);
            }}
            onKeyDown={onKeyDown}
          />
        )}
      </Field>
      {names.length > 0 && (
        <div class="suggestions" role="listbox" aria-label={t("place.names")}>
          {names.map((name, place) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the field above keeps the focus
            <div
              key={`${name.name}${name.lat}`}
              role="option"
              aria-selected={place === chosen}
              class="any-text"
              onClick={() => void settle(name.name, name)}
            >
              {name.name} <span class="quiet small">{kindOfPlace(name.kind)}</span>
            </div>
          ))}
        </div>
      )}
      {elsewhere && (
        <Banner pulse>
          <p class="any-text">{said(elsewhere.in_words as { id?: string; en?: string })}</p>
          {elsewhere.elsewhere?.by === "queue" && call?.transfer?.state !== "offered" && (
            <Button onClick={onOffer}>
              {t("call_transfer.offer", { regency: regencyName(elsewhere.elsewhere.regency ?? "") })}
            </Button>
          )}
        </Banner>
      )}
      <div class="row">
        <span class="grow any-text">
          {place ? (
            <>
              <strong>{place.address ?? t("place.point")}</strong>
              {place.lat != null && (
                <span class="small quiet number">
                  {" "}
                  {place.lat.toFixed(5)}, {place.lon?.toFixed(5)} ±{Math.round(place.uncertainty_m ?? 0)} m
                </span>
              )}
            </>
          ) : (
            <strong class="warn">{t("place.unknown")}</strong>
          )}
        </span>
        {caller && !place && (
          <Button hint="u" onClick={confirmCaller}>
            {t("place.same")}
          </Button>
        )}
      </div>
      {place && call?.zone && <Doubts zone={call.zone} />}
      <MapView
        label={t("place.map")}
        zone={boundary.value}
        caller={pointOf(caller)}
        emergency={pointOf(place)}
        onPick={(picked) => void open.locate({ ...picked, source: "map_click" })}
      />
    </>
  );
}

type Zone = NonNullable<NonNullable<OpenCall["call"]["value"]>["zone"]>;

/** Whose area it may be, if that is not certain. */
function Doubts({ zone }: { zone: Zone }) {
  const shares = zone.shares ?? [];
  if (shares.length < 2 && zone.owner !== null) return null;
  return (
    <p class="small warn">
      {shares.length < 2
        ? t("zone.nobody")
        : t("zone.doubt", {
            shares: shares
              .map(
                (one) => `${one.regency ? regencyName(one.regency) : t("zone.none")} ${Math.round(one.share * 100)} %`,
              )
              .join(", "),
          })}
    </p>
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
