import { api, read, type Schemas } from "../../api/client";

export type Location = Schemas["LocateEmergency"];
export type Found = Schemas["NamedPlace"];

/** What a typed or pasted text means. `problem` is a question to the caller. */
interface Meaning {
  location: Location | null;
  problem: { id?: string; en?: string } | null;
  names: Found[];
}

/** A named place as the emergency's. */
export function locationOf(found: Found): Location {
  return {
    lat: found.lat,
    lon: found.lon,
    uncertainty_m: found.uncertainty_m,
    address: found.name,
    source: "gazetteer",
  };
}

/** The meaning of a reading: a position, else a question to the caller, else the words alone. */
function meaningOf(text: string, reading: Schemas["PlaceReading"]): Meaning {
  const names = reading.names;
  if (reading.position) {
    const { lat, lon, uncertainty_m } = reading.position;
    const location = { lat, lon, uncertainty_m, source: reading.source };
    return { location, problem: null, names };
  }
  if (reading.problem) return { location: null, problem: reading.problem.in_words, names };
  return { location: { address: text, source: "typed" }, problem: null, names };
}

export async function readPlace(regency: string, text: string, near?: Schemas["PlaceOut"] | null): Promise<Meaning> {
  const beside = near?.lat != null && near.lon != null ? { near_lat: near.lat, near_lon: near.lon } : {};
  return meaningOf(
    text,
    await read(api.GET("/v1/places/reading", { params: { query: { regency, text, ...beside } } })),
  );
}
