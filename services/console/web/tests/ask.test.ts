import { expect, test } from "vitest";
import { newKey } from "../src/api/client";
import { Problem } from "../src/api/problem";
import { carryOut, isOvertaken, valuesOf, type Wish } from "../src/components/wish";

const incident = (priority: string, address: string) => ({
  inputs: [
    { name: "priority", label: "", now: priority },
    { name: "address", label: "", now: address },
  ],
});

test("a field that nobody touched follows what a colleague corrects", () => {
  const own = { address: "Jl. Baru 1" };
  expect(valuesOf(incident("2", "Jl. Lama"), {}, own)).toEqual({ priority: "2", address: "Jl. Baru 1" });
  expect(valuesOf(incident("1", "Jl. Lama"), {}, own)).toEqual({ priority: "1", address: "Jl. Baru 1" });
});

test("what is proposed stands in the field until the person types something else", () => {
  expect(valuesOf(incident("2", ""), { priority: "1" }, {}).priority).toBe("1");
  expect(valuesOf(incident("2", ""), { priority: "1" }, { priority: "3" }).priority).toBe("3");
});

test("a field that the person typed into is overtaken if somebody else changed it meanwhile", () => {
  const [priority, address] = incident("1", "Jl. Lama").inputs;
  const over = { priority: "2" };
  expect(priority && isOvertaken(priority, over)).toBe(true);
  expect(priority && isOvertaken(priority, { priority: "1" })).toBe(false);
  expect(address && isOvertaken(address, over)).toBe(false);
});

/** A wish of an incident that a colleague has changed to version 2, and what was sent of it. */
function behind(address: string) {
  const sent: [string | undefined, number][] = [];
  const of = (version: number, addressThen: string): Wish => ({
    about: "i1 amend",
    title: "",
    go: "",
    version,
    inputs: incident("2", addressThen).inputs,
    refresh: async () => undefined,
    renewed: () => of(2, address),
    send: async (values, _, seen) => {
      sent.push([values.address, seen]);
      const response = new Response(null, { status: seen === 2 ? 200 : 412 });
      return response.ok ? { response } : { response, error: { type: "", title: "", status: 412 } };
    },
  });
  const start = { version: 1, over: { address: "Jl. Lama" }, proposed: {}, stands: undefined, values: {} };
  const go = () => carryOut({ current: of(1, "Jl. Lama") }, start, { address: "Jl. Baru 1" }, {}, newKey());
  return { sent, go };
}

test("a wish is sent again for the later version that was read, though no dialog shows it any more", async () => {
  const { sent, go } = behind("Jl. Lama");
  await go();
  expect(sent).toEqual([
    ["Jl. Baru 1", 1],
    ["Jl. Baru 1", 2],
  ]);
});

test("a wish is not sent again if what the person typed over has changed", async () => {
  const { sent, go } = behind("Jl. Rekan");
  await expect(go()).rejects.toBeInstanceOf(Problem);
  expect(sent.length).toBe(1);
});
