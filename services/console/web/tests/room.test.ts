import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** What the server knows of the room, and what it was asked. */
const server = vi.hoisted(() => {
  const made = {
    asked: [] as string[],
    states: {} as Record<string, string>,
    stale: false,
    calls: [] as string[],
    beat: null as (() => Promise<Response>) | null,
  };
  const refused = () => Response.json({ type: "/problems/not-signed-on", title: "", status: 409 }, { status: 409 });
  globalThis.fetch = async (asked) => {
    const request = asked as Request;
    const path = new URL(request.url).pathname.replace("/v1/presence", "");
    made.asked.push(`${request.method} ${path}`);
    if (request.method === "GET") {
      const here = Object.entries(made.states).map(([operator, state]) => ({
        operator,
        state,
        stale: made.stale,
        calls: made.calls,
      }));
      return Response.json({ items: here, next: null });
    }
    if (path === "/heartbeat") return made.beat ? made.beat() : made.states.ani ? Response.json({}) : refused();
    if (path === "/sign-off") delete made.states.ani;
    else made.states.ani = ((await request.json()) as { state: string }).state;
    return Response.json({});
  };
  return made;
});

import { attend, enterRoom, readRoom, signedOff, signOff, signOn } from "../src/screens/room/room";
import { me } from "../src/session/session";

let leave = () => {};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  me.value = { subject: "ani", roles: ["supervisor"] } as never;
  Object.assign(server, { asked: [], states: {}, stale: false, calls: [], beat: null });
  leave = attend();
});
afterEach(() => {
  leave();
  me.value = null;
  vi.useRealTimers();
});

/** All that was begun is done: requests take no timer here. */
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};
const entered = async (signsOn = true) => {
  enterRoom(signsOn);
  await settled();
};
const beats = () => server.asked.filter((one) => one === "POST /heartbeat").length;

test("who opens a screen is available", async () => {
  await entered();
  expect([server.states, signedOff.value]).toEqual([{ ani: "available" }, null]);
});

test("another screen, also after the page began anew, does not end a break", async () => {
  await entered();
  await signOn("break");
  await entered();
  leave();
  leave = attend();
  await entered();
  expect([server.states, beats()]).toEqual([{ ani: "break" }, 1]);
  await vi.advanceTimersByTimeAsync(15_000);
  expect(beats()).toBe(2);
});

test("a screen that signs nobody on says that a person is there who is signed on", async () => {
  server.states.ani = "on_call";
  await entered(false);
  await vi.advanceTimersByTimeAsync(15_000);
  expect([server.states, beats()]).toEqual([{ ani: "on_call" }, 2]);
});

test("it signs nobody on, and does not wake what was left behind", async () => {
  await entered(false);
  expect([server.states, beats()]).toEqual([{}, 0]);
  Object.assign(server, { states: { ani: "break" }, stale: true });
  await entered(false);
  expect([server.states, beats()]).toEqual([{ ani: "break" }, 0]);
});

test("calls that were left behind are somebody's again, whatever the screen", async () => {
  Object.assign(server, { states: { ani: "on_call" }, stale: true, calls: ["01a2"] });
  await entered(false);
  expect([server.states, beats()]).toEqual([{ ani: "on_call" }, 1]);
});

test("who may not sign on is not looked for in the room", async () => {
  me.value = { subject: "ani", roles: ["agency"] } as never;
  await entered(false);
  expect(server.asked).toEqual([]);
});

test("what a person says while the page still signs on is not undone", async () => {
  enterRoom(true);
  await signOn("break");
  await settled();
  expect(server.states).toEqual({ ani: "break" });
});

test("a presence of which nothing was heard any more begins anew", async () => {
  Object.assign(server, { states: { ani: "break" }, stale: true });
  await entered();
  expect(server.states).toEqual({ ani: "available" });
});

test("who signed off at another screen is told at this one, and is not signed on again by it", async () => {
  await entered();
  delete server.states.ani;
  await readRoom();
  expect(signedOff.value).toBe("elsewhere");
  await entered();
  await vi.advanceTimersByTimeAsync(60_000);
  expect([server.states, beats()]).toEqual([{}, 0]);
  await signOn("available");
  expect([server.states, signedOff.value]).toEqual([{ ani: "available" }, null]);
});

test("a heartbeat learns it too, if no stream told it", async () => {
  await entered();
  delete server.states.ani;
  await vi.advanceTimersByTimeAsync(15_000);
  await settled();
  expect([signedOff.value, server.states]).toEqual(["elsewhere", {}]);
});

test("who signs on at the other screen again is there at both", async () => {
  await entered();
  delete server.states.ani;
  await readRoom();
  server.states.ani = "available";
  await readRoom();
  expect(signedOff.value).toBeNull();
});

test("after signing off, another screen of the page does not sign on", async () => {
  await entered();
  await signOff();
  await entered();
  expect([signedOff.value, server.states]).toEqual(["here", {}]);
});

test("a heartbeat that is answered after the sign-off does not sign on again", async () => {
  let answerBeat = () => {};
  await entered();
  server.beat = () =>
    new Promise((resolve) => {
      answerBeat = () => resolve(Response.json({ type: "/problems/not-signed-on", title: "" }, { status: 409 }));
    });
  await vi.advanceTimersByTimeAsync(15_000);
  await signOff();
  answerBeat();
  await settled();
  expect([signedOff.value, server.states]).toEqual(["here", {}]);
});
