/** What this tab must still know when the person comes back from the provider, and how another tab gets its answer. */

import type { Attempt } from "./provider";

const KEPT = "sigap.away";
const NOTICE = "sigap.notice";
const CHANNEL = "sigap.sign-in";
const HEARD_WITHIN_MS = 2000;

/** `screen`, `call` and `regency`: where the person was. `subject`: who it was; null: nobody yet. */
export interface Away {
  attempt: Attempt;
  subject: string | null;
  screen: string | null;
  call: string | null;
  regency: string | null;
}

/** Remembers it while the person is away: in this tab alone, and without any token. */
export function remember(away: Away): void {
  sessionStorage.setItem(KEPT, JSON.stringify(away));
}

/** What was remembered, once: it is removed at the first look. */
export function recall(): Away | null {
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  return text === null ? null : (JSON.parse(text) as Away);
}

/** Remembers a sentence that the page says when it has begun anew. */
export function rememberNotice(text: string): void {
  sessionStorage.setItem(NOTICE, text);
}

/** This sentence, once. */
export function recallNotice(): string | null {
  const text = sessionStorage.getItem(NOTICE);
  sessionStorage.removeItem(NOTICE);
  return text;
}

/** The provider's answer in the page's address; null if there is none. It is taken out of the address and the history. */
export function answerInAddress(): URLSearchParams | null {
  const parts = [location.hash.slice(1), location.search.slice(1)].map((part) => new URLSearchParams(part));
  const answer = parts.find((part) => part.has("state") && (part.has("code") || part.has("error")));
  if (answer === undefined) return null;
  history.replaceState(null, "", location.pathname);
  return answer;
}

/** Gives an answer to the tab that waits for it. False if no tab does. */
export function handOver(answer: URLSearchParams): Promise<boolean> {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(CHANNEL);
    const state = answer.get("state");
    const done = (heard: boolean) => {
      clearTimeout(timer);
      channel.close();
      resolve(heard);
    };
    const timer = setTimeout(() => done(false), HEARD_WITHIN_MS);
    channel.onmessage = (message) => {
      if (message.data.heard === state) done(true);
    };
    channel.postMessage({ answer: answer.toString() });
  });
}

/** Waits for another tab's answer to the attempt. Returns what ends the waiting. */
export function awaitAnswer(attempt: Attempt, take: (answer: URLSearchParams) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (message) => {
    const answer = new URLSearchParams(message.data.answer);
    if (answer.get("state") !== attempt.state) return;
    channel.postMessage({ heard: attempt.state });
    channel.close();
    take(answer);
  };
  return () => channel.close();
}
