import { signal } from "@preact/signals";
import { api, read } from "../../api/client";

type Label = { id?: string; en?: string };

const classes = signal<ReadonlyMap<string, Label>>(new Map());

/** Reads the classes of calls. */
export async function readClasses(): Promise<void> {
  const { items } = await read(api.GET("/v1/call-classes"));
  classes.value = new Map(items.map((one) => [one.code, one.label as Label]));
}

/** The words of a class; its code if the list does not have it. */
export function classLabel(code: string | null): Label {
  return classes.value.get(code ?? "") ?? { id: code ?? "", en: code ?? "" };
}
