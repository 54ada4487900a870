/** Functions that run before and after a module's `forward` and its walk back. */
import type { Gradients, RemovableHandle, Replacement } from "../autograd/node.ts";
import type { Tensor } from "../tensor.ts";
import { BackwardHooks } from "./backward-hooks.ts";
import type { Module } from "./module.ts";

/** Gets the arguments of `forward`; what it returns, if anything, takes their place. */
export type ForwardPreHook = (module: Module, inputs: unknown[]) => unknown;
/** Gets arguments and result of `forward`; what it returns, if anything, takes the result's place. */
export type ForwardHook = (module: Module, inputs: unknown[], output: unknown) => unknown;

/** Gets the gradients of the outputs; what it returns, if anything, takes their place. */
export type BackwardPreHook = (module: Module, gradOutput: Gradients) => Replacement<Gradients | Tensor>;
/** Gets the gradients of inputs and outputs; what it returns, if anything, takes the place of those of the inputs. */
export type BackwardHook = (
  module: Module,
  gradInput: Gradients,
  gradOutput: Gradients,
) => Replacement<Gradients | Tensor>;

export interface HookOptions {
  /** Run before those that are there already, rather than after. */
  prepend?: boolean;
}

/** Hooks of one kind, in the order in which they run. */
class HookList<F> {
  private hooks: readonly { hook: F }[] = [];

  get size(): number {
    return this.hooks.length;
  }

  add(hook: F, { prepend = false }: HookOptions, removed: () => void): RemovableHandle {
    if (typeof hook !== "function") throw new TypeError(`expected a function as hook, got ${typeof hook}`);
    const entry = { hook };
    this.hooks = prepend ? [entry, ...this.hooks] : [...this.hooks, entry];
    return {
      remove: () => {
        this.hooks = this.hooks.filter((other) => other !== entry);
        removed();
      },
    };
  }

  /** Those of now: a hook may remove itself while it runs. */
  *[Symbol.iterator](): Iterator<F> {
    for (const { hook } of this.hooks) yield hook;
  }
}

export class Hooks {
  readonly forwardPre: HookList<ForwardPreHook> = new HookList();
  readonly forward: HookList<ForwardHook> = new HookList();
  readonly backwardPre: HookList<BackwardPreHook> = new HookList();
  readonly backward: HookList<BackwardHook> = new HookList();

  get empty(): boolean {
    return this.forwardPre.size + this.forward.size + this.backwardPre.size + this.backward.size === 0;
  }
}

/** A call of a module that has hooks. */
export function callHooked(module: Module, hooks: Hooks, inputs: unknown[]): unknown {
  let args = inputs;
  for (const hook of hooks.forwardPre) {
    const replaced = hook(module, args);
    if (replaced !== null && replaced !== undefined) args = Array.isArray(replaced) ? replaced : [replaced];
  }
  const backward = hooks.backward.size + hooks.backwardPre.size > 0 ? new BackwardHooks(module, hooks) : null;
  if (backward) args = backward.enter(args);
  let output: unknown = module.forward(...args);
  for (const hook of hooks.forward) {
    const replaced = hook(module, args, output);
    if (replaced !== null && replaced !== undefined) output = replaced;
  }
  return backward ? backward.leave(output) : output;
}
