import { noGrad } from "../autograd/mode.ts";
import { scope } from "../core/scope.ts";
import type { Tensor } from "../tensor.ts";
import { gradientOf, hasGradient } from "./gradient.ts";
import { Optimizer, type ParamGroup, type ParamState } from "./optimizer.ts";

/** An optimizer that is written with tensor operations, for one parameter at a time. */
export abstract class StepwiseOptimizer extends Optimizer {
  /** The state before the first step. */
  protected abstract start(p: Tensor, group: ParamGroup): ParamState;

  /** Moves the parameter, given its gradient with `maximize` and `weightDecay` in it. What it makes is given back at once. */
  protected abstract move(p: Tensor, g: Tensor, state: ParamState, group: ParamGroup): void;

  protected update(group: ParamGroup): void {
    for (const p of group.params) {
      if (!hasGradient(p)) continue;
      const state = this.state.get(p) ?? this.start(p, group);
      this.state.set(p, state);
      noGrad(() => scope(() => this.move(p, direction(p, group), state, group)));
    }
  }
}

function direction(p: Tensor, group: ParamGroup): Tensor {
  const g = gradientOf(p) as Tensor;
  const ascending = group.maximize ? g.neg() : g;
  return group.weightDecay ? ascending.add(p, { alpha: group.weightDecay as number }) : ascending;
}
