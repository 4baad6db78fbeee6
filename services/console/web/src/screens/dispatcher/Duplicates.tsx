import { api } from "../../api/client";
import { Button } from "../../components/Button";
import { said, t } from "../../i18n/texts";
import { show } from "./board";
import type { OpenIncident } from "./incident";
import type { Incident } from "./row";

const DECISIONS = [
  ["merge", "duplicate.merge"],
  ["links", "duplicate.link"],
  ["rejected-duplicates", "duplicate.reject"],
] as const;

/** The incidents that may be the same, with what can be decided about each. */
export function Duplicates({ shown, incident }: { shown: OpenIncident; incident: Incident }) {
  const path = { incident_id: incident.id };
  const decide = (what: (typeof DECISIONS)[number][0], other: string) =>
    void shown.step((header) =>
      api.POST(`/v1/incidents/{incident_id}/${what}`, { params: { path, header }, body: { other } }),
    );
  return (
    <>
      {incident.suggestions.map((one) => (
        <section key={one.other} class="panel">
          <p class="any-text">
            <strong class="warn">{t("duplicate.maybe", { number: one.number })}</strong>{" "}
            <span class="small">{one.reasons.map((reason) => said(reason.in_words)).join("; ")}</span>
          </p>
          <div class="row">
            <Button onClick={() => show(one.other)}>{t("duplicate.look")}</Button>
            {DECISIONS.map(([what, words]) => (
              <Button key={what} onClick={() => decide(what, one.other)}>
                {t(words)}
              </Button>
            ))}
          </div>
        </section>
      ))}
    </>
  );
}
