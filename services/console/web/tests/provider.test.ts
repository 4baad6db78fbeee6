import { afterEach, expect, test, vi } from "vitest";
import { ProviderRefuses, renewed } from "../src/session/provider";

const PROVIDER = { issuer: "https://masuk.test/realms/sigap", client_id: "sigap-console", scope: "openid" };
const DISCOVERY = { issuer: PROVIDER.issuer, token_endpoint: `${PROVIDER.issuer}/token` };

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["with a challenge", { "WWW-Authenticate": 'Bearer realm="sigap"' }],
  ["whose challenge the page may not see", {}],
])("a 401 %s refuses the renewal", async (_, headers) => {
  vi.stubGlobal("fetch", async (asked: string | URL) =>
    String(asked) === DISCOVERY.token_endpoint
      ? new Response(null, { status: 401, headers })
      : Response.json(DISCOVERY),
  );
  const last = { access_token: "a", expires_in: 300, refresh_token: "r" };
  await expect(renewed(PROVIDER, last)).rejects.toBeInstanceOf(ProviderRefuses);
});
