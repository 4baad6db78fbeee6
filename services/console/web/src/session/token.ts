import { signal } from "@preact/signals";

/** The access token. It is in memory alone: no storage, address or log has it. */
export const token = signal<string | null>(null);

/** Whether the server takes the token no longer. What was typed stays; the form to sign in lies above it. */
export const expired = signal(false);

/** The server takes this token no longer. If another has been taken meanwhile, that says nothing about the new one. */
export function tokenIsOver(sent: string | null): void {
  if (sent === token.value) expired.value = true;
}
