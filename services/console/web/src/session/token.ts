import { signal } from "@preact/signals";

/** The access token. It is in memory alone: no storage, address or log has it. */
export const token = signal<string | null>(null);

/** Whether the server takes the token no longer. What was typed stays; the form to sign in lies above it. */
export const expired = signal(false);
