import { t } from "../../i18n/texts";
import type { Draft } from "../../live/draft";

/** What others type into the same field at this moment, and whether this draft is kept. */
export function Others({ draft }: { draft: Draft }) {
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
