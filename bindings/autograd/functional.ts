/** PyTorch's torch.autograd.functional: Jacobians, Hessians and their products with vectors. */
import { TensorBase } from "../core/base.ts";
import { GradError } from "../core/errors.ts";
import { stack } from "../ops/cat.ts";
import { zeros, zerosLike } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";
import { grad } from "./backward.ts";
import { withMode } from "./mode.ts";
import type { Gradients } from "./node.ts";

/** One tensor or several; a result has the same form. */
export type Tensors = Tensor | readonly Tensor[];

/** One tensor for one, an array for several. */
export type Like<T> = T extends readonly unknown[] ? Tensor[] : Tensor;

/** By output, if there are several, then by input, if there are several. */
export type JacobianOf<O, I> = O extends readonly unknown[] ? Like<I>[] : Like<I>;

/** By input twice, if there are several. */
export type HessianOf<I> = I extends readonly unknown[] ? Tensor[][] : Tensor;

export interface FunctionalOptions {
  /** The results have a graph, through which they can be differentiated with respect to inputs that require grad. */
  createGraph?: boolean;
  /** Raise, instead of giving zeros, where a result does not depend on an input. */
  strict?: boolean;
}

type Fn<O> = (...inputs: Tensor[]) => O;

function listOf(value: unknown, what: string, caller: string): Tensor[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  list.forEach((t, i) => {
    if (t instanceof TensorBase) return;
    const found = Array.isArray(value) ? `the value at index ${i} of the given ${what}` : `the given ${what}`;
    const type = t === null ? "null" : Array.isArray(t) ? "array" : typeof t;
    throw new TypeError(
      `The ${what} given to ${caller} must be either a Tensor or a tuple of Tensors but ${found} has type ${type}.`,
    );
  });
  return [...(list as Tensor[])];
}

/** Inputs of our own, so that no walk accumulates into the user's; with createGraph they stay connected. */
function prepare(inputs: readonly Tensor[], createGraph: boolean, needGraph: boolean): Tensor[] {
  return inputs.map((t) => (createGraph && t.requiresGrad ? t.viewAs(t) : t.detach().requiresGrad_(needGraph)));
}

function finish(list: readonly Tensor[], createGraph: boolean): Tensor[] {
  return list.map((t) => (createGraph ? t : t.detach()));
}

/** In the form of the user's value. */
function like<F>(form: unknown, list: readonly F[]): F | F[] {
  return Array.isArray(form) ? [...list] : list[0];
}

/** Gradients of those outputs that have any; null for an input that none of them depends on. */
function gradients(
  outputs: Gradients,
  inputs: readonly Tensor[],
  vectors: Gradients,
  createGraph: boolean,
  retainGraph = createGraph,
): Gradients {
  const used = outputs.map((_, i) => i).filter((i) => outputs[i]?.requiresGrad);
  if (used.length === 0) return inputs.map(() => null);
  return grad(
    used.map((i) => outputs[i] as Tensor),
    inputs,
    { gradOutputs: used.map((i) => vectors[i] ?? null), createGraph, retainGraph, allowUnused: true },
  );
}

const NOT_STRICT = "This is not allowed in strict mode.";
const NOT_STRICT_GRAPH = "This is not allowed in strict mode when create_graph=True.";

/** Zeros for gradients that are not there; when strict, an error from `missing` or `constant`. */
function fill(
  list: Gradients,
  inputs: readonly Tensor[],
  { strict = false, createGraph = false }: FunctionalOptions,
  missing: (i: number) => string,
  constant: (i: number) => string,
): Tensor[] {
  return inputs.map((input, i) => {
    const g = list[i];
    if (strict && !g) throw new GradError(missing(i));
    if (strict && createGraph && g && !g.requiresGrad) throw new GradError(constant(i));
    return g ?? zerosLike(input);
  });
}

const independentOfInput = (i: number): string =>
  `The output of the user-provided function is independent of input ${i}. ${NOT_STRICT}`;
const jacobianConstant = (i: number): string =>
  `The jacobian of the user-provided function is independent of input ${i}. ${NOT_STRICT_GRAPH}`;
const hessianConstant = (i: number): string =>
  `The hessian of the user-provided function is independent of input ${i}. ${NOT_STRICT_GRAPH}`;

