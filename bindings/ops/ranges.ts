/** Tensors made by a rule. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { checkSizes, isOptions, named } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { f32, i32, u8 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { type CreationOptions, tensor, zeros } from "./creation.ts";
import { integer } from "./geometry.ts";

export interface ArangeOptions extends CreationOptions {
  start?: number;
  end?: number;
  step?: number;
}

/**
 * start, start + step, ... below end. One number alone is the end. dtype is int32 if all are integers, as in PyTorch.
 * @throws {ShapeError} a step of 0, or one that leads away from the end
 * @example arange(3).tolist() // [0, 1, 2]
 */
export function arange(...args: (number | ArangeOptions)[]): Tensor {
  const last = args[args.length - 1];
  const hasEnd = isOptions(last) && "end" in last;
  const isEndAlone = !hasEnd && args.filter((arg) => typeof arg === "number").length === 1;
  const given = named<ArangeOptions>("arange", args, isEndAlone ? ["end"] : ["start", "end", "step"]);
  if (given.end === undefined) throw new TypeError("arange(): missing argument 'end'");
  // Integers count with integers.
  const bounds = [given.start ?? 0, given.end, given.step ?? 1];
  const [start, end, step] = given.dtype === "int32" ? bounds.map(Math.trunc) : bounds;
  if (![start, end, step].every(Number.isFinite)) throw new ShapeError(`arange: unsupported range: ${start} -> ${end}`);
  if (step === 0) throw new ShapeError("arange: step must be nonzero");
  if ((end - start) / step < 0) {
    throw new ShapeError("arange: upper bound and larger bound inconsistent with step sign");
  }
  const n = Math.ceil((end - start) / step);
  checkSizes([n], "arange");
  const isInt = [start, end, step].every(Number.isInteger);
  const values = isInt ? new Int32Array(n) : new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = start + i * step;
  return tensor(values, { dtype: given.dtype ?? (isInt ? "int32" : "float32"), requiresGrad: given.requiresGrad });
}

/** Numbers from start to end, from both ends towards the middle, so that the last one is exact. */
function spaced(start: number, end: number, steps: number, caller: string): Float64Array {
  if (integer(steps, caller, "steps") < 0)
    throw new ShapeError(`${caller}: number of steps must be non-negative, got ${steps}`);
  checkSizes([steps], caller);
  const step = steps > 1 ? (end - start) / (steps - 1) : 0;
  const at = (_: unknown, i: number): number => (i < steps / 2 ? start + i * step : end - (steps - 1 - i) * step);
  return Float64Array.from({ length: steps }, at);
}

/**
 * `steps` numbers from start to end, both included, evenly spaced.
 * @example linspace(0, 1, 3).tolist() // [0, 0.5, 1]
 */
export function linspace(start: number, end: number, steps: number, options: CreationOptions = {}): Tensor {
  return tensor(spaced(start, end, steps, "linspace"), { ...options, dtype: options.dtype ?? "float32" });
}

export interface LogspaceOptions extends CreationOptions {
  base?: number;
}

/**
 * `steps` powers of `base` (10 by default) whose exponents are evenly spaced from start to end.
 * @example logspace(0, 2, 3).tolist() // [1, 10, 100]
 */
export function logspace(
  start: number,
  end: number,
  steps: number,
  base?: number | LogspaceOptions,
  options?: LogspaceOptions,
): Tensor {
  const all = named<LogspaceOptions>("logspace", [base, options], ["base"]);
  const values = spaced(start, end, steps, "logspace").map((exponent) => (all.base ?? 10) ** exponent);
  return tensor(values, { dtype: all.dtype ?? "float32", requiresGrad: all.requiresGrad });
}

/** The identity matrix, n by m (n by n if m is left out). @example eye(2).tolist() // [[1, 0], [0, 1]] */
export function eye(n: number, m?: number | CreationOptions | null, options: CreationOptions = {}): Tensor {
  const columns = typeof m === "number" ? m : n;
  const { dtype = "float32", requiresGrad } = isOptions(m) ? (m as CreationOptions) : options;
  checkSizes([n, columns], "eye");
  const matrix = zeros([n, columns], { dtype, requiresGrad });
  const start = i32()[(address(matrix) + TensorField.Data) >>> 2] >>> 0;
  const [elements, first] = dtype === "bool" ? [u8(), start] : [dtype === "int32" ? i32() : f32(), start >>> 2];
  for (let i = 0; i < Math.min(n, columns); i++) elements[first + i * (columns + 1)] = 1;
  return matrix;
}
