import { enableGrad, noGrad, refuseAsync } from "../autograd/mode.ts";
import { TensorError } from "../core/errors.ts";
import { cat } from "../ops/cat.ts";
import { zeros } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";
import { gradientOf, lasting } from "./gradient.ts";
import { type LinePoint, strongWolfe } from "./line-search.ts";
import { Optimizer, type ParamState, type Params } from "./optimizer.ts";

export interface LBFGSOptions {
  /** Learning rate, at least 0. Default 1. */
  lr?: number;
  /** Most iterations in one step. Default 20. */
  maxIter?: number;
  /** Most evaluations of the closure in one step. Default 1.25 maxIter. */
  maxEval?: number;
  /** Ends when no element of the gradient is larger. Default 1e-7. */
  toleranceGrad?: number;
  /** Ends when neither the loss nor any parameter changes by more. Default 1e-9. */
  toleranceChange?: number;
  /** How many past steps are remembered. Default 100. */
  historySize?: number;
  /** null: steps of length lr. */
  lineSearchFn?: "strong_wolfe" | null;
}

type Settings = Required<LBFGSOptions>;

/** Of all parameters together, kept under the first. */
interface State extends ParamState {
  func_evals: number;
  n_iter: number;
  d: Tensor;
  t: number;
  /** Changes of the gradient and the steps that made them, and 1 / (change · step). */
  old_dirs: Tensor[];
  old_stps: Tensor[];
  ro: number[];
  H_diag: number;
  prev_flat_grad: Tensor;
  prev_loss: number;
}

/**
 * Limited-memory BFGS, a quasi-Newton method for objectives without noise: the inverse of the curvature is built up from the
 * last steps. It needs a closure that clears the gradients, computes the loss, calls backward() and returns the loss.
 * @throws {TensorError} several parameter groups, settings out of range
 * @see PyTorch torch.optim.LBFGS; Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7
 * @example
 * const x = tensor([3, 4], { requiresGrad: true });
 * const optimizer = new optim.LBFGS([x], { lineSearchFn: "strong_wolfe" });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = x.pow(2).sum();
 *   loss.backward();
 *   return loss;
 * });
 */
export class LBFGS extends Optimizer {
  constructor(params: Params, options: LBFGSOptions = {}) {
    const { maxIter = 20 } = options;
    super(params, {
      lr: 1,
      maxIter,
      maxEval: Math.floor((maxIter * 5) / 4),
      toleranceGrad: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearchFn: null,
      ...options,
    });
    if (this.paramGroups.length !== 1) {
      throw new TensorError("LBFGS doesn't support per-parameter options (parameter groups)");
    }
  }

  private get params(): Tensor[] {
    return this.paramGroups[0].params;
  }

  protected update(): void {
    throw new TypeError("LBFGS: step() needs a closure that evaluates the loss anew");
  }

  /**
   * Up to maxIter iterations.
   * @param closure clears the gradients, computes the loss and its gradients, returns the loss; run with recording on
   * @returns the loss before the first iteration
   */
  override step(): never;
  override step<T>(closure: () => T): T;
  override step<T>(closure?: () => T): T {
    if (closure === undefined) return this.update() as never;
    refuseAsync(closure, "step");
    return this.named("step", () => {
      const run = (): T => enableGrad(closure);
      const first = run();
      noGrad(() => this.iterate(run, Number(numberOf(first))));
      this.steps++;
      return first;
    });
  }

