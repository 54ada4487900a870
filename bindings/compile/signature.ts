/** What calls of a compiled function must have in common to share a program. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { TensorBase } from "../core/base.ts";
import { address } from "../core/generation.ts";
import { i32 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";

/** The form of an argument: tensors by what they are like, everything else by value. */
export type Form =
  | { kind: "tensor"; meta: number; sizes: readonly number[]; requiresGrad: boolean }
  | { kind: "list"; items: readonly Form[] }
  | { kind: "object"; keys: readonly string[]; items: readonly Form[] }
  | { kind: "value"; value: unknown };

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** dtype and number of dimensions. */
function metaOf(view: Int32Array, p: number): number {
  return view[(p + TensorField.DType) >>> 2] & 0xffff;
}

export function formOf(value: unknown): Form {
  if (value instanceof TensorBase) {
    const { requiresGrad } = value;
    const p = address(value);
    const view = i32();
    const meta = metaOf(view, p);
    const first = (p + TensorField.Dims) >>> 2;
    return { kind: "tensor", meta, sizes: Array.from(view.subarray(first, first + (meta >> 8))), requiresGrad };
  }
  if (Array.isArray(value)) return { kind: "list", items: value.map(formOf) };
  if (!isPlain(value)) return { kind: "value", value };
  return { kind: "object", keys: Object.keys(value), items: Object.values(value).map(formOf) };
}

/** Whether a value has a form. Its tensors are added to `tensors`, in order. */
export function fits(form: Form, value: unknown, tensors: Tensor[]): boolean {
  switch (form.kind) {
    case "tensor": {
      if (!(value instanceof TensorBase) || !tensorFits(form, value)) return false;
      tensors.push(value as Tensor);
      return true;
    }
    case "list":
      return (
        Array.isArray(value) &&
        value.length === form.items.length &&
        form.items.every((item, i) => fits(item, value[i], tensors))
      );
    case "object": {
      if (!isPlain(value)) return false;
      const keys = Object.keys(value);
      return (
        keys.length === form.keys.length &&
        form.keys.every((key, i) => keys[i] === key && fits(form.items[i], value[key], tensors))
      );
    }
    default:
      return Object.is(form.value, value);
  }
}

function tensorFits(form: Form & { kind: "tensor" }, t: TensorBase): boolean {
  const p = address(t);
  const view = i32();
  if (metaOf(view, p) !== form.meta) return false;
  const first = (p + TensorField.Dims) >>> 2;
  const { sizes } = form;
  for (let i = 0; i < sizes.length; i++) if (view[first + i] !== sizes[i]) return false;
  const flags = view[(p + TensorField.DType) >>> 2] >>> 16;
  const requiresGrad = flags & TensorFlag.View ? t.requiresGrad : (flags & TensorFlag.RequiresGrad) !== 0;
  return requiresGrad === form.requiresGrad;
}
