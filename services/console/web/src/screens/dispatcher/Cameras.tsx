import { t } from "../../i18n/texts";
import type { OpenIncident } from "./incident";

const DIRECTIONS = ["n", "ne", "e", "se", "s", "sw", "w", "nw"] as const;

/** The direction of the compass that is nearest to the degrees, clockwise from north. */
export function directionOf(degrees: number): (typeof DIRECTIONS)[number] {
  return DIRECTIONS[Math.round(degrees / 45) % DIRECTIONS.length] ?? "n";
}

/** The cameras near an incident, the nearest first. The picture is in the regency's own video system. */
export function Cameras({ shown }: { shown: OpenIncident }) {
  const cameras = shown.cameras.value;
  if (cameras === null) return <p class="quiet small">{t("loading")}</p>;
  if (cameras.length === 0) return <p class="quiet small">{t("camera.none")}</p>;
  return (
    <ol class="column" aria-label={t("part.cameras")}>
      {cameras.map((one) => (
        <li key={one.code} class="entry">
          <p class="row">
            <bdi class="grow strong any-text">{one.name}</bdi>
            <span class="number">{t("camera.metres", { metres: one.metres })}</span>
          </p>
          <p class="small any-text">
            {one.direction_deg != null &&
              `${t("camera.faces", { direction: t(`direction.${directionOf(one.direction_deg)}`) })} · `}
            {one.code}
            {one.stream_ref && ` · ${t("camera.picture", { name: one.stream_ref })}`}
          </p>
        </li>
      ))}
    </ol>
  );
}
