import { beforeEach, expect, test, vi } from "vitest";

/** What the server was asked. */
const server = vi.hoisted(() => {
  const made = { asked: [] as string[] };
  globalThis.fetch = async (asked) => {
    const request = asked as Request;
    made.asked.push(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`);
    return Response.json({});
  };
  return made;
});

import { OpenCall } from "../src/screens/operator/workspace";
import { storage } from "./storage";

beforeEach(() => {
  vi.stubGlobal("localStorage", storage());
  server.asked = [];
});

test("a question about the incident that goes on is answered for that one, not for the call's own that was merged", async () => {
  const open = new OpenCall("c1");
  open.incident.value = { id: "survivor" } as never;
  await open.decideDuplicate("merge", "i3");
  expect(server.asked).toEqual(['POST /v1/incidents/survivor/merge {"other":"i3"}']);
});

test("a late answer to a class leaves the choices that were opened since", async () => {
  const open = new OpenCall("c1");
  const answered = open.classify({ call_class: "prank" });
  open.choosing.value = "type";
  await answered;
  expect(open.choosing.value).toBe("type");
});
