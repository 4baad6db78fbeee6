import { batch, type Signal, signal } from "@preact/signals";

const forgetting: (() => void)[] = [];
let gone = 0;

/** How many persons have gone from this page. */
export const personsGone = () => gone;

/** The person who wanted it has gone: nobody waits for an answer, and nothing is sent for the next one. */
export class PersonGone extends Error {}

/** Does it if another person signs in, and at the end of the session. */
export function whenPersonGoes(forget: () => void): void {
  forgetting.push(forget);
}

/** A signal of what a person is shown or has chosen. When the person goes, it has its first value again. */
export function personal<T>(first: T): Signal<T> {
  const made = signal(first);
  whenPersonGoes(() => (made.value = first));
  return made;
}

/** Forgets what the page has shown to a person and what the person chose and typed: the next one must not find it. */
export function forgetPerson(): void {
  gone++;
  batch(() => {
    for (const forget of forgetting) forget();
  });
}
