/**
 * Hooks around a module's walk back. Two nodes that compute nothing stand before and behind the module: when a walk reaches
 * the one behind, the gradients of the outputs are there; when it reaches the one before, those of all inputs are.
 */
import { external } from "../autograd/external.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import type { Gradients, Replacement } from "../autograd/node.ts";
import { TensorBase } from "../core/base.ts";
import { GradError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import type { Hooks } from "./hooks.ts";
import type { Module } from "./module.ts";

const NAME = "BackwardHookFunctionBackward";

/** Which of some values are tensors through which gradients pass. */
function differentiable(values: readonly unknown[]): number[] {
  if (!isGradEnabled()) return [];
  return values.map((_, i) => i).filter((i) => values[i] instanceof TensorBase && (values[i] as Tensor).requiresGrad);
}

/** Gradients in the places of their tensors, null elsewhere. */
function spread(gradients: Gradients, places: readonly number[], length: number): Gradients {
  const all: Gradients = new Array(length).fill(null);
  places.forEach((place, i) => {
    all[place] = gradients[i];
  });
  return all;
}

/** What a hook returned, if anything, in place of what it got. */
function replaced(result: Replacement<Gradients | Tensor>, given: Gradients, what: string): Gradients {
  if (result === null || result === undefined) return given;
  const list = Array.isArray(result) ? result : [result];
  if (list.length === given.length) return list;
  throw new GradError(
    `${what} returned an invalid number of gradients, got ${list.length}, but expected ${given.length}`,
  );
}

/** One call of a module that has such hooks. */
export class BackwardHooks {
  private readonly module: Module;
  private readonly hooks: Hooks;
  private inputCount = 0;
  /** Positions of the inputs through which gradients pass. */
  private inputs: readonly number[] = [];
  /** Those of the outputs, between the two nodes. */
  private gradOutputs: Gradients | null = null;

  constructor(module: Module, hooks: Hooks) {
    this.module = module;
    this.hooks = hooks;
  }

  /** The inputs, behind a node of their own. */
  enter(values: readonly unknown[]): unknown[] {
    this.inputCount = values.length;
    this.inputs = differentiable(values);
    return this.wrapped(values, this.inputs, (gradients) => this.before(gradients));
  }

  /** The output, or the array of them, behind a node. */
  leave(output: unknown): unknown {
    const values = Array.isArray(output) ? output : [output];
    const places = differentiable(values);
    const result = this.wrapped(values, places, (gradients) => this.behind(gradients, places, values.length));
    return Array.isArray(output) ? result : result[0];
  }

  private wrapped(
    values: readonly unknown[],
    places: readonly number[],
    backward: (g: Gradients) => Gradients,
  ): unknown[] {
    if (places.length === 0) return [...values];
    const tensors = places.map((i) => values[i] as Tensor);
    const same = tensors.map((t) => t.detach());
    const outputs = external(NAME, tensors, same, backward, []);
    const result = [...values];
    places.forEach((place, i) => {
      result[place] = outputs[i];
    });
    return result;
  }

  private behind(gradients: Gradients, places: readonly number[], length: number): Gradients {
    let all = spread(gradients, places, length);
    for (const hook of this.hooks.backwardPre) all = replaced(hook(this.module, all), all, "Backward pre hook");
    this.gradOutputs = all;
    if (this.inputs.length === 0) this.withoutInputs(all);
    return places.map((place) => all[place]);
  }

  private withoutInputs(gradOutputs: Gradients): void {
    this.gradOutputs = null;
    for (const hook of this.hooks.backward) {
      const result = hook(this.module, spread([], [], this.inputCount), gradOutputs);
      const list = Array.isArray(result) ? result : [result];
      if (list.every((g) => g === null || g === undefined)) continue;
      throw new GradError(
        "Backward hook for Modules where no input requires gradient should always return None or None for all gradients.",
      );
    }
  }

  private before(gradients: Gradients): Gradients {
    const { gradOutputs } = this;
    if (gradOutputs === null) return gradients;
    this.gradOutputs = null;
    let all = spread(gradients, this.inputs, this.inputCount);
    for (const hook of this.hooks.backward) all = replaced(hook(this.module, all, gradOutputs), all, "Backward hook");
    return this.inputs.map((place) => all[place]);
  }
}
