import { Unreachable } from "../api/client";
import { Problem } from "../api/problem";
import { t } from "../i18n/texts";
import { PersonGone, personal } from "../session/personal";

/** What was refused, in words; shown until the person has read it. */
export const refusal = personal<string[] | null>(null);

/** The sentences of what went wrong. */
export function wordsOf(trouble: unknown): string[] {
  if (trouble instanceof Problem) return trouble.sentences;
  return [trouble instanceof Unreachable ? t("unreachable") : t("page_fault", { reason: String(trouble) })];
}

/** Does it, and shows what was refused. Returns null then. */
export async function tried<T>(doing: Promise<T>): Promise<T | null> {
  try {
    const done = await doing;
    refusal.value = null;
    return done;
  } catch (trouble) {
    if (!(trouble instanceof PersonGone)) refusal.value = wordsOf(trouble);
    return null;
  }
}

/** Does it, and shows what was refused. Whether it was done. */
export async function attempted(doing: Promise<unknown>): Promise<boolean> {
  return (await tried(doing.then(() => true))) !== null;
}
