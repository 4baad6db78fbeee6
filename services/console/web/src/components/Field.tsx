import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { keyCap } from "../keys/keys";

interface Props {
  label: string;
  /** What is wrong with the field; read out at once. */
  fault?: string | undefined;
  /** Said below the field, such as who else typed. */
  note?: ComponentChildren;
  hint?: string | undefined;
  /** The control, with the id that the label names. */
  children: (id: string) => ComponentChildren;
}

/** A control with its label, its fault and a note. */
export function Field({ label, fault, note, hint, children }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>
        {label} {hint && <kbd aria-hidden="true">{keyCap(hint)}</kbd>}
      </label>
      {children(id)}
      {fault && <p role="alert">{fault}</p>}
      {note}
    </div>
  );
}
