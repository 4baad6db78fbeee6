import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** What the server does with each request. */
const server = vi.hoisted(() => {
  const made = { asked: [] as string[], answer: async (_path: string): Promise<unknown> => ({}) };
  globalThis.fetch = async (asked) => {
    const path = new URL(asked instanceof Request ? asked.url : asked).pathname;
    made.asked.push(path);
    const answer = await made.answer(path);
    return answer instanceof Response ? answer : Response.json(answer);
  };
  return made;
});

import { allStored, keep, kept, keptFields } from "../src/live/kept";
import { refusal } from "../src/live/refusal";
import { blocks, dossier, readBlocks, screenedCalls } from "../src/screens/blocks/blocks";
import { acceptOffer } from "../src/screens/regencies/regencies";
import { forgetPerson, PersonGone } from "../src/session/personal";
import { chosenScreen, comeBack, me, openCall, signIn, signOut } from "../src/session/session";
import { expired, token } from "../src/session/token";
import { keyOf, storage } from "./storage";

beforeEach(() => {
  vi.stubGlobal("localStorage", storage());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  server.asked = [];
});
afterEach(() => {
  me.value = token.value = openCall.value = chosenScreen.value = null;
  forgetPerson();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const person = (subject: string) => async (path: string) =>
  path === "/v1/me"
    ? { subject, roles: [], regencies: ["*"], keeping_key: keyOf(subject) }
    : { access_token: subject, expires_in: 3600 };

test("who signs out takes the own texts along, and leaves what ani has typed, which nobody else reads", async () => {
  vi.stubGlobal("location", { reload() {} });
  server.answer = person("ani");
  await signIn("ani", "");
  keep("ani", "c1/note", { text: "Api di dapur" });
  await allStored();
  server.answer = person("budi");
  await signIn("budi", "");
  keep("budi", "c2/note", { text: "Pohon tumbang" });
  await allStored();
  expect([kept("ani", "c1/note"), JSON.stringify(localStorage).includes("Api")]).toEqual([null, false]);
  await signOut();
  expect([keptFields("budi", ""), keptFields("ani", "")]).toEqual([[], ["c1/note"]]);
  server.answer = person("ani");
  await signIn("ani", "");
  expect(kept("ani", "c1/note")).toEqual({ text: "Api di dapur" });
});

test.each([
  ["ani", "c1", "dispatcher"],
  ["budi", null, null],
])("after ani, %s finds the call %s and the screen %s", async (subject, call, shown) => {
  server.answer = person("ani");
  await signIn("ani", "");
  [openCall.value, chosenScreen.value] = ["c1", "dispatcher"];
  server.answer = person(subject);
  await signIn(subject, "");
  expect([me.value?.subject, openCall.value, chosenScreen.value]).toEqual([subject, call, shown]);
});

test.each([
  ["ani", true],
  ["budi", false],
])("after ani, %s finds the dossier that was open: %s", async (subject, found) => {
  server.answer = person("ani");
  await signIn("ani", "");
  const shown = [dossier, screenedCalls, blocks] as { value: unknown }[];
  for (const one of shown) one.value = ["+62812"];
  server.answer = person(subject);
  await signIn(subject, "");
  expect(shown.map((one) => JSON.stringify(one.value).includes("+62812"))).toEqual([found, found, found]);
});

test("an answer that ani waited for does not reach budi, whose token carries nothing of ani", async () => {
  server.answer = person("ani");
  await signIn("ani", "");
  const waiting: ((answer: unknown) => void)[] = [];
  server.answer = () => new Promise((resolve) => waiting.push(resolve));
  const reading = readBlocks();
  const wishing = acceptOffer({ id: "t1" });
  await vi.waitUntil(() => waiting.length === 2);
  server.answer = person("budi");
  await signIn("budi", "");
  for (const answer of waiting) answer({ items: [{ id: "b1", state: "proposed" }], next: null });
  expect(await wishing).toBeNull();
  await expect(reading).rejects.toBeInstanceOf(PersonGone);
  expect([blocks.value, refusal.value]).toEqual([[], null]);
});

test("an answer whose body comes after ani has gone does not reach budi", async () => {
  server.answer = person("ani");
  await signIn("ani", "");
  let end = () => {};
  const body = new ReadableStream({
    start(controller) {
      end = () => {
        controller.enqueue(new TextEncoder().encode('{"items":[{"id":"b1","state":"proposed"}],"next":null}'));
        controller.close();
      };
    },
  });
  server.answer = async () => new Response(body, { headers: { "Content-Type": "application/json" } });
  const reading = readBlocks();
  await vi.waitUntil(() => server.asked.some((path) => path.includes("/v1/blocks")));
  server.answer = person("budi");
  await signIn("budi", "");
  end();
  await expect(reading).rejects.toBeInstanceOf(PersonGone);
  expect(blocks.value).toEqual([]);
});

test.each(["/v1/me", "/v1/regencies/17.71"])(
  "a sign-in that fails at %s changes nothing of the session",
  async (bad) => {
    server.answer = person("ani");
    await signIn("ani", "");
    server.answer = async (path) => {
      if (path === bad) return Response.json({ type: "/problems/x", title: "" }, { status: 503 });
      return path === "/v1/me" ? { subject: "budi", roles: [], regencies: ["17.71"] } : person("budi")(path);
    };
    await expect(signIn("budi", "")).rejects.toThrow();
    expect([me.value?.subject, token.value, expired.value]).toEqual(["ani", "ani", false]);
  },
);

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

test.each([
  ["ani", "c1", "dispatcher"],
  ["budi", null, null],
])("after ani, %s comes back from a provider to the call %s and the screen %s", async (subject, call, shown) => {
  vi.stubGlobal("location", new URL("http://sigap.test/console/"));
  const issuer = "https://masuk.test/realms/sigap";
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, aud: "sigap-console", sub: subject, nonce: "n", iat: now, exp: now + 300 };
  const id_token = [{ alg: "RS256" }, claims, {}].map(encoded).join(".");
  server.answer = async (path) => {
    if (path === "/realms/sigap/token") return { ...(await person(subject)(path)), token_type: "Bearer", id_token };
    return path === "/v1/me" ? person(subject)(path) : { issuer, token_endpoint: `${issuer}/token` };
  };
  const provider = { issuer, client_id: "sigap-console", scope: "openid" };
  const attempt = { provider, state: "s", nonce: "n", verifier: "v".repeat(43) };
  const away = { attempt, subject: "ani", screen: "dispatcher", call: "c1", regency: null };
  await comeBack({ answer: new URLSearchParams({ state: "s", code: "c" }), away });
  expect([me.value?.subject, openCall.value, chosenScreen.value]).toEqual([subject, call, shown]);
});
