/** What all optimizers share: parameter groups, state, checkpoints. */

import { enableGrad, refuseAsync } from "../autograd/mode.ts";
import { TensorBase } from "../core/base.ts";
import { TensorError } from "../core/errors.ts";
import { DENO_INSPECT, INSPECT } from "../core/inspect.ts";
import { beside, recorder } from "../core/recording.ts";
import { watcher } from "../core/watch.ts";
import { clearGradient } from "../nn/gradients.ts";
import { pythonBool, pythonFloat } from "../nn/print.ts";
import type { Tensor } from "../tensor.ts";
import { copied } from "./gradient.ts";

/** Tensors to optimize, with settings of their own. */
export interface ParamGroup {
  params: Tensor[];
  lr: number;
  [setting: string]: unknown;
}

/** Groups as they are given: settings that are left out are those of the optimizer. */
export interface ParamGroupInput {
  params: Tensor | Iterable<Tensor>;
  [setting: string]: unknown;
}

export type Params = Iterable<Tensor> | Iterable<ParamGroupInput>;

/** What an optimizer keeps for one parameter, under PyTorch's names. */
export type ParamState = Record<string, unknown>;

export interface OptimizerStateDict {
  state: Record<number, ParamState>;
  paramGroups: Record<string, unknown>[];
}

/** As PyTorch spells it. */
export interface PyTorchStateDict {
  state: Record<number, ParamState>;
  param_groups: Record<string, unknown>[];
}

export interface ZeroGradOptions {
  /** Make gradients null (the default) rather than filling them with zeros. */
  setToNone?: boolean;
}

function describeKind(value: unknown): string {
  if (value instanceof TensorBase) return "torch.FloatTensor";
  return value === null ? "null" : typeof value;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && !(value instanceof TensorBase) && Symbol.iterator in value;
}

/**
 * Base of the optimizers. `paramGroups[i].lr` and the other settings may be read and written between steps.
 * @see PyTorch torch.optim.Optimizer
 * @example
 * const optimizer = new optim.SGD([ones(1)], { lr: 0.1 });
 * optimizer.paramGroups[0].lr = 0.01;
 * optimizer instanceof optim.Optimizer; // true
 */
export abstract class Optimizer {
  readonly paramGroups: ParamGroup[] = [];
  /** @internal By parameter. */
  readonly state: Map<Tensor, ParamState> = new Map();
  /** @internal The settings of groups that do not give their own. */
  readonly defaults: Readonly<Record<string, unknown>>;

