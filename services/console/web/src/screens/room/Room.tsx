import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { said, t } from "../../i18n/texts";
import { clock } from "../../i18n/times";
import { attempted, wordsOf } from "../../live/refusal";
import { agencyName } from "../names";
import {
  colleagues,
  type Left,
  nameOfPerson,
  offerCall,
  offerCallback,
  peopleHere,
  presence,
  releaseCallback,
  signedOff,
  signOff,
  signOn,
} from "./room";

const STATES: readonly Schemas["PresenceState"][] = ["available", "on_call", "wrap_up", "break", "away"];

export interface LeftWords {
  /** How people name the call or the callback. */
  words: string;
  offeredTo: string | null;
}

interface Props {
  /** What is known of a call, to name it. */
  callOf?: (id: string) => LeftWords | null;
  /** What is known of a callback, to name it. */
  callbackOf?: (id: string) => LeftWords | null;
  onOpenCall?: (id: string) => void;
  /** Leads to the handover of incidents; absent: this screen has none. */
  onHandover?: () => void;
}

/** The person's own state, who else is there, and the end of the duty. */
export function Room(props: Props) {
  const [leaving, setLeaving] = useState(false);
  return (
    <section class="panel" aria-label={t("room.title")}>
      <Field label={t("room.own")}>
        {(id) => (
          <select
            id={id}
            value={signedOff.value ? "" : (presence.value?.state ?? "available")}
            onChange={(event) => void attempted(signOn(event.currentTarget.value as Schemas["PresenceState"]))}
          >
            {signedOff.value && <option value="">{t("room.signed_off")}</option>}
            {STATES.map((state) => (
              <option key={state} value={state}>
                {t(`presence.${state}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <ul class="small" aria-label={t("room.title")}>
        {colleagues.value.map((one) => (
          <li key={one.id} class="row">
            <bdi class="grow any-text">{one.name ?? one.operator}</bdi>
            <span class={one.stale ? "urgent" : "quiet"}>{one.stale ? t("room.stale") : said(one.label)}</span>
          </li>
        ))}
      </ul>
      {!signedOff.value && (
        <div>
          <Button onClick={() => setLeaving(true)}>{t("sign_off.title")}</Button>
        </div>
      )}
      {leaving && <SignOff {...props} onClose={() => setLeaving(false)} />}
    </section>
  );
}

/** Signing off. What is left behind is named, each with what can be done about it. */
function SignOff({ callOf, callbackOf, onOpenCall, onHandover, onClose }: Props & { onClose: () => void }) {
  const [left, setLeft] = useState<Left | null>(null);
  const [faults, setFaults] = useState<string[]>([]);
  const [waits, setWaits] = useState(false);
  const go = async (leaveCalls: boolean) => {
    setWaits(true);
    setFaults([]);
    try {
      const still = await signOff(leaveCalls);
      setLeft(still);
      if (still === null) onClose();
    } catch (trouble) {
      setFaults(wordsOf(trouble));
    }
    setWaits(false);
  };
  const release = async (id: string) => {
    await releaseCallback(id);
    await go(false);
  };
  const open = (id: string) => {
    onClose();
    onOpenCall?.(id);
  };
  return (
    <Dialog title={t("sign_off.title")} onClose={onClose}>
      {faults.map((sentence) => (
        <p key={sentence} role="alert" class="urgent any-text">
          {sentence}
        </p>
      ))}
      {left === null ? (
        <p>{t("sign_off.about")}</p>
      ) : (
        <div role="alert" class="column">
          <p class="warn">{t("sign_off.left")}</p>
          {[...left.calls, ...left.not_classified].map((id) => (
            <LeftBehind
              key={id}
              known={callOf?.(id) ?? null}
              title={t(left.calls.includes(id) ? "sign_off.call" : "sign_off.no_class")}
              offer={(to) => offerCall(id, to)}
            >
              {onOpenCall && <Button onClick={() => open(id)}>{t("sign_off.open")}</Button>}
            </LeftBehind>
          ))}
          {left.callbacks.map((id) => (
            <LeftBehind
              key={id}
              known={callbackOf?.(id) ?? null}
              title={t("sign_off.callback")}
              offer={(to) => offerCallback(id, to)}
            >
              <Button onClick={() => void release(id)}>{t("callbacks.release")}</Button>
            </LeftBehind>
          ))}
          {left.unacknowledged.map((one) => (
            <p key={one.forwarding_id} class="any-text">
              {t("sign_off.unacknowledged", {
                number: one.number,
                agency: agencyName(one.agency),
                at: one.acknowledge_by ? clock(one.acknowledge_by, false) : "–",
              })}
            </p>
          ))}
          {left.unacknowledged.length > 0 &&
            (onHandover ? (
              <div>
                <Button
                  onClick={() => {
                    onClose();
                    onHandover();
                  }}
                >
                  {t("shift.title")}
                </Button>
              </div>
            ) : (
              <p class="small quiet">{t("sign_off.dispatcher")}</p>
            ))}
        </div>
      )}
      <div class="row">
        <Button kind="main" disabled={waits} onClick={() => void go(false)}>
          {t(left === null ? "sign_off.do" : "sign_off.again")}
        </Button>
        {left !== null && (
          <Button kind="urgent" disabled={waits} onClick={() => void go(true)}>
            {t("sign_off.leave")}
          </Button>
        )}
        <Button onClick={onClose}>{t("ask.not_now")}</Button>
      </div>
    </Dialog>
  );
}

interface LeftProps {
  known: LeftWords | null;
  title: string;
  /** Asks a colleague to take it. */
  offer: (to: string) => Promise<boolean>;
  /** What else can be done about it. */
  children?: ComponentChildren;
}

/** A call or a callback that is left behind: it is passed to a colleague, who accepts. */
function LeftBehind({ known, title, offer, children }: LeftProps) {
  const [to, setTo] = useState("");
  const [offered, setOffered] = useState<string | null>(known?.offeredTo ?? null);
  const ask = async () => {
    if (await offer(to)) setOffered(to);
  };
  return (
    <fieldset class="column" aria-label={`${title} ${known?.words ?? ""}`}>
      <span class="row">
        <span class="grow any-text">
          {title} <bdi class="strong">{known?.words}</bdi>
        </span>
        {children}
      </span>
      {offered && <span class="small warn any-text">{t("pass.waits", { name: nameOfPerson(offered) })}</span>}
      <span class="row">
        <select
          class="grow"
          aria-label={t("pass.to")}
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        >
          <option value="">{t("ask.choose")}</option>
          {peopleHere().map(([subject, name]) => (
            <option key={subject} value={subject}>
              {name}
            </option>
          ))}
        </select>
        <Button disabled={to === ""} onClick={() => void ask()}>
          {t("pass.do")}
        </Button>
      </span>
    </fieldset>
  );
}