function requireGradients(outputs: readonly Tensor[], strict: boolean | undefined): void {
  if (!strict) return;
  outputs.forEach((t, i) => {
    if (t.requiresGrad) return;
    throw new GradError(
      `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable ` +
        "manner from the input when running in strict mode.",
    );
  });
}

/** The vector of a product, checked against what it belongs to; `mayBeAbsent` says what to do without. */
function vectorOf(
  v: Tensors | null | undefined,
  others: readonly Tensor[],
  several: boolean,
  caller: string,
  absent: string,
): Gradients {
  if (v === null || v === undefined) {
    if (others.length !== 1 || others[0].numel() !== 1)
      throw new GradError(`The vector v can only be None if ${absent}.`);
    return [null];
  }
  const list = listOf(v, "v", caller);
  if (list.length !== others.length) {
    throw new GradError(
      several
        ? `v is a tuple of invalid length: should be ${others.length} but got ${list.length}.`
        : "The given v should contain a single Tensor.",
    );
  }
  list.forEach((t, i) => {
    const [got, wanted] = [t.shape, others[i].shape];
    if (got.length === wanted.length && got.every((size, k) => size === wanted[k])) return;
    const entry = several ? `Entry ${i} in ` : "";
    throw new GradError(
      `${entry}v has invalid size: should be torch.Size([${wanted.join(", ")}]) but got torch.Size([${got.join(", ")}]).`,
    );
  });
  return list;
}

const ONE_OUTPUT = "the user-provided function returns a single Tensor with a single element";
const ONE_INPUT = "the input to the user-provided function is a single Tensor with a single element";

/** What a function of one element returned. */
function single(output: unknown, caller: string): Tensor {
  const [t, ...rest] = listOf(output, "outputs of the user-provided function", caller);
  if (Array.isArray(output) || rest.length > 0) {
    throw new GradError(`The function given to ${caller} should return a single Tensor`);
  }
  if (t.numel() !== 1) {
    throw new GradError(`The Tensor returned by the function given to ${caller} should contain a single element`);
  }
  return t;
}

const recorded = <T>(fn: () => T, caller: string): T => withMode(true, fn, caller);

/**
 * The derivative of each element of the output by each element of the input: a tensor of the output's shape, then the input's.
 * For several inputs an array of them, for several outputs an array by output. One walk for each element of the output.
 * @param fn of tensors, as many as there are inputs
 * @throws {TypeError} inputs or outputs that are no tensors
 * @throws {GradError} strict: an output that does not depend on an input
 * @see PyTorch torch.autograd.functional.jacobian
 * @example autograd.functional.jacobian((x) => x.pow(2), tensor([1, 2])) // tensor([[2., 0.], [0., 4.]])
 */
export function jacobian<O extends Tensors, I extends Tensors>(
  fn: Fn<O>,
  inputs: I,
  options: FunctionalOptions = {},
): JacobianOf<O, I> {
  const { createGraph = false, strict = false } = options;
  return recorded(() => {
    const xs = prepare(listOf(inputs, "inputs", "jacobian"), createGraph, true);
    const result = fn(...xs);
    const outputs = listOf(result, "outputs of the user-provided function", "jacobian");
    requireGradients(outputs, strict);
    const blocks = outputs.map((out, i) => {
      const rows = rowsOf(out, xs, createGraph, i === outputs.length - 1);
      const all = xs.map((x, k) =>
        rows.map((row) => {
          const g = row[k];
          if (strict && !g) {
            throw new GradError(
              `Output ${i} of the user-provided function is independent of input ${k}. ${NOT_STRICT}`,
            );
          }
          if (strict && createGraph && g && !g.requiresGrad) throw new GradError(jacobianConstant(k));
          return g ?? zerosLike(x);
        }),
      );
      const tensors = xs.map((x, k) => {
        const shape = [...out.shape, ...x.shape];
        return all[k].length === 0 ? zeros(shape) : stack(all[k], 0).view(shape);
      });
      return like(inputs, finish(tensors, createGraph));
    });
    return like(result, blocks) as JacobianOf<O, I>;
  }, "jacobian");
}

