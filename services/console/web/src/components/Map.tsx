import L from "leaflet";
import "leaflet/dist/leaflet.css";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/texts";

export interface Point {
  lat: number;
  lon: number;
  uncertainty_m?: number | null;
}

interface Props {
  label: string;
  /** The regency's boundary (GeoJSON). */
  zone?: unknown;
  /** What is shown: the caller's place (a circle) and the emergency's (a pin of its own form). */
  caller?: Point | null;
  emergency?: Point | null;
  others?: readonly (Point & { label: string })[];
  /** Cameras, each with its name. */
  cameras?: readonly (Point & { name: string })[] | null;
  onPick?: (point: Point) => void;
}

const CLICK_UNCERTAINTY_PX = 10;
const ABOVE = "above";

/** A map of boundaries and points. It loads nothing: no tiles, no images, no WebGL. */
export function MapView({ label, zone, caller, emergency, others, cameras, onPick }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const map = useRef<L.Map | null>(null);
  const shown = useRef<L.LayerGroup | null>(null);
  const around = useRef<Markers | null>(null);
  const pick = useRef(onPick);
  pick.current = onPick;

  useEffect(() => {
    if (!place.current) return;
    const made = L.map(place.current, { attributionControl: false, zoomControl: false, zoomAnimation: false });
    const style = getComputedStyle(place.current);
    const boundary = L.geoJSON(zone as GeoJSON.GeoJsonObject, {
      interactive: false,
      style: { color: style.getPropertyValue("--line-strong") || "#777", fillOpacity: 0.08, weight: 2 },
    }).addTo(made);
    if (boundary.getBounds().isValid()) made.fitBounds(boundary.getBounds());
    else made.setView([-2.5, 118], 5);
    L.control.scale({ imperial: false }).addTo(made);
    made.createPane(ABOVE).style.zIndex = "450"; // above the other incidents
    around.current = new Markers(made);
    shown.current = L.layerGroup().addTo(made);
    made.on("click", (clicked: L.LeafletMouseEvent) => {
      const metres = made.distance(
        made.containerPointToLatLng([0, 0]),
        made.containerPointToLatLng([CLICK_UNCERTAINTY_PX, 0]),
      );
      pick.current?.({
        lat: clicked.latlng.lat,
        lon: clicked.latlng.lng,
        uncertainty_m: Math.max(1, Math.round(metres)),
      });
    });
    map.current = made;
    return () => {
      made.remove();
      map.current = null;
    };
  }, [zone]);

  // In the page's language, which may change while the map is shown.
  const [zoomIn, zoomOut] = [t("map.zoom_in"), t("map.zoom_out")];
  useEffect(() => {
    if (!map.current) return;
    const control = L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(map.current);
    return () => void control.remove();
  }, [zone, zoomIn, zoomOut]);

  useEffect(() => {
    const layer = shown.current;
    if (!layer) return;
    layer.clearLayers();
    if (caller) {
      L.circle([caller.lat, caller.lon], {
        radius: caller.uncertainty_m ?? 50,
        color: "#767676",
        dashArray: "4 4",
        fillOpacity: 0.1,
        interactive: false,
        pane: ABOVE,
      }).addTo(layer);
    }
    for (const camera of cameras ?? []) {
      const icon = L.divIcon({ className: "map-camera", html: plain("▣"), iconSize: [18, 18] });
      L.marker([camera.lat, camera.lon], { icon, keyboard: false }).bindTooltip(plain(camera.name)).addTo(layer);
    }
    if (emergency) {
      const at: L.LatLngTuple = [emergency.lat, emergency.lon];
      const style = { color: "#c4161f", interactive: false, pane: ABOVE };
      L.circle(at, { ...style, radius: emergency.uncertainty_m ?? 20 }).addTo(layer);
      L.circleMarker(at, { ...style, radius: 6, fillColor: "#fff", fillOpacity: 1, weight: 3 }).addTo(layer);
    }
  }, [
    zone,
    caller?.lat,
    caller?.lon,
    caller?.uncertainty_m,
    emergency?.lat,
    emergency?.lon,
    emergency?.uncertainty_m,
    cameras,
  ]);

  useEffect(() => around.current?.show(others ?? []), [zone, others]);

  // Only if a point moved: where the person has moved the map, it stays.
  useEffect(() => {
    if (emergency) {
      const at: L.LatLngTuple = [emergency.lat, emergency.lon];
      const near = map.current?.getBounds().contains(at) && (map.current?.getZoom() ?? 0) >= 13;
      if (!near) map.current?.setView(at, 14, { animate: false });
    } else if (caller) map.current?.setView([caller.lat, caller.lon], 13, { animate: false });
  }, [zone, caller?.lat, caller?.lon, emergency?.lat, emergency?.lon]);

  return <section ref={place} class="map" aria-label={label} />;
}

/** Markers of many points. Only those that came or went are drawn anew: a board changes many times in a second. */
class Markers {
  #shown = new Map<string, L.CircleMarker>();

  constructor(readonly map: L.Map) {}

  show(points: readonly (Point & { label: string })[]): void {
    const wanted = new Map(points.map((one) => [`${one.lat} ${one.lon} ${one.label}`, one]));
    for (const [key, marker] of this.#shown) {
      if (wanted.has(key)) continue;
      marker.remove();
      this.#shown.delete(key);
    }
    for (const [key, { lat, lon, label }] of wanted) {
      if (this.#shown.has(key)) continue;
      const marker = L.circleMarker([lat, lon], {
        radius: 7,
        color: "#767676",
        weight: 3,
        fillOpacity: 0.6,
      }).bindTooltip(plain(label));
      this.#shown.set(key, marker.addTo(this.map));
    }
  }
}

/** A tooltip whose text is never read as markup. */
function plain(text: string): HTMLElement {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}
