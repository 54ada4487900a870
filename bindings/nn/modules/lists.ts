/** Containers that hold modules for a module of your own, which says itself how they are used. */
import { TensorError } from "../../core/errors.ts";
import { isModule, ownChildren } from "../members.ts";
import { Module } from "../module.ts";
import { indented, inParentheses } from "../print.ts";
import { position, renumber } from "./sequential.ts";

/** @internal What calling such a container says. */
export function notCallable(module: Module): never {
  throw new TensorError(`Module [${module.constructor.name}] is missing the required "forward" function`);
}

/**
 * Modules in order, by number. It cannot be called.
 * @throws {TypeError} what is no module
 * @example
 * const layers = new nn.ModuleList([new nn.Linear(2, 2), new nn.ReLU()]);
 * let x = ones(1, 2);
 * for (const layer of layers) x = layer(x);
 */
export class ModuleList extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  /** By position, as `list[0]`. */
  [position: number]: Module;

  constructor(modules: Iterable<Module> = []) {
    super();
    renumber(this, modules);
  }

  override forward(): never {
    return notCallable(this);
  }

  /** Number of modules. */
  override get length(): number {
    return ownChildren(this).length;
  }

  [Symbol.iterator](): Iterator<Module> {
    return ownChildren(this)
      .map(([, module]) => module)
      [Symbol.iterator]();
  }

  /** The module at a position, counted from the end if negative. @throws {IndexError} out of range */
  at(index: number): Module {
    const modules = [...this];
    return modules[position(index, modules.length)];
  }

  /** The modules from `start` up to before `end`, as another ModuleList. */
  slice(start?: number, end?: number): ModuleList {
    return new ModuleList([...this].slice(start, end));
  }

  /** Adds a module at the end. */
  append(module: Module): this {
    this.addModule(String(this.length), module);
    return this;
  }

  /** Adds several modules at the end. */
  extend(modules: Iterable<Module>): this {
    for (const module of [...modules]) this.append(module);
    return this;
  }

  /** Adds a module before the one at a position. @throws {IndexError} out of range */
  insert(index: number, module: Module): void {
    const modules = [...this];
    modules.splice(position(index, modules.length + 1), 0, module);
    renumber(this, modules);
  }

  /** Takes the module at a position out. @throws {IndexError} out of range */
  pop(index = -1): Module {
    const modules = [...this];
    const [removed] = modules.splice(position(index, modules.length), 1);
    renumber(this, modules);
    return removed;
  }

  /** Equal neighbours are printed once, with their number. */
  override toString(): string {
    const lines: string[] = [];
    const texts = [...this].map(String);
    for (let first = 0, end = 0; first < texts.length; first = end) {
      while (end < texts.length && texts[end] === texts[first]) end++;
      const text = indented(texts[first]);
      lines.push(end - first > 1 ? `(${first}-${end - 1}): ${end - first} x ${text}` : `(${first}): ${text}`);
    }
    return inParentheses(this.constructor.name, lines);
  }
}

/** Names and modules: a plain object, a Map, pairs, or another ModuleDict. */
type NamedModules = Readonly<Record<string, Module>> | Iterable<readonly [string, Module]> | ModuleDict;

/**
 * Modules by name, in order. It cannot be called.
 * @throws {TypeError} what is no module
 * @example
 * const heads = new nn.ModuleDict({ mean: new nn.Linear(2, 1), scale: new nn.Linear(2, 1) });
 * heads.get("mean")(ones(1, 2)).shape; // [1, 1]
 */
export class ModuleDict extends Module {
  constructor(modules: NamedModules = {}) {
    super();
    this.update(modules);
  }

  override forward(): never {
    return notCallable(this);
  }

  /** Number of modules. */
  override get length(): number {
    return ownChildren(this).length;
  }

  /** The module of a name. @throws {TensorError} there is none */
  get(name: string): Module {
    const module = (this as unknown as Record<string, unknown>)[name];
    if (!isModule(module)) throw new TensorError(`ModuleDict: no module is called '${name}'`);
    return module;
  }

  /** Gives a module a name, in place of the one that has it. */
  set(name: string, module: Module): this {
    this.addModule(name, module);
    return this;
  }

  /** Whether there is a module of this name. */
  has(name: string): boolean {
    return Object.hasOwn(this, name) && isModule((this as unknown as Record<string, unknown>)[name]);
  }

  /** The names, in order. */
  keys(): string[] {
    return ownChildren(this).map(([name]) => name);
  }

  /** The modules, in order. */
  values(): Module[] {
    return ownChildren(this).map(([, module]) => module);
  }

  /** PyTorch's items(). */
  entries(): [string, Module][] {
    return ownChildren(this);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.keys()[Symbol.iterator]();
  }

  /** Adds all modules of another collection, in its order. */
  update(modules: NamedModules): void {
    const pairs = isModule(modules)
      ? modules.entries()
      : Symbol.iterator in modules
        ? (modules as Iterable<readonly [string, Module]>)
        : Object.entries(modules);
    for (const [name, module] of pairs) this.set(name, module);
  }

  /** Takes the module of a name out. @throws {TensorError} there is none */
  pop(name: string): Module {
    const module = this.get(name);
    Reflect.deleteProperty(this, name);
    return module;
  }

  /** Removes all modules. */
  clear(): void {
    for (const name of this.keys()) Reflect.deleteProperty(this, name);
  }
}
