let ahead = 0;

/** By how many milliseconds the server's clock is ahead of this computer's. */
export const serverAhead = () => ahead;

/** The present moment by the server's clock, in milliseconds since 1970. Office PCs may be wrong by hours. */
export const serverNow = () => Date.now() + ahead;

const SECOND_MS = 1000;

/** Learns from an answer of our server how far its clock is ahead. `Date` has whole seconds and is as old as the way took, so
 * the answer gives two bounds, and what is known moves only if it lies outside. `sentAt`: when the request was sent, by
 * this computer's clock.
 */
export function compareClocks(answer: Response, sentAt: number): void {
  const said = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isFinite(said)) return;
  ahead = Math.min(Math.max(ahead, said - Date.now()), said + SECOND_MS - sentAt);
}
