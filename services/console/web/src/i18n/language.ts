import { effect, signal } from "@preact/signals";

export type Language = "id" | "en";

const KEPT = "sigap.language";

/** The page's language: what the person chose, by default Indonesian. */
export const language = signal<Language>(initial());

function initial(): Language {
  return typeof localStorage !== "undefined" && localStorage.getItem(KEPT) === "en" ? "en" : "id";
}

if (typeof document !== "undefined") {
  effect(() => {
    document.documentElement.lang = language.value;
    localStorage.setItem(KEPT, language.value);
  });
}
