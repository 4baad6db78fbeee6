import type { Point } from "../components/Map";
import { t } from "../i18n/texts";
import { asWritten } from "./names";

const KINDS = ["kecamatan", "kelurahan", "landmark", "road", "rt", "rw"] as const;

/** What a place of the gazetteer is. A pack may have kinds in its own words. */
export function kindOfPlace(kind: string): string {
  const known = KINDS.find((one) => one === kind);
  return known ? t(`place_kind.${known}`) : asWritten(kind);
}

type Place = { [Member in keyof Point]?: number | null };

/** The point of a place; null if it has no coordinates. */
export function pointOf(place: Place | null | undefined): Point | null {
  if (place?.lat == null || place.lon == null) return null;
  return { lat: place.lat, lon: place.lon, uncertainty_m: place.uncertainty_m ?? null };
}

/** The address of a place, or that it is a point or unknown. */
export function placeInWords(place: (Place & { address?: string | null }) | null | undefined): string {
  return place?.address ?? t(place?.lat != null ? "place.point" : "place.unknown");
}
