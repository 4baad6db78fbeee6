import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

/** A key of a screen: what it does, and the words for the help. */
interface Binding {
  label: string;
  run: () => void;
  /** Not in the help, such as each entry of a list of choices. */
  quiet?: boolean;
  /** It runs again and again while the key is held, such as a step through a list. All others run once for a press. */
  repeats?: boolean;
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

interface Layer {
  bindings: Bindings;
  over: boolean;
}

// Not a signal: a component that shows the keys and has one of its own would be rendered for ever.
let layers: readonly Layer[] = [];

/** The bindings that hold now. */
export function bindingsNow(): [string, Binding][] {
  return merged(layers);
}

/** Of two layers with the same key the one that lies over the others holds, otherwise the later one. */
export function merged(stacked: readonly Layer[]): [string, Binding][] {
  const ordered = [...stacked.filter((layer) => !layer.over), ...stacked.filter((layer) => layer.over)];
  const all = new Map<string, Binding>();
  for (const layer of ordered) for (const [key, binding] of Object.entries(layer.bindings)) all.set(key, binding);
  return [...all.entries()];
}

/** The bindings hold as long as the component is shown. `over`: they hide the same keys of all other components, such as
 * the letters of an open choice.
 */
export function useKeys(bindings: Bindings, over = false): void {
  // Before the screen is painted: what is pressed as soon as a thing is seen must not go astray.
  useLayoutEffect(() => {
    const layer = { bindings, over };
    layers = [...layers, layer];
    return () => {
      layers = layers.filter((one) => one !== layer);
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

/** What is written on the key. */
export function keyCap(key: string): string {
  return key.length === 1 ? key.toUpperCase() : key;
}

/** What a field or form does at Ctrl+Enter, for its `onKeyDown`. */
export function onCtrlEnter<Press extends KeyboardEvent>(run: (pressed: Press) => void): (pressed: Press) => void {
  return (pressed) => {
    if (pressed.key !== "Enter" || !pressed.ctrlKey) return;
    pressed.preventDefault();
    if (!pressed.repeat) run(pressed);
  };
}

/** What a press that comes again while the key is held does: what the binding says, else what the browser does, or nothing. */
export type Repeated = "run" | "browser" | "nothing";

/** `acted`: what the key did when it was pressed, before it was held. Nothing that acts is done twice by a held key, and it
 * types no letters into the field that it opened. `inLines`: Enter begins a new line there.
 */
export function whenHeld(key: string, acted: Pick<Binding, "repeats"> | null, inLines: boolean): Repeated {
  if (acted) return acted.repeats ? "run" : "nothing";
  return key === "Enter" && !inLines ? "nothing" : "browser";
}

/** Whether keys write something there. Of a ticked box and a list they do not: single keys go on belonging to the page. */
function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches(WRITTEN) || target.isContentEditable);
}

const WRITTEN = "textarea, input:not([type=checkbox], [type=radio])";

function inLines(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.matches("textarea") || target.isContentEditable);
}

export function listenToKeys(): void {
  let acted: { key: string; binding: Binding } | null = null;
  const actedBy = (pressed: KeyboardEvent) => (acted?.key === pressed.key ? acted.binding : null);
  // Before the fields and forms hear of it.
  window.addEventListener(
    "keydown",
    (pressed) => {
      if (!pressed.repeat) acted = null;
      else if (whenHeld(pressed.key, actedBy(pressed), inLines(pressed.target)) === "nothing") pressed.preventDefault();
    },
    true,
  );
  window.addEventListener("keydown", (pressed) => {
    const inField = isField(pressed.target);
    const leaves = inField || pressed.target instanceof HTMLSelectElement;
    if (pressed.key === "Escape" && leaves && !pressed.defaultPrevented) {
      (pressed.target as HTMLElement).blur();
      return;
    }
    if (pressed.defaultPrevented || document.querySelector("dialog[open][data-modal]")) return;
    const name = nameOf(pressed, inField, keysOn.value);
    const found = name === null ? undefined : bindingsNow().find(([key]) => key === name);
    if (!found) return;
    pressed.preventDefault();
    if (pressed.repeat && !actedBy(pressed)) return; // held since before the binding was there
    acted = { key: pressed.key, binding: found[1] };
    found[1].run();
  });
}
