/** Comparing backward() with differences of the function itself. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { TensorBase } from "../core/base.ts";
import { GradError, TensorError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { core, f32, i32 } from "../core/wasm.ts";
import { zerosLike } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";
import { grad } from "./backward.ts";
import { withMode } from "./mode.ts";

export interface GradcheckOptions {
  /** Half the distance between the two points of a difference. Default: 1e-2, which suits float32. */
  eps?: number;
  /** Allowed: atol + rtol times the numeric value. Defaults: 1e-2. */
  atol?: number;
  rtol?: number;
  /** false: return false instead. Errors of the function itself are thrown anyway. */
  raiseException?: boolean;
  /** By how much two runs of the same backward may differ. Default: 0. */
  nondetTol?: number;
}

export interface GradgradcheckOptions extends GradcheckOptions {
  /** Gradients of the outputs to check at; fixed ones between -1 and 1 by default. */
  gradOutputs?: Tensor | readonly Tensor[] | null;
}

/** What gradcheck has found, as opposed to errors of the function. */
class Mismatch extends GradError {}

type Fn = (...inputs: Tensor[]) => unknown;

function listOf(value: unknown): Tensor[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const t of list) {
    if (!(t instanceof TensorBase))
      throw new TypeError(`gradcheck: expected Tensors, got ${t === null ? "null" : typeof t}`);
  }
  return list as Tensor[];
}

/** The outputs that gradients can come from. */
function differentiable(value: unknown): Tensor[] {
  return (Array.isArray(value) ? value : [value]).filter((t) => t instanceof TensorBase && t.requiresGrad);
}

function floats(value: unknown): Tensor[] {
  return (Array.isArray(value) ? value : [value]).filter((t) => t instanceof TensorBase && t.isFloatingPoint());
}

/** Position in memory, in elements, of each element in row-major order. */
function positions(t: Tensor): number[] {
  const { shape } = t;
  const strides = t.stride();
  let result = [0];
  for (let dim = 0; dim < shape.length; dim++) {
    const steps = Array.from({ length: shape[dim] }, (_, i) => i * strides[dim]);
    result = result.flatMap((base) => steps.map((step) => base + step));
  }
  return result;
}

/** Reads or writes one element without anybody noticing: no version goes up, nothing is recorded. */
function elementAt(t: Tensor, position: number): number {
  return f32()[(i32()[(address(t) + TensorField.Data) >>> 2] >>> 2) + position];
}

function setElementAt(t: Tensor, position: number, value: number): void {
  core.disturb(i32()[(address(t) + TensorField.Storage) >>> 2]);
  f32()[(i32()[(address(t) + TensorField.Data) >>> 2] >>> 2) + position] = value;
}

/** A row for each element of the input, of the derivatives of all elements of each output. */
function numeric(
  fn: Fn,
  inputs: Tensor[],
  input: Tensor,
  eps: number,
  outputsOf: (value: unknown) => Tensor[],
): number[][][] {
  const evaluate = (): Float64Array[] => outputsOf(fn(...inputs)).map((t) => Float64Array.from(t.data()));
  return positions(input).map((position) => {
    const value = elementAt(input, position);
    const at = (x: number): [number, Float64Array[]] => {
      setElementAt(input, position, x);
      try {
        // The step is what float32 makes of it.
        return [elementAt(input, position), evaluate()];
      } finally {
        setElementAt(input, position, value);
      }
    };
    const [left, low] = at(value - eps);
    const [right, high] = at(value + eps);
    return low.map((values, k) => Array.from(values, (v, i) => (high[k][i] - v) / (right - left)));
  });
}

/** By input, a row for each element of the output. */
function analytic(output: Tensor, inputs: readonly Tensor[]): Float64Array[][] {
  const n = output.numel();
  const rows: Float64Array[][] = inputs.map(() => []);
  for (let j = 0; j < n; j++) {
    const elements = new Float32Array(n);
    elements[j] = 1;
    const unit = output.newTensor(elements).view(output.shape);
    const gradients = grad(output, inputs, { gradOutputs: unit, retainGraph: true, allowUnused: true });
    gradients.forEach((g, i) => {
      if (g && g.shape.join() !== inputs[i].shape.join()) throw new Mismatch("Analytical gradient has incorrect size");
      rows[i].push(g ? Float64Array.from(g.data()) : new Float64Array(inputs[i].numel()));
    });
  }
  return rows;
}

function close(a: number, n: number, atol: number, rtol: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(n)) return Number.isNaN(a) && Number.isNaN(n);
  return a === n || Math.abs(a - n) <= atol + rtol * Math.abs(n);
}

function shown(rows: readonly ArrayLike<number>[]): string {
  return `[${rows.map((row) => `[${Array.from(row, (v) => Number(v.toPrecision(6))).join(", ")}]`).join(",\n ")}]`;
}

/** One row for each element of the input, as PyTorch shows it. */
function transposed(rows: readonly ArrayLike<number>[], columns: number): number[][] {
  return Array.from({ length: columns }, (_, i) => Array.from(rows, (row) => row[i]));
}

function ordinal(i: number): string {
  return `${i}th`;
}

function checkInputs(inputs: readonly Tensor[]): Tensor[] {
  const checked = inputs.filter((t) => t.requiresGrad);
  if (checked.length === 0) {
    throw new TensorError(
      "gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.",
    );
  }
  return checked;
}

