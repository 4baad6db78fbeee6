const NAME = "Sigap 112";

/** Names the tab: how many of what need somebody, before the name of the page. */
export function entitle(count: number, what?: string): void {
  document.title = count > 0 ? `(${count}) ${what ? `${what} · ` : ""}${NAME}` : NAME;
}
