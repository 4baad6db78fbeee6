import type { Signal } from "@preact/signals";
import { t } from "../i18n/texts";
import { personal } from "../session/personal";

/** The lists that have been read for the person who is here. */
const readOnce = personal<ReadonlySet<unknown>>(new Set());

/** Shows a list that was read. */
export function showRead<T>(list: Signal<T>, value: T): void {
  list.value = value;
  if (!readOnce.peek().has(list)) readOnce.value = new Set([...readOnce.peek(), list]);
}

/** Whether a list has been read. Before that it is empty, and nobody knows whether there is something. */
export function isRead(list: unknown): boolean {
  return readOnce.value.has(list);
}

/** What is said in place of an empty list. */
export function emptyWords(list: unknown, words: string): string {
  return isRead(list) ? words : t("loading");
}
