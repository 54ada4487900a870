/** The ways into a walk: backward and grad. */
import { TensorBase } from "../core/base.ts";
import { GradError } from "../core/errors.ts";
import { zerosLike } from "../ops/creation.ts";
import { cast } from "../ops/promote.ts";
import type { Tensor } from "../tensor.ts";
import { walk, walkFrom } from "./engine.ts";

export interface BackwardOptions {
  /** Keep what the graph has saved, so that it can be walked again. Default: createGraph. */
  retainGraph?: boolean;
  /** Record the gradients' own graph, for derivatives of derivatives. */
  createGraph?: boolean;
  /** Accumulate into these only. */
  inputs?: Tensor | readonly Tensor[];
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** The gradient to start from: checked, or null for ones. */
function seedOf(root: Tensor, seed: Tensor | null | undefined, i: number): Tensor | null {
  if (!root.requiresGrad) {
    throw new GradError(`element ${i} of tensors does not require grad and does not have a grad_fn`);
  }
  if (seed === null || seed === undefined) {
    if (root.numel() !== 1) throw new GradError("grad can be implicitly created only for scalar outputs");
    return null;
  }
  if (!(seed instanceof TensorBase))
    throw new TypeError(`gradients can be either Tensors or None, but got ${typeof seed}`);
  const [got, own] = [seed.shape, root.shape];
  if (got.length !== own.length || got.some((s, k) => s !== own[k])) {
    throw new GradError(
      `Mismatch in shape: grad_output[${i}] has a shape of torch.Size([${got.join(", ")}]) and output[${i}] has a shape of ` +
        `torch.Size([${own.join(", ")}]).`,
    );
  }
  return cast(seed, "float32");
}

function checkRoots(roots: readonly Tensor[], seeds: readonly (Tensor | null)[]): (Tensor | null)[] {
  if (seeds.length !== roots.length) {
    throw new GradError(`got ${roots.length} tensors and ${seeds.length} gradients`);
  }
  return roots.map((root, i) => seedOf(root, seeds[i], i));
}

/** @internal From one tensor of one element, with ones for its gradient. */
export function backwardFrom(root: Tensor): void {
  seedOf(root, null, 0);
  walkFrom(root);
}

/**
 * Adds the gradients of several tensors, with the gradients given for them, into the `grad` of the leaves.
 * @throws {GradError} see Tensor.backward
 * @example
 * const x = tensor([1, 2], { requiresGrad: true });
 * autograd.backward(x.pow(2), ones(2));
 * x.grad; // tensor([2., 4.])
 */
export function backward(
  tensors: Tensor | readonly Tensor[],
  gradTensors?: Tensor | null | readonly (Tensor | null)[],
  options: BackwardOptions = {},
): void {
  const roots = list(tensors);
  const seeds = gradTensors === null || gradTensors === undefined ? roots.map(() => null) : list(gradTensors);
  const { createGraph = false, retainGraph = createGraph } = options;
  let inputs: readonly Tensor[] | null = null;
  if (options.inputs !== undefined) {
    inputs = list(options.inputs);
    if (inputs.length === 0) throw new GradError("'inputs' argument to backward() cannot be empty.");
    for (const t of inputs) {
      if (!t.requiresGrad) throw new GradError("One of the differentiated Tensors does not require grad");
      t.retainGrad();
    }
  }
  walk(roots, checkRoots(roots, seeds), { retainGraph, createGraph, inputs, capture: false });
}

export interface GradOptions {
  /** Gradients of the outputs; ones where an output has one element. */
  gradOutputs?: Tensor | null | readonly (Tensor | null)[];
  retainGraph?: boolean;
  createGraph?: boolean;
  /** null for an input that was not used, instead of an error. */
  allowUnused?: boolean;
  /** Zeros for an input that was not used. */
  materializeGrads?: boolean;
}

/**
 * The gradients of `outputs` with respect to `inputs`, in their order. Touches no `grad`.
 * @throws {GradError} an input that was not used, unless `allowUnused`
 * @example
 * const x = tensor(3, { requiresGrad: true });
 * autograd.grad(x.pow(2), [x])[0]; // tensor(6.)
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions & { allowUnused: true; materializeGrads?: false },
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const roots = list(outputs);
  const wanted = list(inputs);
  const { gradOutputs, createGraph = false, retainGraph = createGraph, materializeGrads = false } = options;
  const allowUnused = options.allowUnused ?? materializeGrads;
  if (materializeGrads && !allowUnused) {
    throw new GradError(
      "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.",
    );
  }
  if (wanted.length === 0) throw new GradError("grad requires non-empty inputs.");
  const seeds = gradOutputs === null || gradOutputs === undefined ? roots.map(() => null) : list(gradOutputs);
  const checked = checkRoots(roots, seeds);
  for (const t of wanted) {
    if (!t.requiresGrad) throw new GradError("One of the differentiated Tensors does not require grad");
  }
  const captured = walk(roots, checked, { retainGraph, createGraph, inputs: wanted, capture: true });
  captured.forEach((g, i) => {
    if (g !== null) return;
    if (!allowUnused) {
      throw new GradError(
        "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the " +
          "desired behavior.",
      );
    }
    if (materializeGrads) captured[i] = zerosLike(wanted[i]);
  });
  return captured;
}
