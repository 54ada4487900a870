/**
 * Transformations of functions, made of walks over the tape. They nest: what they are applied to may use them, or tensors
 * that require grad, and is differentiated through.
 */
import { grad as gradientsOf } from "../autograd/backward.ts";
import { isGradEnabled, withMode } from "../autograd/mode.ts";
import { sourcesBehind } from "../autograd/traverse.ts";
import { whilePinned } from "../core/dispatch.ts";
import { GradError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { inForm, leavesOf, mapTensors } from "../core/tree.ts";
import { stack } from "../ops/cat.ts";
import { zeros, zerosLike } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";

// biome-ignore lint/suspicious/noExplicitAny: users' functions take and return what they like
type Any = any;
type Fn = (...args: Any[]) => Any;

export interface GradOptions {
  /** Which arguments to differentiate by: a position, or several. Default: 0. */
  argnums?: number | readonly number[];
  /** The function returns [value, other things], which are handed on. */
  hasAux?: boolean;
}

/** Which arguments, alone or by name. */
type Argnums = number | readonly number[] | Pick<GradOptions, "argnums">;

function argnumsIn(options: Argnums): number | readonly number[] {
  return typeof options === "number" || Array.isArray(options) ? options : ((options as GradOptions).argnums ?? 0);
}

/** Tensors of our own in the place of an argument's: connected to the user's where those are part of a graph. */
function own(value: unknown, recorded: boolean): unknown {
  return mapTensors(value, (t) => (recorded && t.requiresGrad ? t.viewAs(t) : t.detach().requiresGrad_()));
}

/** Whether gradients have to be differentiable: something else than our own tensors requires grad. */
function needsGraph(outputs: readonly Tensor[], mine: readonly Tensor[], recorded: boolean): boolean {
  if (!recorded) return false;
  return whilePinned(() => {
    const known = new Set(mine.map((t) => address(t)));
    return sourcesBehind(outputs).some((source) => source.kind === "leaf" && !known.has(source.id));
  });
}

/** Gradients in the form of `inputs`; zeros where an output does not depend on a tensor. */
function pullBack(
  outputs: readonly Tensor[],
  mine: readonly Tensor[],
  vectors: readonly (Tensor | null)[],
  createGraph: boolean,
  keep: boolean,
): Tensor[] {
  const used = outputs.map((_, i) => i).filter((i) => outputs[i].requiresGrad);
  if (used.length === 0) return mine.map((t) => zerosLike(t));
  const gradients = gradientsOf(
    used.map((i) => outputs[i]),
    mine,
    { gradOutputs: used.map((i) => vectors[i]), createGraph, retainGraph: createGraph || keep, allowUnused: true },
  );
  return gradients.map((g, i) => g ?? zerosLike(mine[i]));
}

/** Arguments at `argnums` exchanged for tensors of our own, which are listed. */
function exchanged(args: readonly unknown[], argnums: number | readonly number[], recorded: boolean, caller: string) {
  const positions = (typeof argnums === "number" ? [argnums] : argnums).map((n) => (n < 0 ? n + args.length : n));
  for (const n of positions) {
    if (!Number.isInteger(n) || n < 0 || n >= args.length) {
      throw new RangeError(`${caller}: argnums ${String(argnums)} is out of range for ${args.length} arguments`);
    }
  }
  const inputs = positions.map((n) => own(args[n], recorded));
  const all = args.map((arg, i) => (positions.includes(i) ? inputs[positions.indexOf(i)] : arg));
  const form = typeof argnums === "number" ? inputs[0] : inputs;
  return { all, form, mine: leavesOf(form) };
}

function detached(value: unknown): unknown {
  return mapTensors(value, (t) => t.detach());
}

interface GradAndValue {
  gradient: unknown;
  value: unknown;
}

function evaluate(
  fn: Fn,
  args: readonly unknown[],
  { argnums = 0, hasAux = false }: GradOptions,
  caller: string,
): GradAndValue {
  const recorded = isGradEnabled();
  return withMode(
    true,
    () => {
      const { all, form, mine } = exchanged(args, argnums, recorded, caller);
      const returned: unknown = fn(...all);
      const [output, aux] = hasAux ? (returned as [Tensor, unknown]) : [returned as Tensor, null];
      if (leavesOf(output).length !== 1 || output.numel() !== 1) {
        throw new GradError(`${caller}: expected the function to return a scalar tensor, got ${describe(output)}`);
      }
      const createGraph = needsGraph([output], mine, recorded);
      const gradient = inForm(form, pullBack([output], mine, [zerosLike(output).add(1)], createGraph, false));
      const value = createGraph ? output : output.detach();
      return { gradient, value: hasAux ? [value, createGraph ? aux : detached(aux)] : value };
    },
    caller,
  );
}

function describe(value: unknown): string {
  const tensors = leavesOf(value);
  return tensors.length === 1 ? `a tensor of shape [${tensors[0].shape.join(", ")}]` : `${tensors.length} tensors`;
}

/**
 * The function that computes the gradient of `fn`, which returns one element. Arguments may be tensors, or arrays and plain
 * objects of them; the gradient has their form.
 * @throws {GradError} when called: a function that returns anything else than one element
 * @see PyTorch torch.func.grad
 * @example func.grad((x) => x.sin())(tensor(0)) // tensor(1.)
 */
export function grad(fn: Fn, options: GradOptions = {}): (...args: Any[]) => Any {
  return (...args) => {
    const { gradient, value } = evaluate(fn, args, options, "func.grad");
    return options.hasAux ? [gradient, (value as unknown[])[1]] : gradient;
  };
}

/**
 * The function that computes the gradient of `fn` and its value: [gradient, value], or [gradient, [value, aux]].
 * @see PyTorch torch.func.grad_and_value
 * @example func.gradAndValue((x) => x.pow(2).sum())(tensor([3])) // [tensor([6.]), tensor(9.)]
 */
export function gradAndValue(fn: Fn, options: GradOptions = {}): (...args: Any[]) => [Any, Any] {
  return (...args) => {
    const { gradient, value } = evaluate(fn, args, options, "func.gradAndValue");
    return [gradient, value];
  };
}

/**
 * The output of a function, and the function that takes a gradient of that output to gradients of the arguments; may be called
 * any number of times.
 * @see PyTorch torch.func.vjp
 * @example
 * const [y, pullback] = func.vjp((x) => x.sin(), tensor([0, 1]));
 * pullback(ones([2]))[0]; // tensor([1.0000, 0.5403])
 */
export function vjp(fn: Fn, ...primals: Any[]): [Any, (...cotangents: Any[]) => Any[]] {
  const recorded = isGradEnabled();
  return withMode(
    true,
    () => {
      const inputs = primals.map((primal) => own(primal, recorded));
      const mine = leavesOf(inputs);
      const output: unknown = fn(...inputs);
      const outputs = leavesOf(output);
      const createGraph = needsGraph(outputs, mine, recorded);
      const pullback = (...cotangents: Any[]): Any[] => {
        const vectors = leavesOf(cotangents);
        checkShapes(vectors, outputs, "vjp");
        const graph = createGraph || (isGradEnabled() && vectors.some((v) => v.requiresGrad));
        return inForm(
          inputs,
          withMode(true, () => pullBack(outputs, mine, vectors, graph, true), "vjp"),
        ) as Any[];
      };
      return [createGraph ? output : detached(output), pullback];
    },
    "func.vjp",
  );
}

function checkShapes(got: readonly Tensor[], wanted: readonly Tensor[], caller: string): void {
  if (got.length !== wanted.length)
    throw new GradError(`${caller}: expected ${wanted.length} tensors, got ${got.length}`);
  got.forEach((t, i) => {
    if (t.shape.join() === wanted[i].shape.join()) return;
    throw new GradError(
      `${caller}: expected a tensor of shape [${wanted[i].shape.join(", ")}], got [${t.shape.join(", ")}]`,
    );
  });
}

/**
 * The output of a function, and its change along `tangents`, by differentiating the backward, which is linear in its gradient.
 * @param primals the arguments, in an array   @param tangents their changes, in the same form
 * @see PyTorch torch.func.jvp
 * @example func.jvp((x) => x.sin(), [tensor(0)], [tensor(2)])[1] // tensor(2.)
 */
export function jvp(fn: Fn, primals: readonly Any[], tangents: readonly Any[]): [Any, Any] {
  const recorded = isGradEnabled();
  return withMode(
    true,
    () => {
      const inputs = primals.map((primal) => own(primal, recorded));
      const mine = leavesOf(inputs);
      const directions = leavesOf(tangents);
      checkShapes(directions, mine, "jvp");
      const output: unknown = fn(...inputs);
      const outputs = leavesOf(output);
      const free = outputs.map((t) => zerosLike(t).requiresGrad_());
      const createGraph = needsGraph([...outputs, ...directions], mine, recorded);
      const backward = pullBack(outputs, mine, free, true, true);
      const changes = pullBack(backward, free, directions, createGraph, false);
      return [createGraph ? output : detached(output), inForm(output, changes)];
    },
    "func.jvp",
  );
}

/** The elements of the standard basis in the shape of a tensor. */
function basis(t: Tensor): Tensor[] {
  const n = t.numel();
  return Array.from({ length: n }, (_, j) => {
    const elements = new Float32Array(n);
    elements[j] = 1;
    return t.newTensor(elements).view(t.shape);
  });
}

function stacked(rows: readonly Tensor[], shape: readonly number[]): Tensor {
  return rows.length === 0 ? zeros([...shape]) : stack(rows, 0).view(shape);
}

/**
 * The function that computes the derivatives of all elements of `fn` by all elements of an argument, output by output: shapes
 * are the output's, then the argument's. In the form of the output, and within it of the arguments.
 * @see PyTorch torch.func.jacrev
 * @example func.jacrev((x) => x.pow(2))(tensor([1, 2])) // tensor([[2., 0.], [0., 4.]])
 */
export function jacrev(fn: Fn, options: Argnums = 0): (...args: Any[]) => Any {
  const argnums = argnumsIn(options);
  return (...args) => {
    const recorded = isGradEnabled();
    return withMode(
      true,
      () => {
        const { all, form, mine } = exchanged(args, argnums, recorded, "func.jacrev");
        const output: unknown = fn(...all);
        return mapTensors(output, (out) => {
          const createGraph = needsGraph([out], mine, recorded);
          const rows = basis(out).map((unit) => pullBack([out], mine, [unit], createGraph, true));
          const blocks = mine.map((t, k) =>
            stacked(
              rows.map((row) => row[k]),
              [...out.shape, ...t.shape],
            ),
          );
          return inForm(form, blocks);
        });
      },
      "func.jacrev",
    );
  };
}

/**
 * The same as jacrev, computed input by input: cheaper where there are fewer inputs than outputs. Of one argument, which is a
 * tensor.
 * @see PyTorch torch.func.jacfwd
 * @example func.jacfwd((x) => x.pow(2))(tensor([1, 2])) // tensor([[2., 0.], [0., 4.]])
 */
export function jacfwd(fn: Fn, options: number | { argnums?: number } = 0): (...args: Any[]) => Any {
  const argnum = argnumsIn(options) as number;
  return (...args) => {
    const x: Tensor = args[argnum];
    const along = (input: Any): Any => fn(...args.map((arg, i) => (i === argnum ? input : arg)));
    const columns = basis(x).map((unit) => leavesOf(jvp(along, [x], [unit])[1]));
    const output: unknown = withMode(false, () => along(x), "func.jacfwd");
    let at = 0;
    return mapTensors(output, (out) => {
      const k = at++;
      const shape = [...x.shape, ...out.shape];
      const block = stacked(
        columns.map((column) => column[k]),
        shape,
      );
      const { length } = x.shape;
      return block.permute(...shape.map((_, i) => (i < out.ndim ? i + length : i - out.ndim)));
    });
  };
}

/**
 * The function that computes the second derivatives of `fn`, which returns one element, by an argument.
 * @see PyTorch torch.func.hessian
 * @example func.hessian((x) => x.pow(3).sum())(tensor([1, 2])) // tensor([[ 6.,  0.], [ 0., 12.]])
 */
export function hessian(fn: Fn, options: Argnums = 0): (...args: Any[]) => Any {
  return jacrev(jacrev(fn, options), options);
}
