import type { ComponentChildren, JSX } from "preact";
import { keyCap } from "../keys/keys";

interface Props extends Omit<JSX.IntrinsicElements["button"], "icon"> {
  /** `main`: what most people do next; `urgent`: what cannot wait. */
  kind?: "main" | "urgent";
  /** The key that does the same; shown on the button. */
  hint?: string | undefined;
  children: ComponentChildren;
}

export function Button({ kind, hint, children, ...rest }: Props) {
  return (
    <button type="button" class="button" data-kind={kind} {...rest}>
      <span>{children}</span>
      {hint && <kbd aria-hidden="true">{keyCap(hint)}</kbd>}
    </button>
  );
}
