import type { ComponentChildren } from "preact";

interface Props {
  /** Whether it pulses until it is dealt with. */
  pulse?: boolean;
  /** What can be done about it, beside the words. */
  action?: ComponentChildren;
  children: ComponentChildren;
}

/** What somebody must look at now: a sign and words, read out at once. */
export function Banner({ pulse, action, children }: Props) {
  return (
    <div class={pulse ? "banner pulse" : "banner"} role="alert">
      <span class="sign" aria-hidden="true">
        !
      </span>
      <div class="grow">{children}</div>
      {action}
    </div>
  );
}
