import type { id } from "./id";

/** Texts in English. */
export const en: Record<keyof typeof id, string> = {
  close: "Close",
  demonstration: "DEMONSTRATION: everybody can sign in with every role. Enter no data of real people.",
  "keys.escape": "leave a field, so that single keys work",
  "keys.off": "Single keys are off: switch on",
  "keys.on": "Single keys are on: switch off",
  "keys.show": "show this page's keys",
  "keys.title": "Keys",
  "live.silent": "Connection lost: you see the state of {at} ({ago} ago). The page connects again by itself.",
  "regency.choose": "Which regency?",
  "screen.choose": "Choose a screen",
  "screen.none": "There is no screen for your roles yet ({roles}).",
  "screen.operator": "Operator",
  "session.nothing_lost": "What you typed is not lost. Sign in again to go on.",
  "session.over": "Your session is over",
  "sign_in.demonstration":
    "Demonstration: names and password of the trial accounts are on the screen where `make run` runs.",
  "sign_in.elsewhere":
    "This installation uses the identity provider {issuers}. So far this console signs in at the built-in issuer alone.",
  "sign_in.passphrase": "Password",
  "sign_in.submit": "Sign in",
  "sign_in.title": "Sign in to Sigap 112",
  "sign_in.unreachable": "The server cannot be reached. Check the network, then try again.",
  "sign_in.username": "User name",
  sign_out: "Sign out",
  "theme.dark": "Dark",
  "theme.light": "Light",
  "time.hours": "{hours} h {minutes} m",
};
