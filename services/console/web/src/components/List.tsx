import type { ComponentChildren } from "preact";

interface Props<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  children: (item: T, place: number) => ComponentChildren;
  empty: string;
}

/** A list of entries; says so if there are none. It can be reached and scrolled by keyboard. */
export function List<T>({ label, items, keyOf, children, empty }: Props<T>) {
  if (items.length === 0) return <p class="quiet small">{empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <ol class="list" aria-label={label} tabIndex={0}>
      {items.map((item, place) => (
        <li key={keyOf(item)}>{children(item, place)}</li>
      ))}
    </ol>
  );
}