function checkLayout(inputs: readonly Tensor[]): void {
  inputs.forEach((t, i) => {
    const strides = t.stride();
    if (!t.requiresGrad || !t.shape.some((size, dim) => strides[dim] === 0 && size > 1)) return;
    throw new Mismatch(
      `The ${ordinal(i)} input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able ` +
        "to compute the numerical gradients correctly. You should call .contiguous() on the input before passing it to gradcheck.",
    );
  });
}

function check(fn: Fn, inputs: Tensor[], checked: readonly Tensor[], options: GradcheckOptions): void {
  const { eps = 1e-2, atol = 1e-2, rtol = 1e-2, nondetTol = 0 } = options;
  checkLayout(inputs);
  const outputs = differentiable(fn(...inputs));
  if (outputs.length === 0) {
    for (const input of checked) {
      const rows = numeric(fn, inputs, input, eps, floats);
      if (rows.some((row) => row.some((values) => values.some((v) => v !== 0)))) {
        throw new Mismatch("Numerical gradient for function expected to be zero");
      }
    }
    return;
  }
  const numericals = checked.map((input) => numeric(fn, inputs, input, eps, differentiable));
  outputs.forEach((output, k) => {
    const first = analytic(output, checked);
    const again = analytic(output, checked);
    checked.forEach((input, i) => {
      const byInput = transposed(first[i], input.numel());
      const expected = numericals[i].map((row) => row[k]);
      const wrong = byInput.some((row, r) => row.some((a, c) => !close(a, expected[r][c], atol, rtol)));
      if (wrong) {
        throw new Mismatch(
          `Jacobian mismatch for output ${k} with respect to input ${inputs.indexOf(input)},\n` +
            `numerical:${shown(expected)}\nanalytical:${shown(byInput)}\n`,
        );
      }
      if (first[i].some((row, r) => row.some((a, c) => !close(a, again[i][r][c], nondetTol, 0)))) {
        throw new Mismatch(
          "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different " +
            `values, although analytical gradient matches numerical gradient. The tolerance for nondeterminism was ${nondetTol}.`,
        );
      }
    });
  });
  checkLinear(fn, inputs, checked);
}

/** Nothing comes of nothing: a backward that ignores what it is given is found by giving it zeros. */
function checkLinear(fn: Fn, inputs: Tensor[], checked: readonly Tensor[]): void {
  const outputs = differentiable(fn(...inputs));
  const gradients = grad(outputs, checked, { gradOutputs: outputs.map((t) => zerosLike(t)), allowUnused: true });
  if (gradients.some((g) => g?.data().some((v) => v !== 0)))
    throw new Mismatch("backward not multiplied by grad_output");
}

function reported(options: GradcheckOptions, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (options.raiseException === false && error instanceof Mismatch) return false;
    throw error;
  }
}

/**
 * Compares the gradients of a function with central differences, for each input that requires grad and each output that has
 * gradients. Stay away from kinks. Inputs are changed meanwhile, element by element, and restored.
 * @param fn of tensors; returns one or several
 * @returns true; false for what would be an error if `raiseException` is false
 * @throws {GradError} "Jacobian mismatch for output 0 with respect to input 0, …"; "Backward is not reentrant, …"; "backward not
 *   multiplied by grad_output"
 * @throws {TensorError} no input that requires grad
 * @see PyTorch torch.autograd.gradcheck, whose defaults are for float64
 * @example autograd.gradcheck((x) => x.sin(), [tensor([0.5, 1], { requiresGrad: true })]) // true
 */
export function gradcheck(fn: Fn, inputs: Tensor | readonly Tensor[], options: GradcheckOptions = {}): boolean {
  const list = listOf(inputs);
  const checked = checkInputs(list);
  return reported(options, () => withMode(true, () => check(fn, list, checked, options), "gradcheck"));
}

/** Values between -1 and 1 that have nothing to do with each other: multiples of the golden ratio. */
function spread(like: Tensor, start: number): Tensor {
  const golden = (Math.sqrt(5) - 1) / 2;
  const values = Float32Array.from({ length: like.numel() }, (_, i) => 2 * (((start + i + 1) * golden) % 1) - 1);
  return like.newTensor(values, { requiresGrad: true }).view(like.shape).detach().requiresGrad_();
}

/**
 * Does for the gradients of a function what gradcheck does for the function: checks second derivatives, with respect to the
 * inputs and to the gradients of the outputs.
 * @see PyTorch torch.autograd.gradgradcheck
 * @example autograd.gradgradcheck((x) => x.sin(), [tensor([0.5, 1], { requiresGrad: true })]) // true
 */
export function gradgradcheck(fn: Fn, inputs: Tensor | readonly Tensor[], options: GradgradcheckOptions = {}): boolean {
  const list = listOf(inputs);
  const sources = checkInputs(list);
  const run = (...args: Tensor[]): Tensor[] => differentiable(withMode(true, () => fn(...args), "gradgradcheck"));
  const given = options.gradOutputs;
  const gradOutputs = given ? listOf(given) : run(...list).map((t, i) => spread(t, i * 101));
  const count = list.length;
  const gradient = (...args: Tensor[]): Tensor[] => {
    const outputs = run(...args.slice(0, count));
    const gradients = grad(outputs, sources, { gradOutputs: args.slice(count), createGraph: true, allowUnused: true });
    return gradients.filter((g): g is Tensor => g !== null);
  };
  return gradcheck(gradient, [...list, ...gradOutputs], options);
}
