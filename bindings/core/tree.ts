/** Tensors in values of any form: alone, in arrays, in plain objects, or in objects of classes that are records. */
import type { Tensor } from "../tensor.ts";
import { TensorBase } from "./base.ts";

/**
 * Whether a value is a plain object, or one of a class that says with `_isRecord` that its objects are what stands in their
 * properties. (A symbol for a name would keep bundlers from dropping the class.)
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype || "_isRecord" in value;
}

/** A value of the same form, with other things in the place of its tensors. */
export function mapTensors(value: unknown, change: (t: Tensor) => unknown): unknown {
  if (value instanceof TensorBase) return change(value as Tensor);
  if (Array.isArray(value)) return value.map((item) => mapTensors(item, change));
  if (!isRecord(value)) return value;
  const changed = Object.entries(value).map(([key, item]) => [key, mapTensors(item, change)]);
  return Object.assign(Object.create(Object.getPrototypeOf(value)), Object.fromEntries(changed));
}

/** The tensors in a value, in order, each once. */
export function tensorsIn(value: unknown): Tensor[] {
  const found = new Set<Tensor>();
  mapTensors(value, (t) => found.add(t));
  return [...found];
}

/** A value of the form of `like`, whose tensors are replaced by those of a list in order. */
export function inForm(like: unknown, list: readonly unknown[]): unknown {
  let at = 0;
  return mapTensors(like, () => list[at++]);
}

/** The tensors in a value, in order, as often as they occur. */
export function leavesOf(value: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapTensors(value, (t) => found.push(t));
  return found;
}