/** For each element of the output its gradients by the inputs. The last walk may free the graph. */
function rowsOf(out: Tensor, xs: readonly Tensor[], createGraph: boolean, isLast: boolean): Gradients[] {
  const n = out.numel();
  return Array.from({ length: n }, (_, j) => {
    const elements = new Float32Array(n);
    elements[j] = 1;
    const unit = out.newTensor(elements).view(out.shape);
    return gradients([out], xs, [unit], createGraph, createGraph || !isLast || j < n - 1);
  });
}

/**
 * The second derivatives of a function of one element: result[i][j] has the shape of input i, then of input j; one tensor for
 * one input.
 * @throws {GradError} a function of more than one element
 * @see PyTorch torch.autograd.functional.hessian
 * @example autograd.functional.hessian((x) => x.pow(3).sum(), tensor([1, 2])) // tensor([[6., 0.], [0., 12.]])
 */
export function hessian<I extends Tensors>(fn: Fn<Tensor>, inputs: I, options: FunctionalOptions = {}): HessianOf<I> {
  const xs = listOf(inputs, "inputs", "hessian");
  const scalar = (...list: Tensor[]): Tensor => {
    const output = fn(...list);
    const out = single(output, "hessian");
    requireGradients([out], options.strict);
    return out.squeeze();
  };
  const first = (...list: Tensor[]): Tensor[] => {
    const jacobians = jacobian(scalar, list, { createGraph: true });
    jacobians.forEach((t, i) => {
      if (!options.strict || t.requiresGrad) return;
      throw new GradError(
        `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is ` +
          `independent of the input. ${NOT_STRICT} You should ensure that your function is twice differentiable and that the ` +
          "jacobian depends on the inputs (this would be violated by a linear function for example).",
      );
    });
    return jacobians;
  };
  const blocks = jacobian(first, xs, options);
  return (Array.isArray(inputs) ? blocks : blocks[0][0]) as HessianOf<I>;
}

/**
 * The output, and the gradient of `v · fn(inputs)` by the inputs, in one walk.
 * @param v of the output's shape; may be left out if that has one element
 * @throws {GradError} a vector of another shape
 * @see PyTorch torch.autograd.functional.vjp
 * @example autograd.functional.vjp((x) => x.pow(2), tensor([1, 2]), tensor([1, 10])) // [tensor([1., 4.]), tensor([ 2., 40.])]
 */
export function vjp<O extends Tensors, I extends Tensors>(
  fn: Fn<O>,
  inputs: I,
  v: Tensors | null = null,
  options: FunctionalOptions = {},
): [Like<O>, Like<I>] {
  const { createGraph = false } = options;
  return recorded(() => {
    const xs = prepare(listOf(inputs, "inputs", "vjp"), createGraph, true);
    const result = fn(...xs);
    const outputs = listOf(result, "outputs of the user-provided function", "vjp");
    requireGradients(outputs, options.strict);
    const vectors = vectorOf(v, outputs, Array.isArray(result), "vjp", ONE_OUTPUT);
    const product = fill(
      gradients(outputs, xs, vectors, createGraph),
      xs,
      options,
      independentOfInput,
      jacobianConstant,
    );
    return pair(result, outputs, inputs, product, createGraph);
  }, "vjp");
}

/** Output and product, in the forms of the user's values. */
function pair<A, B>(
  formA: unknown,
  a: readonly Tensor[],
  formB: unknown,
  b: readonly Tensor[],
  createGraph: boolean,
): [Like<A>, Like<B>] {
  return [like(formA, finish(a, createGraph)) as Like<A>, like(formB, finish(b, createGraph)) as Like<B>];
}

/** Something to differentiate the backward by: its value does not matter, as a backward is linear in it. */
function dummies(list: readonly Tensor[]): Tensor[] {
  return list.map((t) => zerosLike(t).requiresGrad_());
}

/**
 * The output, and its change when the inputs change by `v`: by differentiating the backward once more, which is linear in the
 * gradient that it is given.
 * @param v of the input's shape; may be left out if that has one element
 * @see PyTorch torch.autograd.functional.jvp
 * @example autograd.functional.jvp((x) => x.pow(2), tensor([1, 2]), tensor([1, 10])) // [tensor([1., 4.]), tensor([ 2., 40.])]
 */