  constructor(params: Params, defaults: Record<string, unknown>) {
    this.defaults = defaults;
    if (!isIterable(params)) {
      throw new TypeError(
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${describeKind(params)}`,
      );
    }
    const given = [...params];
    if (given.length === 0) throw new TensorError("optimizer got an empty parameter list");
    const groups = given[0] instanceof TensorBase ? [{ params: given as Tensor[] }] : (given as ParamGroupInput[]);
    for (const group of groups) this.addParamGroup(group);
  }

  /** @internal How often `step` has run: schedulers want to come after it. */
  steps = 0;

  /** Updates one group; gradients are read, parameters written in place, nothing is recorded. */
  protected abstract update(group: ParamGroup): void;

  /** Its steps can be part of a compiled function's program; those of others run beside it. */
  protected get isFused(): boolean {
    return false;
  }

  /** More tensors to optimize, with the optimizer's settings where the group has none. */
  addParamGroup(group: ParamGroupInput): void {
    const params =
      group.params instanceof TensorBase ? [group.params as Tensor] : [...(group.params as Iterable<Tensor>)];
    for (const p of params) {
      if (!(p instanceof TensorBase))
        throw new TypeError(`optimizer can only optimize Tensors, but one of the params is ${describeKind(p)}`);
      if (!p.isLeaf && !p.retainsGrad) throw new TensorError("can't optimize a non-leaf Tensor");
    }
    if (new Set(params).size !== params.length) {
      console.warn(
        "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; see " +
          "github.com/pytorch/pytorch/issues/40967 for more information",
      );
    }
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    if (params.some((p) => known.has(p))) {
      throw new TensorError("some parameters appear in more than one parameter group");
    }
    const complete = { ...this.defaults, ...group, params } as unknown as ParamGroup;
    this.check(complete);
    this.paramGroups.push(complete);
  }

  /** Refuses settings that make no sense. */
  protected check(group: ParamGroup): void {
    atLeastZero("learning rate", group.lr);
    if (group.weightDecay !== undefined) atLeastZero("weight_decay value", group.weightDecay as number);
  }

  /**
   * One step along the gradients. Parameters without a gradient are skipped.
   * @param closure evaluates the model anew and returns the loss; run with recording on
   * @returns what the closure returned
   */
  step(): null;
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | null {
    return this.named("step", () => this.run(closure));
  }

  private run<T>(closure?: () => T): T | null {
    let result: T | null = null;
    if (closure !== undefined) {
      refuseAsync(closure, "step");
      result = enableGrad(closure);
    }
    const groups = this.paramGroups.map((group) => group.params.length);
    recorder?.guard(() => this.paramGroups.length === groups.length);
    this.paramGroups.forEach((group, i) => {
      if (this.isFused) this.update(group);
      else beside(() => this.update(group));
      recorder?.guard(() => group.params.length === groups[i]);
    });
    this.steps++;
    recorder?.effect(() => this.steps++);
    return result;
  }

  /** Clears the gradients of all parameters. */
  zeroGrad(options: ZeroGradOptions | boolean = {}): void {
    const setToNone = typeof options === "boolean" ? options : (options.setToNone ?? true);
    this.named("zero_grad", () => {
      for (const { params } of this.paramGroups) {
        for (const p of params) clearGradient(p, setToNone);
      }
    });
  }

  /** For the profiler, under PyTorch's names. */
  protected named<T>(method: string, body: () => T): T {
    if (watcher === null) return body();
    return watcher.range(`Optimizer.${method}#${this.constructor.name}.${method}`, "user_annotation", body);
  }

  /**
   * All that a run needs to go on, with PyTorch's keys: parameters are numbers, in the order of the groups. Tensors are
   * shared with the optimizer.
   */
  stateDict(): OptimizerStateDict {
    const numbers = new Map(this.paramGroups.flatMap((g) => g.params).map((p, i) => [p, i]));
    const state: Record<number, ParamState> = {};
    for (const [p, entry] of this.state) state[numbers.get(p) as number] = { ...entry };
    const paramGroups = this.paramGroups.map(({ params, ...settings }) => ({
      ...settings,
      params: params.map((p) => numbers.get(p) as number),
    }));
    return { state, paramGroups };
  }

  /**
   * Goes on where another run stopped. The dict is copied; one that PyTorch wrote, with its `param_groups` in its spelling,
   * will do as well.
   * @throws {TensorError} groups of other sizes
   */
  loadStateDict(dict: OptimizerStateDict | PyTorchStateDict): void {
    const groups = "param_groups" in dict ? dict.param_groups.map(respelled) : dict.paramGroups;
    if (groups.length !== this.paramGroups.length) {
      throw new TensorError("loaded state dict has a different number of parameter groups");
    }
    if (groups.some((group, i) => (group.params as number[]).length !== this.paramGroups[i].params.length)) {
      throw new TensorError(
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
      );
    }
    const byNumber = new Map<number, Tensor>();
    groups.forEach(({ params, ...settings }, i) => {
      for (const [k, n] of (params as number[]).entries()) byNumber.set(n, this.paramGroups[i].params[k]);
      Object.assign(this.paramGroups[i], settings);
    });
    this.state.clear();
    for (const [n, entry] of Object.entries(dict.state)) {
      const p = byNumber.get(Number(n));
      if (p)
        this.state.set(p, Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, loaded(key, value)])));
    }
  }

  /** As PyTorch prints it. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const settings = Object.keys(group)
        .filter((key) => key !== "params")
        .map((key) => `    ${pythonKey(key)}: ${pythonValue(group[key])}\n`);
      return `\nParameter Group ${i}\n${settings.sort().join("")}`;
    });
    return `${this.constructor.name} (${groups.join("")})`;
  }

  /** Node's, Deno's and Bun's console.log. */
  [INSPECT](): string {
    return this.toString();
  }

  [DENO_INSPECT](): string {
    return this.toString();
  }
}

/** What schedulers keep in groups, under PyTorch's names. */
const SCHEDULED: readonly string[] = ["initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum"];

/** Settings in the spelling that is used here: weight_decay is weightDecay. What schedulers add keeps its own. */
function respelled(group: Record<string, unknown>): Record<string, unknown> {
  const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(
    Object.entries(group).map(([key, value]) => [SCHEDULED.includes(key) ? key : camel(key), value]),
  );
}

/** Kept as numbers here, as tensors without dimensions by PyTorch. */
const NUMBERS: readonly string[] = ["step", "mu_product", "mu", "eta"];

function loaded(key: string, value: unknown): unknown {
  return NUMBERS.includes(key) && value instanceof TensorBase ? (value as Tensor).item() : copied(value);
}

function pythonKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function pythonValue(value: unknown): string {
  if (typeof value === "boolean") return pythonBool(value);
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : pythonFloat(value);
  if (Array.isArray(value)) return `(${value.map(pythonValue).join(", ")})`;
  return value === null ? "None" : String(value);
}

/** @internal */
export function atLeastZero(what: string, value: number): void {
  if (!(value >= 0)) throw new TensorError(`Invalid ${what}: ${value}`);
}

/** @internal */
export function checkBetas(betas: readonly number[]): void {
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new TensorError(`Invalid beta parameter at index ${i}: ${beta}`);
  });
}
