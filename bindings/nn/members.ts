/**
 * What a module consists of. Modules keep parameters and children where they are assigned, among their own properties, so
 * they are looked for there. Fields declared with # are invisible.
 */
import { TensorBase } from "../core/base.ts";
import type { Tensor } from "../tensor.ts";
import { CALLS } from "./callable.ts";
import type { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

type Properties = Record<string, unknown>;

/** The module's own parameters, in order of assignment. */
export function ownParameters(module: Module): [string, Parameter][] {
  const found: [string, Parameter][] = [];
  for (const name of Object.keys(module)) {
    const value = (module as unknown as Properties)[name];
    if (value instanceof Parameter) {
      module.parameterNames.add(name);
      found.push([name, value]);
    } else if (value instanceof TensorBase && module.parameterNames.has(name)) {
      throw new TypeError(`cannot assign a Tensor as parameter '${name}' (nn.Parameter or null expected)`);
    }
  }
  return found;
}

/** The module's own buffers, in order of registration; persistent ones only, if wanted. */
export function ownBuffers(module: Module, persistentOnly = false): [string, Tensor][] {
  const found: [string, Tensor][] = [];
  for (const [name, persistent] of module.bufferNames) {
    const value = (module as unknown as Properties)[name];
    if (value instanceof TensorBase && (persistent || !persistentOnly)) found.push([name, value as Tensor]);
  }
  return found;
}

export function isModule(value: unknown): value is Module {
  return typeof value === "function" && CALLS in value;
}

/** The module's own children, in order of assignment, repeated ones too. */
export function ownChildren(module: Module): [string, Module][] {
  const found: [string, Module][] = [];
  // Object.entries takes three times as long: the properties of a module are in a dictionary.
  for (const name of Object.keys(module)) {
    const value = (module as unknown as Properties)[name];
    if (isModule(value)) found.push([name, value]);
  }
  return found;
}

/** The module and all below it, each once, with their paths. */
export function namedModules(module: Module, prefix = "", seen: Set<Module> = new Set()): [string, Module][] {
  if (seen.has(module)) return [];
  seen.add(module);
  return [
    [prefix, module],
    ...ownChildren(module).flatMap(([name, child]) => namedModules(child, joined(prefix, name), seen)),
  ];
}

/** Something of all modules, each once, with its path. */
export function namedMembers<T>(
  module: Module,
  own: (module: Module) => [string, T][],
  prefix: string,
  recurse: boolean,
): [string, T][] {
  const modules: [string, Module][] = recurse ? namedModules(module, prefix) : [[prefix, module]];
  const seen = new Set<T>();
  const found: [string, T][] = [];
  for (const [path, m] of modules) {
    for (const [name, value] of own(m)) {
      if (seen.has(value)) continue;
      seen.add(value);
      found.push([joined(path, name), value]);
    }
  }
  return found;
}

export function joined(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/** Refuses names under which nothing can be registered. */
export function checkName(
  module: Module,
  kind: "buffer" | "parameter" | "module",
  name: unknown,
  replaces: boolean,
): void {
  if (typeof name !== "string") throw new TypeError(`${kind} name should be a string. Got ${typeof name}`);
  if (name in module && !replaces) throw new TypeError(`attribute '${name}' already exists`);
  if (name.includes("."))
    throw new TypeError(`${kind} name can't contain "."${kind === "module" ? `, got: ${name}` : ""}`);
  if (name === "") throw new TypeError(`${kind} name can't be empty string ""`);
}
