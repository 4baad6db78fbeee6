const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** The choices, each with its letter, in the order of the list. Choices after the 26th are left out. */
export function lettersFor<T>(choices: readonly T[]): (readonly [string, T])[] {
  return choices.slice(0, LETTERS.length).map((choice, place) => [LETTERS[place] ?? "", choice] as const);
}
