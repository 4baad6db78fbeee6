import { useRef, useState } from "preact/hooks";
import { Banner } from "../../components/Banner";
import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { MapView } from "../../components/Map";
import { said, t } from "../../i18n/texts";
import { useKeys } from "../../keys/keys";
import { wordsOf } from "../../live/refusal";
import { boundary, regency } from "../../session/session";
import { regencyName } from "../names";
import { kindOfPlace, pointOf } from "../places";
import { Others } from "./Others";
import { type Found, locationOf, readPlace } from "./place";
import type { OpenCall } from "./workspace";

interface PlaceProps {
  open: OpenCall;
  field: { current: HTMLInputElement | null };
  /** Offers the call to the regency that the place belongs to. */
  onOffer: () => void;
}

/** Where the emergency is: typed words, a point on the map, or the caller's own place. */
export function Place({ open, field, onOffer }: PlaceProps) {
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
