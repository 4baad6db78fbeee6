/** An OIDC provider in the browser: authorisation code with PKCE, as a public client (RFC 6749, 7636, 9207, 9700). */

import * as oauth from "oauth4webapi";
import { serverAhead } from "./clock";

/** A provider at which people sign in, as the settings name it. */
export interface Provider {
  issuer: string;
  client_id: string;
  scope: string;
}

/** What a provider gave. It is in memory alone. */
export interface Given {
  access_token: string;
  /** How long the token lasts, in seconds. */
  expires_in: number;
  refresh_token?: string;
  id_token?: string;
}

/** A sign-in that has begun. The provider's answer is believed only with its state, and its code works only with the verifier. */
export interface Attempt {
  provider: Provider;
  state: string;
  nonce: string;
  verifier: string;
}

/** The provider cannot be reached, or has no answer now. */
export class ProviderAway extends Error {}

/** The provider says no: to the person, to the code or to the renewal. */
export class ProviderRefuses extends Error {}

/** The provider sends people back to this page. It must be a redirect URI of the client. */
const BACK = "/console/";
const WITHIN_MS = 10_000;
/** How long a token lasts if the provider does not say. */
const UNSAID_SECONDS = 300;

const found = new Map<string, oauth.AuthorizationServer>();

/** Begins to sign in. `address`: where the person signs in. Raises ProviderAway. */
export async function begin(provider: Provider): Promise<{ attempt: Attempt; address: string }> {
  const server = await discovered(provider);
  const attempt: Attempt = {
    provider,
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier: oauth.generateRandomCodeVerifier(),
  };
  const address = new URL(server.authorization_endpoint ?? "");
  const said: Record<string, string> = {
    response_type: "code",
    client_id: provider.client_id,
    redirect_uri: back(),
    scope: provider.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(attempt.verifier),
    code_challenge_method: "S256",
  };
  // What stands behind # is not sent to our server: no log has the code.
  if (server.response_modes_supported?.includes("fragment")) said.response_mode = "fragment";
  for (const [name, value] of Object.entries(said)) address.searchParams.set(name, value);
  return { attempt, address: address.href };
}

/** Takes the provider's answer. Raises ProviderAway, ProviderRefuses; another Error if the answer is not sound. */
export async function finish(attempt: Attempt, answer: URLSearchParams): Promise<Given> {
  const { provider, verifier, nonce, state } = attempt;
  const server = await discovered(provider);
  return heard(async () => {
    const sound = oauth.validateAuthResponse(server, client(provider), answer, state);
    const asked = oauth.authorizationCodeGrantRequest;
    const response = await asked(server, client(provider), oauth.None(), sound, back(), verifier, options(provider));
    const checks = { expectedNonce: nonce };
    return given(await oauth.processAuthorizationCodeResponse(server, client(provider), answered(response), checks));
  });
}

/** A new access token. Raises ProviderAway, ProviderRefuses. */
export async function renewed(provider: Provider, last: Given): Promise<Given> {
  const server = await discovered(provider);
  const refresh = last.refresh_token ?? "";
  return heard(async () => {
    const asked = oauth.refreshTokenGrantRequest;
    const response = await asked(server, client(provider), oauth.None(), refresh, options(provider));
    const more = given(await oauth.processRefreshTokenResponse(server, client(provider), answered(response)));
    return { ...last, ...more };
  });
}

/** Ends the session at the provider too: the browser goes there and comes back. Raises ProviderAway; false: the provider does
 * not offer it.
 */
export async function leave(provider: Provider, last: Given): Promise<boolean> {
  found.delete(provider.issuer); // a provider that is away now would leave the person at an error of the browser
  const { end_session_endpoint: address } = await discovered(provider);
  if (address === undefined) return false;
  // A form is posted, so that the token stands in no address.
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  const said = { client_id: provider.client_id, post_logout_redirect_uri: back(), id_token_hint: last.id_token ?? "" };
  for (const [name, value] of Object.entries(said)) {
    if (value === "") continue;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  document.body.append(form);
  form.submit();
  return true;
}

const back = () => `${location.origin}${BACK}`;

function client(provider: Provider): oauth.Client {
  // The times of an ID token are checked by the server's clock: this computer's may be wrong.
  return { client_id: provider.client_id, [oauth.clockSkew]: Math.round(serverAhead() / 1000) };
}

function options(provider: Provider) {
  return {
    signal: () => AbortSignal.timeout(WITHIN_MS),
    // Only a provider that the settings name with http: a demonstration on one's own computer.
    [oauth.allowInsecureRequests]: provider.issuer.startsWith("http:"),
  };
}

async function discovered(provider: Provider): Promise<oauth.AuthorizationServer> {
  const known = found.get(provider.issuer);
  if (known) return known;
  return heard(async () => {
    const issuer = new URL(provider.issuer);
    const response = await oauth.discoveryRequest(issuer, { ...options(provider), algorithm: "oidc" });
    const server = await oauth.processDiscoveryResponse(issuer, answered(response));
    found.set(provider.issuer, server);
    return server;
  });
}

function answered(response: Response): Response {
  if (response.status >= 500 || response.status === 429) throw new ProviderAway(`HTTP ${response.status}`);
  return response;
}

function given(answer: oauth.TokenEndpointResponse): Given {
  return {
    access_token: answer.access_token,
    expires_in: answer.expires_in ?? UNSAID_SECONDS,
    ...(answer.refresh_token === undefined ? {} : { refresh_token: answer.refresh_token }),
    ...(answer.id_token === undefined ? {} : { id_token: answer.id_token }),
  };
}

/** What is asked of a provider, with its troubles as this module names them. */
async function heard<T>(asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (trouble) {
    if (trouble instanceof oauth.ResponseBodyError || trouble instanceof oauth.AuthorizationResponseError) {
      throw new ProviderRefuses(trouble.error_description ?? trouble.error);
    }
    if (isUnauthorized(trouble)) throw new ProviderRefuses("HTTP 401");
    const broken = trouble instanceof TypeError || trouble instanceof DOMException;
    throw broken ? new ProviderAway(trouble.message) : trouble;
  }
}

/** Whether the answer was a 401 without words. A page of another origin may not see the challenge that comes with it. */
function isUnauthorized(trouble: unknown): boolean {
  if (trouble instanceof oauth.WWWAuthenticateChallengeError) return trouble.status === 401;
  return (
    trouble instanceof oauth.OperationProcessingError &&
    trouble.cause instanceof Response &&
    trouble.cause.status === 401
  );
}
