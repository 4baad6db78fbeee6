import { en } from "./en";
import { id } from "./id";
import { language } from "./language";

export type Text = keyof typeof id;

/** A text of the catalogue in the page's language, with its `{places}` filled. */
export function t(text: Text, places: Record<string, string | number> = {}): string {
  const catalogue: Record<Text, string> = language.value === "en" ? en : id;
  return catalogue[text].replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name] ?? whole));
}

/** A language by its ISO 639 code, in the page's language; the code if the browser has no name for it. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames([language.value], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** What the API says in both languages, such as a label of a code list. */
export function said(label: { id?: string; en?: string } | null | undefined): string {
  return label?.[language.value] ?? label?.id ?? "";
}
