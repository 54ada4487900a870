/** Python's copy.deepcopy for modules. */
import { TensorBase } from "../core/base.ts";
import { TensorError } from "../core/errors.ts";
import { heapTensor } from "../ops/creation.ts";
import type { Tensor } from "../tensor.ts";
import { isModule } from "./members.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

type Properties = Record<string, unknown>;

function copyTensor(t: Tensor): Tensor {
  if (!t.isLeaf) {
    throw new TensorError(
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment",
    );
  }
  const { requiresGrad } = t;
  const made =
    t instanceof Parameter
      ? new Parameter(t, { requiresGrad })
      : heapTensor(t.shape, t.dtype).copy_(t.detach()).requiresGrad_(requiresGrad);
  if (requiresGrad && t.grad) made.grad = t.grad.detach().clone();
  return made;
}

function copyModule(module: Module, seen: Map<unknown, unknown>): Module {
  // The constructor of the class itself would draw new parameters, and nobody knows its arguments.
  const made = Reflect.construct(Module, [], module.constructor) as Module;
  seen.set(module, made);
  for (const [name, persistent] of module.bufferNames) made.bufferNames.set(name, persistent);
  for (const name of module.parameterNames) made.parameterNames.add(name);
  for (const name of Object.keys(module)) {
    (made as unknown as Properties)[name] = copyValue((module as unknown as Properties)[name], seen);
  }
  return made;
}

/** Tensors, modules, arrays and plain objects are copied, each once; anything else is shared. */
function copyValue(value: unknown, seen: Map<unknown, unknown>): unknown {
  if (seen.has(value)) return seen.get(value);
  if (isModule(value)) return copyModule(value, seen);
  const keep = <T>(copy: T): T => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof TensorBase) return keep(copyTensor(value as Tensor));
  if (Array.isArray(value)) {
    const list = keep([] as unknown[]);
    for (const item of value) list.push(copyValue(item, seen));
    return list;
  }
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const made = keep({} as Properties);
  for (const [key, item] of Object.entries(value)) made[key] = copyValue(item, seen);
  return made;
}

/**
 * An independent copy of a module: parameters, buffers, gradients and the modules below, with what they share shared in the copy
 * too. Hooks are not copied. What a class keeps in fields declared with # is not seen, so such a class cannot be copied.
 * @throws {TensorError} a module that holds a tensor with a graph
 * @see Python copy.deepcopy
 * @example
 * const online = new nn.Linear(2, 2);
 * const target = nn.utils.deepcopy(online);
 * target.weight === online.weight; // false
 */
export function deepcopy<M extends Module>(module: M): M {
  if (!isModule(module)) throw new TypeError(`deepcopy(): argument 'module' must be a Module, not ${typeof module}`);
  return copyModule(module, new Map()) as M;
}
