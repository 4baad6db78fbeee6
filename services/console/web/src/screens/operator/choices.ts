/** Letters for a list of choices, in the order of the list, without those that a screen has for itself. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz";

export function lettersFor<T>(choices: readonly T[]): (readonly [string, T])[] {
  return choices.slice(0, LETTERS.length).map((choice, place) => [LETTERS[place] ?? "", choice] as const);
}
