import type { Schemas } from "../../api/client";
import type { Point } from "../../components/Map";
import { typeOf } from "../names";
import { pointOf } from "../places";

export type Incident = Schemas["IncidentOut"];
type Hidden = Schemas["HiddenIncidentOut"];
/** A row of the board. Of a protected incident it may be only that it is there. `order` is the text that sorts it. */
export type Row = (Incident | Hidden) & { order?: string | null };

export function isHidden(row: Row): row is Hidden {
  return row.hidden === true;
}

/** Where the incidents of these rows are, for the map. */
export function pointsOf(all: readonly Row[]): (Point & { label: string })[] {
  return all
    .filter((row): row is Incident => !isHidden(row))
    .flatMap((row) => {
      const point = pointOf(row.place);
      return point ? [{ ...point, label: `${row.number} ${typeOf(row.incident_type)}` }] : [];
    });
}

/** What sorts a row: the board's own order, which the stream renews. */
const keyOf = (row: Row) => `${row.order ?? ""} ${row.id}`;

/** The rows with this one at its place. */
export function withRow(all: readonly Row[], row: Row): Row[] {
  const others = all.filter((one) => one.id !== row.id);
  const key = keyOf(row);
  const place = others.findIndex((one) => keyOf(one) > key);
  others.splice(place < 0 ? others.length : place, 0, row);
  return others;
}

/** The rows of a page with their order. */
export function placed(page: readonly Row[]): Row[] {
  return page.map((row) => ({ ...row, order: (isHidden(row) ? row.order : row.attention?.order) ?? null }));
}

/** The rows after the stream's message has moved or removed one. */
export function moved(all: readonly Row[], subject: string, order: string | null): readonly Row[] {
  const row = all.find((one) => one.id === subject);
  if (row === undefined || row.order === order) return all;
  return order === null ? all.filter((one) => one !== row) : withRow(all, { ...row, order });
}
