import type { ComponentChildren } from "preact";

/** A sentence above everything that concerns the whole screen. `urgent` is read out at once. */
export function Banner({ kind, children }: { kind?: "urgent"; children: ComponentChildren }) {
  return (
    <div class="banner" data-kind={kind} role={kind === "urgent" ? "alert" : "status"}>
      <span class="sign" aria-hidden="true">
        {kind === "urgent" ? "!" : "i"}
      </span>
      <div class="grow row">{children}</div>
    </div>
  );
}
