/** The base of all modules. */

import type { RemovableHandle } from "../autograd/node.ts";
import { named } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { TensorError } from "../core/errors.ts";
import { DENO_INSPECT, INSPECT } from "../core/inspect.ts";
import type { Tensor } from "../tensor.ts";
import { CALLS, Callable } from "./callable.ts";
import { clearGradient } from "./gradients.ts";
import {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookOptions,
  Hooks,
} from "./hooks.ts";
import { checkName, isModule, namedMembers, namedModules, ownBuffers, ownChildren, ownParameters } from "./members.ts";
import { Parameter } from "./parameter.ts";
import { describeModule } from "./print.ts";
import { type IncompatibleKeys, loadStateDict, type StateDict, stateDict } from "./state.ts";

/** Which part of a tree a listing covers. */
export interface MemberOptions {
  /** Put before every name, with a dot between. */
  prefix?: string;
  /** The modules below as well. Default true. */
  recurse?: boolean;
}

/** A module is called as a function: `model(x)` is `model.forward(x)` with the hooks around it. */
export interface Module {
  // biome-ignore lint/style/useShorthandFunctionType: an alias could not be merged with the class
  (...inputs: Parameters<this["forward"]>): ReturnType<this["forward"]>;
}

/**
 * A part of a network: parameters, buffers and modules below it, and how they make an output of an input. Modules of your
 * own extend it and implement `forward`; what is assigned to a property is registered under its name if it is a Parameter or
 * a Module. Fields declared with # are not seen.
 * @see PyTorch torch.nn.Module
 * @example
 * class Net extends nn.Module {
 *   fc = new nn.Linear(2, 3);
 *   override forward(x: Tensor): Tensor {
 *     return this.fc(x).relu();
 *   }
 * }
 * const net = new Net();
 * net(ones(1, 2)).shape; // [1, 3]
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor returns a function, which has the call signature
export class Module extends Callable {
  /** Whether layers such as Dropout behave as in training; set by `train()` and `eval()`. */
  training = true;
  #buffers: Map<string, boolean> | null = null;
  #parameterNames: Set<string> | null = null;

  /** @internal Names of buffers, and whether they are part of stateDict. */
  get bufferNames(): Map<string, boolean> {
    this.#buffers ??= new Map();
    return this.#buffers;
  }

  /** @internal Names that have held parameters: nothing else may be assigned to them. */
  get parameterNames(): Set<string> {
    this.#parameterNames ??= new Set();
    return this.#parameterNames;
  }

  /**
   * Makes the output. Subclasses implement it; call the module itself rather than this, so that hooks run.
   * @throws {TensorError} a class without one
   */
  // biome-ignore lint/suspicious/noExplicitAny: each module has inputs and outputs of its own
  forward(..._inputs: any[]): any {
    throw new TensorError(`Module [${this.constructor.name}] is missing the required "forward" function`);
  }

  /**
   * Registers a tensor that is part of the state but no parameter, such as a running mean.
   * @param options `persistent` (default true): part of stateDict
   * @throws {TypeError} a name that is taken, empty, has a dot or is no string; what is neither a Tensor nor null
   */
  registerBuffer(name: string, tensor: Tensor | null, options: boolean | { persistent?: boolean } = {}): void {
    checkName(this, "buffer", name, this.bufferNames.has(name));
    if (tensor !== null && !(tensor instanceof TensorBase)) {
      throw new TypeError(
        `cannot assign '${typeof tensor}' object to buffer '${name}' (torch Tensor or None required)`,
      );
    }
    this.bufferNames.set(name, typeof options === "boolean" ? options : (options.persistent ?? true));
    this.#assign(name, tensor);
  }

  /**
   * Registers a parameter, as assigning it does; null keeps the name for one.
   * @throws {TypeError} see registerBuffer
   */
  registerParameter(name: string, parameter: Parameter | null): void {
    checkName(this, "parameter", name, this.parameterNames.has(name));
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new TypeError(
        `cannot assign '${typeof parameter}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
      );
    }
    this.parameterNames.add(name);
    this.#assign(name, parameter);
  }

  /**
   * Registers a module below this one, as assigning it does.
   * @throws {TypeError} see registerBuffer
   */
  addModule(name: string, module: Module | null): void {
    if (module !== null && !isModule(module)) throw new TypeError(`${typeof module} is not a Module subclass`);
    checkName(this, "module", name, isModule((this as unknown as Record<string, unknown>)[name]));
    this.#assign(name, module);
  }

  /** The same as addModule. */
  registerModule(name: string, module: Module | null): void {
    this.addModule(name, module);
  }

  #assign(name: string, value: unknown): void {
    (this as unknown as Record<string, unknown>)[name] = value;
  }

  /** All parameters, each once: the module's own, then those of the modules below. */
  parameters(recurse = true): Parameter[] {
    return this.namedParameters({ recurse }).map(([, parameter]) => parameter);
  }

  /** All parameters with their names, which are joined by dots: "block.fc.weight". */
  namedParameters(prefix?: string | MemberOptions, recurse?: boolean): [string, Parameter][] {
    const given = named<MemberOptions>("namedParameters", [prefix, recurse], ["prefix", "recurse"]);
    return namedMembers(this, ownParameters, given.prefix ?? "", given.recurse ?? true);
  }

  /** All buffers, each once. */
  buffers(recurse = true): Tensor[] {
    return this.namedBuffers({ recurse }).map(([, buffer]) => buffer);
  }

  /** All buffers with their names. */
  namedBuffers(prefix?: string | MemberOptions, recurse?: boolean): [string, Tensor][] {
    const given = named<MemberOptions>("namedBuffers", [prefix, recurse], ["prefix", "recurse"]);
    return namedMembers(this, (module) => ownBuffers(module), given.prefix ?? "", given.recurse ?? true);
  }

  /** The modules directly below, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** The modules directly below with their names, each once. */
  namedChildren(): [string, Module][] {
    const seen = new Set<Module>();
    return ownChildren(this).filter(([, child]) => !seen.has(child) && seen.add(child));
  }

  /** This module and all below it, each once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** This module, under the name `prefix`, and all below it with their paths, each once. */
  namedModules(prefix = ""): [string, Module][] {
    return namedModules(this, prefix);
  }

  /** Calls `fn` with every module of the tree, this one last. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Sets `training` of the whole tree. @throws {TypeError} no boolean */
  train(mode = true): this {
    if (typeof mode !== "boolean") throw new TypeError("training mode is expected to be boolean");
    this.training = mode;
    for (const child of this.children()) child.train(mode);
    return this;
  }

  /** The behaviour for use rather than training. */
  eval(): this {
    return this.train(false);
  }

  /** Whether gradients are wanted for the parameters of the tree. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Clears the gradients of all parameters: they become null, or zeros. */
  zeroGrad(options: boolean | { setToNone?: boolean } = {}): void {
    const setToNone = typeof options === "boolean" ? options : (options.setToNone ?? true);
    for (const parameter of this.parameters()) clearGradient(parameter, setToNone);
  }

  /**
   * Parameters and persistent buffers of the tree under PyTorch's keys. The tensors are detached and share the memory of the
   * module's: a later step of an optimizer shows in them.
   * @param options `prefix`: put before every key as it is; `keepVars`: the parameters themselves
   */
  stateDict({ prefix = "", keepVars = false }: { prefix?: string; keepVars?: boolean } = {}): StateDict {
    return stateDict(this, prefix, keepVars);
  }

  /**
   * Copies tensors into the parameters and buffers of their names, in place.
   * @param options `strict` (default true): the keys must be exactly those of this module
   * @throws {TensorError} keys or sizes that do not fit; then nothing has been copied
   */
  loadStateDict(dict: Readonly<StateDict>, options: boolean | { strict?: boolean } = {}): IncompatibleKeys {
    return loadStateDict(this, dict, typeof options === "boolean" ? options : (options.strict ?? true));
  }

  /** The module at a path such as "block.fc". @throws {TensorError} there is none */
  getSubmodule(target: string): Module {
    if (target === "") return this;
    let module: Module = this;
    for (const name of target.split(".")) {
      const next = (module as unknown as Record<string, unknown>)[name];
      if (next === undefined) throw new TensorError(`${module.constructor.name} has no attribute \`${name}\``);
      if (!isModule(next)) throw new TensorError(`\`${name}\` is not an nn.Module`);
      module = next;
    }
    return module;
  }

  #at(target: string): [Module, string, unknown] {
    const dot = target.lastIndexOf(".");
    const module = this.getSubmodule(target.slice(0, Math.max(dot, 0)));
    const name = target.slice(dot + 1);
    if (!(name in module)) throw new TensorError(`${module.constructor.name} has no attribute \`${name}\``);
    return [module, name, (module as unknown as Record<string, unknown>)[name]];
  }

  /** The parameter at a path. @throws {TensorError} there is none */
  getParameter(target: string): Parameter {
    const [, name, value] = this.#at(target);
    if (!(value instanceof Parameter)) throw new TensorError(`\`${name}\` is not an nn.Parameter`);
    return value;
  }

  /** The buffer at a path. @throws {TensorError} there is none */
  getBuffer(target: string): Tensor {
    const [module, name, value] = this.#at(target);
    if (!module.bufferNames.has(name)) throw new TensorError(`\`${name}\` is not a buffer`);
    return value as Tensor;
  }

  /** Calls `hook` with the inputs before `forward`; what it returns, if anything, takes their place. */
  registerForwardPreHook(hook: ForwardPreHook, options: HookOptions = {}): RemovableHandle {
    return this.#hooks().forwardPre.add(hook, options, () => this.#unhook());
  }

  /** Calls `hook` with inputs and output after `forward`; what it returns, if anything, takes the output's place. */
  registerForwardHook(hook: ForwardHook, options: HookOptions = {}): RemovableHandle {
    return this.#hooks().forward.add(hook, options, () => this.#unhook());
  }

  /**
   * Calls `hook` in backward() with the gradients of outputs, before those of anything inside are computed; what it returns,
   * if anything, takes their place.
   */
  registerFullBackwardPreHook(hook: BackwardPreHook, options: HookOptions = {}): RemovableHandle {
    return this.#hooks().backwardPre.add(hook, options, () => this.#unhook());
  }

  /**
   * Calls `hook` in backward() with the gradients of inputs and outputs, null where there are none; what it returns, if
   * anything, takes the place of those of the inputs. Gradients of parameters have been computed by then.
   */
  registerFullBackwardHook(hook: BackwardHook, options: HookOptions = {}): RemovableHandle {
    return this.#hooks().backward.add(hook, options, () => this.#unhook());
  }

  #hooks(): Hooks {
    const calls = this[CALLS];
    calls.hooks ??= new Hooks();
    return calls.hooks;
  }

  /** Without hooks a call takes the short way again. */
  #unhook(): void {
    if (this[CALLS].hooks?.empty) this[CALLS].hooks = null;
  }

  /** What stands between the parentheses when the module is printed. */
  extraRepr(): string {
    return "";
  }

  /** As PyTorch prints it. */
  override toString(): string {
    return describeModule(this);
  }

  /** Node's, Deno's and Bun's console.log. */
  [INSPECT](): string {
    return this.toString();
  }

  [DENO_INSPECT](): string {
    return this.toString();
  }
}
