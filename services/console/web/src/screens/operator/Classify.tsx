import { useState } from "preact/hooks";
import type { Schemas } from "../../api/client";
import { Ask } from "../../components/Ask";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { type Bindings, useKeys } from "../../keys/keys";
import { lettersFor } from "./choices";
import { guidance } from "./desk";
import { className, typeName } from "./FirstLook";
import { correctClass } from "./wishes";
import type { OpenCall } from "./workspace";

/** Class and type. A digit chooses the class; for an emergency a letter then chooses the type. */
export function Classify({ open }: { open: OpenCall }) {
  const [correcting, setCorrecting] = useState<Schemas["ClassifyCall"] | null>(null);
  const call = open.call.value;
  const classes = guidance.value?.classes ?? [];
  const types = lettersFor(guidance.value?.incident_types ?? []);
  const choosing = open.choosing.value;
  const near = [...(open.look.value?.of_number ?? []), ...(open.look.value?.near ?? [])];

  const give = (wish: Schemas["ClassifyCall"]) => {
    const changes = call?.call_class && call.call_class !== wish.call_class;
    if (!changes) return void open.classify(wish);
    open.choosing.value = null;
    setCorrecting(wish);
  };
  const choose = (code: Schemas["CallClass"]) => {
    if (code === "emergency") open.choosing.value = "type";
    else give({ call_class: code });
  };
  const same = near.filter((incident) => incident.number && incident.id !== open.incident.value?.id);

  const bindings: Bindings = {};
  for (const one of classes) {
    if (one.key) bindings[one.key] = { label: said(one.label), run: () => choose(one.code as Schemas["CallClass"]) };
  }
  if (same.length > 0) bindings.s = { label: t("key.same"), run: () => (open.choosing.value = "same") };
  const letters: Bindings = {};
  if (choosing === "type") {
    for (const [letter, type] of types) {
      const wish = { call_class: "emergency", incident_type: type.code } as const;
      if (letter) letters[letter] = { label: said(type.label), quiet: true, run: () => give(wish) };
    }
    letters["0"] = { label: t("type.later"), run: () => give({ call_class: "emergency" }) };
  }
  const belong = (incident: (typeof same)[number]) =>
    give({
      call_class: "emergency",
      incident_type: incident.incident_type ?? null,
      same_incident: incident.id,
    });
  if (choosing === "same") {
    for (const [letter, incident] of lettersFor(same)) {
      if (letter) letters[letter] = { label: incident.number ?? "", quiet: true, run: () => belong(incident) };
    }
  }
  if (choosing === "type" || choosing === "same") {
    letters.Escape = { label: "", quiet: true, run: () => (open.choosing.value = null) };
  }
  useKeys(bindings);
  useKeys(letters, true);

  return (
    <>
      <header>
        <h2>{t("class.title")}</h2>
        {call?.call_class && (
          <strong>
            {className(call.call_class)}
            {call.call_class === "emergency" && ` · ${typeName(call.incident_type)}`}
          </strong>
        )}
      </header>
      {choosing === "type" ? (
        <fieldset class="types" aria-label={t("type.title")}>
          {types.map(([letter, type]) => (
            <Button
              key={type.code}
              hint={letter}
              data-chosen={type.code === call?.incident_type}
              onClick={() => give({ call_class: "emergency", incident_type: type.code })}
            >
              {said(type.label)}
            </Button>
          ))}
          <Button hint="0" onClick={() => give({ call_class: "emergency" })}>
            {t("type.later")}
          </Button>
        </fieldset>
      ) : choosing === "same" ? (
        <div class="column">
          {lettersFor(same).map(([letter, incident]) => (
            <Button key={incident.id} hint={letter} onClick={() => belong(incident)}>
              {incident.number} · {typeName(incident.incident_type)}
            </Button>
          ))}
        </div>
      ) : (
        <div class="types">
          {classes.map((one) => (
            <Button
              key={one.code}
              hint={one.key ?? undefined}
              data-chosen={one.code === call?.call_class}
              onClick={() => choose(one.code as Schemas["CallClass"])}
            >
              {said(one.label)}
            </Button>
          ))}
          {same.length > 0 && (
            <Button hint="s" onClick={() => (open.choosing.value = "same")}>
              {t("class.same")}
            </Button>
          )}
        </div>
      )}
      {correcting && (
        <Ask wish={correctClass(open, className(call?.call_class), correcting)} onClose={() => setCorrecting(null)} />
      )}
    </>
  );
}
