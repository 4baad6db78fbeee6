/** What was typed and the server does not have yet. It outlives a crash of the browser, and goes when the server has it. */

const PREFIX = "sigap.kept.";

interface KeptDraft {
  text: string;
  follows?: number;
}

/** Keeps a field's text until `forget`. `owner` is the person's subject: nobody else gets it back. */
export function keep(owner: string, field: string, draft: KeptDraft): void {
  localStorage.setItem(PREFIX + JSON.stringify([owner, field]), JSON.stringify(draft));
}

export function kept(owner: string, field: string): KeptDraft | null {
  const found = localStorage.getItem(PREFIX + JSON.stringify([owner, field]));
  return found === null ? null : (JSON.parse(found) as KeptDraft);
}

export function forget(owner: string, field: string): void {
  localStorage.removeItem(PREFIX + JSON.stringify([owner, field]));
}

/** The fields of a person's kept texts that begin so. */
export function keptFields(owner: string, beginning: string): string[] {
  const fields = names().map((name) => JSON.parse(name.slice(PREFIX.length)) as [string, string]);
  return fields.filter(([of, field]) => of === owner && field.startsWith(beginning)).map(([, field]) => field);
}

export function forgetKept(): void {
  for (const name of names()) localStorage.removeItem(name);
}

function names(): string[] {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
}
