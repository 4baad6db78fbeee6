import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { type Sound, silence, sound } from "./sound";

interface Props {
  /** The sound as long as it is shown; none: it is quiet. */
  sounds?: Sound | undefined;
  children: ComponentChildren;
}

/** What somebody must look at now: a sign, words, and a sound until it is dealt with. */
export function Alarm({ sounds, children }: Props) {
  useEffect(() => {
    if (!sounds) return;
    sound(sounds);
    return () => silence(sounds);
  }, [sounds]);
  return (
    <div class="banner pulse" data-kind="urgent" role="alert">
      <span class="sign" aria-hidden="true">
        !
      </span>
      <div class="grow">{children}</div>
    </div>
  );
}
