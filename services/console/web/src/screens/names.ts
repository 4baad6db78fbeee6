import { batch } from "@preact/signals";
import { api, read, type Schemas } from "../api/client";
import { said, t } from "../i18n/texts";
import { personal } from "../session/personal";
import { regency } from "../session/session";

type Label = { id?: string; en?: string };
type Codes = ReadonlyMap<string, Label>;
type Agencies = ReadonlyMap<string, Schemas["AgencyOut"]>;

/** The regency's agencies by their whole name, such as `17.71/damkar`. */
export const agencies = personal<Agencies>(new Map());
/** Agencies of neighbours that may be told of this regency's incidents. */
export const lentAgencies = personal<Agencies>(new Map());
/** What regencies are called, by their code. */
export const regencyNames = personal<ReadonlyMap<string, Schemas["RegencyName"]>>(new Map());
export const types = personal<Codes>(new Map());
/** What agencies can be wanted for: kinds, capabilities and roles. */
export const wantedFor = personal<Codes>(new Map());
export const dispositions = personal<Codes>(new Map());
export const declineReasons = personal<Codes>(new Map());

/** Reads the agencies: the regency's, and those of neighbours. */
export async function readAgencies(): Promise<void> {
  const own = regency.value?.code ?? "";
  const query = { regency: own, mutual_aid: true };
  const { items } = await read(api.GET("/v1/agencies", { params: { query } }));
  const isOwn = (one: Schemas["AgencyOut"]) => ownerOf(one.agency) === own;
  const byCode = (some: typeof items) => new Map(some.map((one) => [one.agency, one]));
  batch(() => {
    agencies.value = byCode(items.filter(isOwn));
    lentAgencies.value = byCode(items.filter((one) => !isOwn(one)));
  });
}

export async function readRegencyNames(): Promise<void> {
  const { items } = await read(api.GET("/v1/regency-names"));
  regencyNames.value = new Map(items.map((one) => [one.code, one]));
}

/** Reads the regency's code lists. They are read at each opening of a screen, as a pack may have changed. */
export async function readNames(): Promise<void> {
  const query = { regency: regency.value?.code ?? "" };
  const [kinds, ends, reasons, wanted] = await Promise.all([
    read(api.GET("/v1/incident-types", { params: { query } })),
    read(api.GET("/v1/dispositions", { params: { query } })),
    read(api.GET("/v1/decline-reasons", { params: { query } })),
    read(api.GET("/v1/capabilities", { params: { query } })),
    readAgencies(),
    readRegencyNames(),
  ]);
  types.value = codes(kinds.items);
  dispositions.value = codes(ends.items);
  declineReasons.value = codes(reasons.items);
  wantedFor.value = codes(wanted.items);
}

function codes(items: readonly { code: string; label: unknown }[]): Codes {
  return new Map(items.map((one) => [one.code, one.label as Label]));
}

/** The code of the regency that an agency belongs to. */
const ownerOf = (agency: string) => agency.split("/")[0] ?? "";

/** An agency of this regency, or one of a neighbour that may be told. */
export function agencyOf(code: string): Schemas["AgencyOut"] | undefined {
  return agencies.value.get(code) ?? lentAgencies.value.get(code);
}

/** The name of an agency; that of another regency's agency is followed by the regency's name. */
export function agencyName(code: string): string {
  const lent = lentAgencies.value.get(code);
  if (lent) return `${lent.name}, ${regencyName(ownerOf(code))}`;
  return agencies.value.get(code)?.name ?? (code.endsWith("/drill") ? t("agency.drill") : code);
}

/** The name that an object has for its agency, also once the agency may no longer be told; if it has none, `agencyName`. */
export function partName(part: { agency: string; name?: string | null }): string {
  return part.name ?? agencyName(part.agency);
}

/** The name of a regency, or its code if it does not work in this system. */
export function regencyName(code: string): string {
  return regencyNames.value.get(code)?.name ?? code;
}

/** A code that has no words, such as that of a kind which the pack no longer has. */
export function asWritten(code: string): string {
  return code.replaceAll("_", " ");
}

/** The words of a code, or the code as it is written if the list does not have it. */
export function inWords(list: Codes, code: string): string {
  return said(list.get(code)) || asWritten(code);
}

export function typeOf(code: string | null | undefined): string {
  return code ? inWords(types.value, code) : t("type.none");
}

/** What an agency is wanted for, in words. A dispatcher may have named a role that no list has. */
export function wantedName(code: string): string {
  return inWords(wantedFor.value, code);
}

/** A role of an incident, in words: also one that only another regency's pack has. */
export function roleName(needs: readonly Pick<Schemas["NeedOut"], "role" | "role_label">[], role: string): string {
  return said(needs.find((one) => one.role === role)?.role_label) || wantedName(role);
}

/** The regency's own agencies as the choices of a field. */
export function agencyChoices(): (readonly [string, string])[] {
  return [...agencies.value.values()].map((one) => [one.agency, one.name] as const);
}

/** A code list as the choices of a field. */
export function choicesOf(list: Codes): (readonly [string, string])[] {
  return [...list.keys()].map((code) => [code, inWords(list, code)] as const);
}
