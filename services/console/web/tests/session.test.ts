import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** What the server does with each request. Node's Request takes whole addresses alone. */
const server = vi.hoisted(() => {
  const made = { asked: [] as string[], answer: async (_path: string): Promise<unknown> => ({}) };
  const Whole = globalThis.Request;
  globalThis.Request = class extends Whole {
    constructor(address: RequestInfo | URL, init?: RequestInit) {
      super(typeof address === "string" ? new URL(address, "http://sigap.test") : address, init);
    }
  };
  globalThis.fetch = async (asked) => {
    const path = new URL((asked as Request).url).pathname;
    made.asked.push(path);
    const answer = await made.answer(path);
    return answer instanceof Response ? answer : Response.json(answer);
  };
  return made;
});

import { enterRoom, signedOff, signOff } from "../src/screens/room/room";
import { chosenScreen, me, openCall, signIn } from "../src/session/session";
import { token } from "../src/session/token";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  server.asked = [];
});
afterEach(() => {
  me.value = token.value = openCall.value = chosenScreen.value = null;
  vi.useRealTimers();
});

const person = (subject: string) => async (path: string) =>
  path === "/v1/me" ? { subject, roles: [], regencies: ["*"] } : { access_token: subject, expires_in: 3600 };

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

test("a heartbeat that is answered after the sign-off does not sign on again", async () => {
  let answerBeat = () => {};
  server.answer = (path) =>
    path === "/v1/presence/heartbeat"
      ? new Promise((resolve) => {
          answerBeat = () => resolve(Response.json({ type: "/problems/not-signed-on" }, { status: 409 }));
        })
      : Promise.resolve({ items: [] });
  const leave = enterRoom();
  await vi.advanceTimersByTimeAsync(15_000);
  await signOff();
  answerBeat();
  await vi.waitFor(() => expect(server.asked).toContain("/v1/presence/heartbeat"));
  await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(1000);
  expect(signedOff.value).toBe(true);
  leave();
});
