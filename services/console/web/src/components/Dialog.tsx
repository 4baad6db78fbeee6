import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  /** Absent: the dialog cannot be closed without doing what it asks for. */
  onClose?: () => void;
  children: ComponentChildren;
}

/** A modal dialog. The focus goes in, and returns to where it was when it closes. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before the screen is painted: keys pressed as soon as the dialog is asked for belong to it.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-modal
      aria-labelledby={heading}
      onCancel={(asked) => {
        asked.preventDefault();
        onClose?.();
      }}
    >
      <div class="column">
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
