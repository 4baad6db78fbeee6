import { beforeEach, expect, test, vi } from "vitest";

/** What the server does with each request. */
const server = vi.hoisted(() => {
  const made = { asked: [] as string[], answer: async (): Promise<Response> => new Response("{}") };
  globalThis.fetch = async (asked) => {
    const request = asked as Request;
    made.asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return made.answer();
  };
  return made;
});

import { act, api } from "../src/api/client";
import { draftOf } from "../src/live/draft";
import { keep, kept, keptFields } from "../src/live/kept";
import { sendUnsent, unansweredSteps, unsent } from "../src/live/unsent";
import { forgetPerson } from "../src/session/personal";
import { isHere, storage } from "./storage";

const CALL = "018dbf52-3b80-7c3e-9d7e-1f2a3b4c5d6e";
const away = async () => {
  throw new TypeError("the line is broken");
};

beforeEach(async () => {
  vi.stubGlobal("localStorage", storage());
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await isHere("ani");
  server.asked = [];
  server.answer = async () => Response.json({ version: 1, earlier: [] });
});

test("who has typed nothing goes at once", async () => {
  keep("ani", `${CALL}/note`, { text: " " });
  expect(await sendUnsent()).toEqual([]);
  expect(server.asked).toEqual([]);
});

test("drafts and notes that the server does not have are sent before their writer goes", async () => {
  keep("ani", `${CALL}/note`, { text: "Api" });
  keep("ani", `note on its way/calls/${CALL}/false/key`, { text: "Dua orang di atap" });
  const sending = sendUnsent();
  await vi.advanceTimersByTimeAsync(100);
  expect(await sending).toEqual([]);
  expect(server.asked.sort()).toEqual([`POST /v1/calls/${CALL}/drafts`, `POST /v1/calls/${CALL}/notes`]);
  expect(keptFields("ani", "")).toEqual([]);
});

test("if the server is away, the writer is told after five seconds what would be lost", async () => {
  server.answer = away;
  keep("ani", `${CALL}/place`, { text: "Pasar Lama" });
  const sending = sendUnsent();
  await vi.advanceTimersByTimeAsync(5000);
  const left = { place: `${CALL}/place`, about: "unsent.place", text: "Pasar Lama", sendable: true };
  expect(await sending).toEqual([left]);
  expect(kept("ani", `${CALL}/place`)?.text).toBe("Pasar Lama");
  const asked = server.asked.length;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(server.asked.length).toBe(asked);
});

test("words that their writer has not finished are not sent, and nobody waits for them", async () => {
  keep("ani", "question/q1", { text: "RSUD" });
  expect((await sendUnsent())?.map((one) => [one.about, one.sendable])).toEqual([["unsent.answer", false]]);
  expect(server.asked).toEqual([]);
});

test("a field that is open on a screen is sent by that screen alone", async () => {
  const draft = draftOf("ani", CALL, "note");
  draft.type("Api");
  const sending = sendUnsent();
  await vi.advanceTimersByTimeAsync(1000);
  expect(await sending).toEqual([]);
  expect(server.asked).toEqual([`POST /v1/calls/${CALL}/drafts`]);
  draft.stop();
});

test("if another person signs in meanwhile, nothing is asked of that one", async () => {
  server.answer = away;
  keep("ani", `${CALL}/note`, { text: "Api" });
  const sending = sendUnsent();
  forgetPerson();
  await isHere("budi");
  await vi.advanceTimersByTimeAsync(5000);
  expect(await sending).toBeNull();
  expect(unsent()).toEqual([]);
});

test("steps on their way are waited for, and counted if the server has not answered within five seconds", async () => {
  server.answer = away;
  const params = { path: { call_id: CALL } };
  const step = act((header) =>
    api.POST("/v1/calls/{call_id}/end", { params: { ...params, header }, body: {} as never }),
  );
  const sending = sendUnsent();
  await vi.advanceTimersByTimeAsync(4900);
  let isOver = false;
  void sending.then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(0);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(100);
  expect([await sending, unansweredSteps()]).toEqual([[], 1]);
  server.answer = async () => Response.json({});
  const again = sendUnsent();
  await vi.advanceTimersByTimeAsync(4900);
  await step;
  expect([await again, unansweredSteps()]).toEqual([[], 0]);
});

test("a note on its way is shown word for word, and is no step beside", async () => {
  server.answer = away;
  keep("ani", `note on its way/calls/${CALL}/false/key`, { text: "Dua orang di atap" });
  const sending = sendUnsent();
  await vi.advanceTimersByTimeAsync(5000);
  expect([(await sending)?.length, unansweredSteps()]).toEqual([1, 0]);
  forgetPerson();
});
