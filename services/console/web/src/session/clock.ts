let ahead = 0;

/** By how many milliseconds the server's clock is ahead of this computer's. */
export const serverAhead = () => ahead;

/** Learns it from an answer of our server (`Date`, whole seconds). */
export function compareClocks(answer: Response): void {
  const said = Date.parse(answer.headers.get("Date") ?? "");
  if (Number.isFinite(said)) ahead = said - Date.now();
}
