import { expect, test } from "vitest";
import { EventParser } from "../src/live/events";

test("a message that arrives in pieces is whole only once", () => {
  const parser = new EventParser();
  expect(parser.take("event: CallReceived\nda")).toEqual([]);
  expect(parser.take('ta: {"a":1}\nid: 7.0\n')).toEqual([]);
  expect(parser.take("\n")).toEqual([{ event: "CallReceived", data: '{"a":1}', id: "7.0" }]);
});

test("a comment is no message", () => {
  expect(new EventParser().take(": still here\n\n")).toEqual([]);
});

test("several lines of data are one text", () => {
  expect(new EventParser().take("data: a\ndata:b\n\n")[0]?.data).toBe("a\nb");
});
