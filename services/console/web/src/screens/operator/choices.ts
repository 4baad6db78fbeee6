/** Without J and N, by which an operator answers the next call and turns to another one, also while a choice is open. */
const LETTERS = "abcdefghiklmopqrstuvwxyz";

/** The choices, each with its letter, in the order of the list. Choices beyond the letters have none. */
export function lettersFor<T>(choices: readonly T[]): (readonly [string | undefined, T])[] {
  return choices.map((choice, place) => [LETTERS[place], choice] as const);
}
