import { effect, signal } from "@preact/signals";

const KEPT = "sigap.theme";

/** The theme: what the person chose, otherwise what the computer prefers. */
export const theme = signal<"light" | "dark">(
  (localStorage.getItem(KEPT) as "light" | "dark" | null) ??
    (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"),
);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

export function switchTheme(): void {
  theme.value = theme.value === "dark" ? "light" : "dark";
  localStorage.setItem(KEPT, theme.value);
}
