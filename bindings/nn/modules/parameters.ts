/** Containers of parameters for a module of your own. */
import { TensorBase } from "../../core/base.ts";
import { TensorError } from "../../core/errors.ts";
import type { Tensor } from "../../tensor.ts";
import { ownParameters } from "../members.ts";
import { Module } from "../module.ts";
import { Parameter } from "../parameter.ts";
import { notCallable } from "./lists.ts";
import { position } from "./sequential.ts";

/** Tensors become parameters. */
function parameterOf(value: Tensor): Parameter {
  if (value instanceof Parameter) return value;
  if (value instanceof TensorBase) return new Parameter(value);
  throw new TypeError(`${typeof value} is not a Parameter`);
}

function describe(module: Module): string {
  return ownParameters(module)
    .map(([name, p]) => `  (${name}): Parameter containing: [torch.${p.dtype} of size ${p.shape.join("x")}]`)
    .join("\n");
}

/**
 * Parameters in order, by number. It cannot be called.
 * @example [...new nn.ParameterList([ones(2)]).namedParameters()][0][0] // "0"
 */
export class ParameterList extends Module {
  /** By position, as `list[0]`. */
  [position: number]: Parameter;

  constructor(values: Iterable<Tensor> = []) {
    super();
    this.extend(values);
  }

  override forward(): never {
    return notCallable(this);
  }

  /** Number of parameters. */
  override get length(): number {
    return ownParameters(this).length;
  }

  [Symbol.iterator](): Iterator<Parameter> {
    return ownParameters(this)
      .map(([, parameter]) => parameter)
      [Symbol.iterator]();
  }

  /** The parameter at a position, counted from the end if negative. @throws {IndexError} out of range */
  at(index: number): Parameter {
    const parameters = [...this];
    return parameters[position(index, parameters.length)];
  }

  /** Adds a parameter at the end. */
  append(value: Tensor): this {
    this.registerParameter(String(this.length), parameterOf(value));
    return this;
  }

  /** Adds several parameters at the end. */
  extend(values: Iterable<Tensor>): this {
    for (const value of [...values]) this.append(value);
    return this;
  }

  override extraRepr(): string {
    return describe(this);
  }
}

/** Names and tensors: a plain object, a Map, or pairs. */
type NamedTensors = Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]>;

/**
 * Parameters by name, in order. It cannot be called.
 * @example new nn.ParameterDict({ scale: ones(2) }).get("scale").shape // [2]
 */
export class ParameterDict extends Module {
  constructor(values: NamedTensors = {}) {
    super();
    this.update(values);
  }

  override forward(): never {
    return notCallable(this);
  }

  /** Number of parameters. */
  override get length(): number {
    return ownParameters(this).length;
  }

  /** The parameter of a name. @throws {TensorError} there is none */
  get(name: string): Parameter {
    const value = (this as unknown as Record<string, unknown>)[name];
    if (!(value instanceof Parameter)) throw new TensorError(`ParameterDict: no parameter is called '${name}'`);
    return value;
  }

  /** Gives a parameter a name, in place of the one that has it. */
  set(name: string, value: Tensor): this {
    this.registerParameter(name, parameterOf(value));
    return this;
  }

  /** Whether there is a parameter of this name. */
  has(name: string): boolean {
    return Object.hasOwn(this, name) && (this as unknown as Record<string, unknown>)[name] instanceof Parameter;
  }

  /** The names, in order. */
  keys(): string[] {
    return ownParameters(this).map(([name]) => name);
  }

  /** The parameters, in order. */
  values(): Parameter[] {
    return ownParameters(this).map(([, parameter]) => parameter);
  }

  /** PyTorch's items(). */
  entries(): [string, Parameter][] {
    return ownParameters(this);
  }

  [Symbol.iterator](): Iterator<string> {
    return this.keys()[Symbol.iterator]();
  }

  /** Adds all parameters of another collection, in its order. */
  update(values: NamedTensors): void {
    const pairs = Symbol.iterator in values ? (values as Iterable<readonly [string, Tensor]>) : Object.entries(values);
    for (const [name, value] of pairs) this.set(name, value);
  }

  /** Takes the parameter of a name out. @throws {TensorError} there is none */
  pop(name: string): Parameter {
    const parameter = this.get(name);
    Reflect.deleteProperty(this, name);
    return parameter;
  }

  /** Removes all parameters. */
  clear(): void {
    for (const name of this.keys()) Reflect.deleteProperty(this, name);
  }
}