export function jvp<O extends Tensors, I extends Tensors>(
  fn: Fn<O>,
  inputs: I,
  v: Tensors | null = null,
  options: FunctionalOptions = {},
): [Like<O>, Like<O>] {
  const { createGraph = false, strict = false } = options;
  return recorded(() => {
    const xs = prepare(listOf(inputs, "inputs", "jvp"), createGraph, true);
    const vectors = vectorOf(v, xs, Array.isArray(inputs), "jvp", ONE_INPUT);
    const result = fn(...xs);
    const outputs = listOf(result, "outputs of the user-provided function", "jvp");
    requireGradients(outputs, strict);
    const free = dummies(outputs);
    const backward = gradients(outputs, xs, free, true);
    if (strict) requireDependence(backward);
    const missing = (i: number): string =>
      `The gradient with respect to the input is independent of entry ${i} in the grad_outputs when using the double-backward ` +
      `trick to compute forward mode gradients. ${NOT_STRICT}`;
    const product = fill(gradients(backward, free, vectors, createGraph), outputs, options, missing, jacobianConstant);
    return pair(result, outputs, result, product, createGraph);
  }, "jvp");
}

function requireDependence(list: Gradients): void {
  list.forEach((g, i) => {
    if (!g) throw new GradError(independentOfInput(i));
    if (g.requiresGrad) return;
    throw new GradError(
      `The gradient with respect to input ${i} is independent of the inputs of the user-provided function. ${NOT_STRICT}`,
    );
  });
}

/** What vhp and hvp begin with: the output, and the gradient, which has a graph. */
function gradientOf(fn: Fn<Tensor>, inputs: Tensors, v: Tensors | null, options: FunctionalOptions, caller: string) {
  const xs = prepare(listOf(inputs, "inputs", caller), options.createGraph ?? false, true);
  const vectors = vectorOf(v, xs, Array.isArray(inputs), caller, ONE_INPUT);
  const output = single(fn(...xs), caller);
  requireGradients([output], options.strict);
  return { xs, vectors, output, jacobians: gradients([output], xs, [null], true) };
}

/**
 * The output, and `v` times the Hessian: the gradient of `v · gradient`.
 * @param v of the input's shape; may be left out if that has one element
 * @see PyTorch torch.autograd.functional.vhp
 * @example autograd.functional.vhp((x) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 1]))[1].tolist() // [6, 12]
 */
export function vhp<I extends Tensors>(
  fn: Fn<Tensor>,
  inputs: I,
  v: Tensors | null = null,
  options: FunctionalOptions = {},
): [Tensor, Like<I>] {
  const { createGraph = false } = options;
  return recorded(() => {
    const { xs, vectors, output, jacobians } = gradientOf(fn, inputs, v, options, "vhp");
    const missing = (i: number): string =>
      `The jacobian of the user-provided function is independent of input ${i}. ${NOT_STRICT}`;
    const product = fill(gradients(jacobians, xs, vectors, createGraph), xs, options, missing, hessianConstant);
    return pair<Tensor, I>(output, [output], inputs, product, createGraph);
  }, "vhp");
}

/**
 * The output, and the Hessian times `v`. The same numbers as vhp, which is cheaper, for a Hessian that is symmetric.
 * @param v of the input's shape; may be left out if that has one element
 * @see PyTorch torch.autograd.functional.hvp
 * @example autograd.functional.hvp((x) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 1]))[1].tolist() // [6, 12]
 */
export function hvp<I extends Tensors>(
  fn: Fn<Tensor>,
  inputs: I,
  v: Tensors | null = null,
  options: FunctionalOptions = {},
): [Tensor, Like<I>] {
  const { createGraph = false } = options;
  return recorded(() => {
    const { xs, vectors, output, jacobians } = gradientOf(fn, inputs, v, options, "hvp");
    const free = dummies(xs);
    const backward = gradients(jacobians, xs, free, true);
    const missing = (i: number): string =>
      `The hessian of the user-provided function is independent of entry ${i} in the grad_jacobian. This is not allowed in strict ` +
      "mode as it prevents from using the double backward trick to replace forward mode AD.";
    const product = fill(gradients(backward, free, vectors, createGraph), xs, options, missing, hessianConstant);
    return pair<Tensor, I>(output, [output], inputs, product, createGraph);
  }, "hvp");
}
