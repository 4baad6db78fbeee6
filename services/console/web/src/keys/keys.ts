import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** A key of a screen: what it does, and the words for the help. */
export interface Binding {
  label: string;
  run: () => void;
  /** Not in the help, such as each entry of a list of choices. */
  quiet?: boolean;
}

/** Bindings by key, as `KeyboardEvent.key` says it, letters small; `Ctrl+Enter` is the only one with a modifier. */
export type Bindings = Record<string, Binding>;

const KEPT = "sigap.keys";

/** Whether single keys do anything (WCAG 2.1.4). The person's choice is kept. */
export const keysOn = signal(typeof localStorage === "undefined" || localStorage.getItem(KEPT) !== "off");

export function switchKeys(on: boolean): void {
  keysOn.value = on;
  localStorage.setItem(KEPT, on ? "on" : "off");
}

const layers = signal<Bindings[]>([]);

/** The bindings that hold now, those of the topmost layers first. */
export function bindingsNow(): [string, Binding][] {
  const all = new Map<string, Binding>();
  for (const layer of [...layers.value].reverse()) {
    for (const [key, binding] of Object.entries(layer)) if (!all.has(key)) all.set(key, binding);
  }
  return [...all.entries()];
}

/** The bindings hold as long as the component is shown, above those of components shown before. */
export function useKeys(bindings: Bindings): void {
  useEffect(() => {
    layers.value = [...layers.value, bindings];
    return () => {
      layers.value = layers.value.filter((layer) => layer !== bindings);
    };
  });
}

interface Pressed {
  key: string;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  isComposing?: boolean;
  target: EventTarget | null;
}

/** The name of the pressed key in Bindings; null if the press belongs to the browser or to a field. */
export function nameOf(pressed: Pressed, inField: boolean, on: boolean): string | null {
  if (pressed.isComposing) return null;
  if (pressed.key === "Enter" && pressed.ctrlKey && !pressed.altKey && !pressed.metaKey) return "Ctrl+Enter";
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey || inField) return null;
  if (pressed.key === "Escape") return "Escape";
  if (!on) return null;
  return pressed.key.length === 1 ? pressed.key.toLowerCase() : null;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable);
}

export function listenToKeys(): void {
  window.addEventListener("keydown", (pressed) => {
    const inField = isField(pressed.target);
    if (pressed.key === "Escape" && inField && !pressed.defaultPrevented) {
      (pressed.target as HTMLElement).blur();
      return;
    }
    if (pressed.defaultPrevented || document.querySelector("dialog[open][data-modal]")) return;
    const name = nameOf(pressed, inField, keysOn.value);
    const found = name === null ? undefined : bindingsNow().find(([key]) => key === name);
    if (!found) return;
    pressed.preventDefault();
    found[1].run();
  });
}
