import { isOptions } from "../../core/args.ts";
import { IndexError } from "../../core/errors.ts";
import { withIntermediates } from "../intermediate.ts";
import { isModule, ownChildren } from "../members.ts";
import { Module } from "../module.ts";

/** @internal A position counted from the end if negative. */
export function position(index: number, length: number): number {
  const at = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || at < 0 || at >= length) throw new IndexError(`index ${index} is out of range`);
  return at;
}

/** @internal Modules under the names 0, 1, 2 …, in place of those that are there. */
export function renumber(owner: Module, modules: Iterable<Module>): void {
  const list = [...modules];
  for (const module of list) if (!isModule(module)) throw new TypeError(`${typeof module} is not a Module subclass`);
  for (const [name] of ownChildren(owner)) Reflect.deleteProperty(owner, name);
  list.forEach((module, i) => {
    owner.addModule(String(i), module);
  });
}

/** Modules by name, or by number. */
type Contents = Module | Readonly<Record<string, Module>>;

/**
 * Modules that run one after the other, each on what the one before made. They are numbered, or named by a plain object.
 * @throws {TypeError} what is no module
 * @see PyTorch torch.nn.Sequential
 * @example
 * const model = new nn.Sequential(new nn.Linear(2, 8), new nn.ReLU(), new nn.Linear(8, 1));
 * model(ones(4, 2)).shape; // [4, 1]
 */
export class Sequential extends Module {
  /** @internal */
  static readonly _keepsNothing: boolean = true;

  /** By position, as `model[0]`. */
  [position: number]: Module;

  constructor(...modules: Contents[]) {
    super();
    const [first] = modules;
    if (modules.length === 1 && isOptions(first)) {
      for (const [name, module] of Object.entries(first)) this.addModule(name, module as Module);
    } else {
      renumber(this, modules as Module[]);
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: the first module decides what goes in, the last what comes out
  override forward(input: any): any {
    return withIntermediates(this, () => {
      let value: unknown = input;
      for (const name of Object.keys(this)) {
        const module: unknown = (this as unknown as Record<string, unknown>)[name];
        if (isModule(module)) value = module(value);
      }
      return value;
    });
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

  /** The modules from `start` up to before `end`, as another Sequential. */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(...[...this].slice(start, end));
  }

  /** Adds a module at the end. */
  append(module: Module): this {
    this.addModule(String(this.length), module);
    return this;
  }

  /** Adds a module before the one at a position. @throws {IndexError} out of range */
  insert(index: number, module: Module): this {
    const modules = [...this];
    modules.splice(position(index, modules.length + 1), 0, module);
    renumber(this, modules);
    return this;
  }

  /** Adds the modules of another Sequential, or of a list, at the end. */
  extend(modules: Iterable<Module>): this {
    for (const module of [...modules]) this.append(module);
    return this;
  }

  /** Takes the module at a position out. @throws {IndexError} out of range */
  pop(index = -1): Module {
    const modules = [...this];
    const [removed] = modules.splice(position(index, modules.length), 1);
    renumber(this, modules);
    return removed;
  }
}