  private iterate(run: () => unknown, firstLoss: number): void {
    const settings = this.paramGroups[0] as unknown as Settings;
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = settings;
    if (lineSearchFn !== null && lineSearchFn !== "strong_wolfe") {
      throw new TensorError("only 'strong_wolfe' is supported");
    }
    const state = this.shared();
    let loss = firstLoss;
    let gradient = this.gatherGradients();
    let evaluations = 1;
    state.func_evals++;
    if (largest(gradient) <= toleranceGrad) return;
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      state.n_iter++;
      if (state.n_iter > 1) remember(state, gradient, settings.historySize);
      state.d = lasting(direction(state, gradient));
      state.prev_flat_grad = lasting(gradient);
      state.prev_loss = loss;
      state.t = state.n_iter === 1 ? Math.min(1, 1 / gradient.abs().sum().item()) * lr : lr;
      const slope = gradient.dot(state.d).item();
      if (slope > -toleranceChange) break;
      let used = 0;
      if (lineSearchFn) {
        const start: LinePoint = { t: 0, loss, gradient, slope };
        const initial = this.params.map((p) => lasting(p.detach()));
        const evaluate = (t: number): LinePoint => this.evaluate(run, state.d, t, initial);
        const found = strongWolfe(start, state.t, evaluate, toleranceChange, largest(state.d));
        ({ t: state.t, loss, gradient } = found.point);
        used = found.evaluations;
        this.add(state.d, state.t);
      } else {
        this.add(state.d, state.t);
        if (iteration !== maxIter) {
          loss = Number(numberOf(run()));
          gradient = this.gatherGradients();
          used = 1;
        }
      }
      evaluations += used;
      state.func_evals += used;
      if (evaluations >= maxEval || largest(gradient) <= toleranceGrad) break;
      if (largest(state.d) * state.t <= toleranceChange || Math.abs(loss - state.prev_loss) < toleranceChange) break;
    }
  }

  private shared(): State {
    const [key] = this.params;
    let state = this.state.get(key) as State | undefined;
    if (!state) {
      const nothing = zeros([0]);
      state = {
        func_evals: 0,
        n_iter: 0,
        d: nothing,
        t: 0,
        old_dirs: [],
        old_stps: [],
        ro: [],
        H_diag: 1,
        prev_flat_grad: nothing,
        prev_loss: 0,
      };
      this.state.set(key, state);
    }
    return state;
  }

  /** All gradients as one vector, zeros where there is none. */
  private gatherGradients(): Tensor {
    return lasting(cat(this.params.map((p) => gradientOf(p)?.reshape([-1]) ?? zeros(p.numel()))));
  }

  /** Moves all parameters along a vector. */
  private add(d: Tensor, t: number): void {
    let start = 0;
    for (const p of this.params) {
      const n = p.numel();
      p.add_(d.narrow(0, start, n).reshape(p.shape), { alpha: t });
      start += n;
    }
  }

  /** The point at t; leaves the parameters as they are. */
  private evaluate(run: () => unknown, d: Tensor, t: number, initial: readonly Tensor[]): LinePoint {
    this.add(d, t);
    const loss = Number(numberOf(run()));
    const gradient = this.gatherGradients();
    this.params.forEach((p, i) => {
      p.copy_(initial[i]);
    });
    return { t, loss, gradient, slope: gradient.dot(d).item() };
  }
}

/** What a closure returned, as a number. */
function numberOf(loss: unknown): unknown {
  return typeof loss === "object" && loss !== null && "item" in loss ? (loss as Tensor).item() : loss;
}

function largest(t: Tensor): number {
  return t.abs().amax().item();
}

/** Adds the last step to the history, unless the curvature along it is too small to say anything. */
function remember(state: State, gradient: Tensor, historySize: number): void {
  const change = gradient.sub(state.prev_flat_grad);
  const step = state.d.mul(state.t);
  const curvature = change.dot(step).item();
  if (!(curvature > 1e-10)) return;
  if (state.old_dirs.length === historySize)
    for (const list of [state.old_dirs, state.old_stps, state.ro]) list.shift();
  state.old_dirs.push(lasting(change));
  state.old_stps.push(lasting(step));
  state.ro.push(1 / curvature);
  state.H_diag = curvature / change.dot(change).item();
}

/** −H g by the two loops of Nocedal & Wright, algorithm 7.4, H being the inverse curvature that the history amounts to. */
function direction(state: State, gradient: Tensor): Tensor {
  const { old_dirs: changes, old_stps: steps, ro, H_diag } = state;
  const r = gradient.neg();
  const shares = new Array<number>(changes.length);
  for (let i = changes.length - 1; i >= 0; i--) {
    shares[i] = steps[i].dot(r).item() * ro[i];
    r.add_(changes[i], { alpha: -shares[i] });
  }
  r.mul_(H_diag);
  for (let i = 0; i < changes.length; i++) {
    const back = changes[i].dot(r).item() * ro[i];
    r.add_(steps[i], { alpha: shares[i] - back });
  }
  return r;
}
