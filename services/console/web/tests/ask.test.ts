import { expect, test } from "vitest";
import { isOvertaken, valuesOf } from "../src/components/Ask";

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
