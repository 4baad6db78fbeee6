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
  const leave = (asked: Event) => {
    asked.preventDefault();
    onClose?.();
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      data-modal
      aria-labelledby={heading}
      onKeyDown={(pressed) => {
        if (pressed.key === "Escape" && !pressed.isComposing) leave(pressed);
      }}
      onCancel={leave}
      onClose={(closed) => {
        // A browser asks once by `cancel`. If the person wants it again at once, it closes the dialog without asking.
        if (closed.target !== dialog.current) return;
        if (onClose) onClose();
        else dialog.current?.showModal();
      }}
    >
      <div class="column">
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
