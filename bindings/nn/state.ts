/** Checkpoints of modules. */
import { noGrad } from "../autograd/mode.ts";
import { TensorBase } from "../core/base.ts";
import { TensorError } from "../core/errors.ts";
import type { Tensor } from "../tensor.ts";
import { joined, ownBuffers, ownChildren, ownParameters } from "./members.ts";
import type { Module } from "./module.ts";

/** Parameters and persistent buffers under PyTorch's keys: "0.weight", "block.fc.bias". */
export type StateDict = Record<string, Tensor>;

/** Keys that a module has and a dict has not, and the other way round. */
export interface IncompatibleKeys {
  missingKeys: string[];
  unexpectedKeys: string[];
}

/** Own ones first, then the children's; what is shared appears under every name. */
function entries(module: Module, prefix: string): [string, Tensor][] {
  return [
    ...[...ownParameters(module), ...ownBuffers(module, true)].map<[string, Tensor]>(([name, t]) => [
      joined(prefix, name),
      t,
    ]),
    ...ownChildren(module).flatMap(([name, child]) => entries(child, joined(prefix, name))),
  ];
}

export function stateDict(module: Module, prefix: string, keepVars: boolean): StateDict {
  return Object.fromEntries(entries(module, "").map(([name, t]) => [prefix + name, keepVars ? t : t.detach()]));
}

const size = (t: Tensor): string => `torch.Size([${t.shape.join(", ")}])`;

/** A one-element vector was how PyTorch saved scalars before version 0.4. */
function fitted(target: Tensor, source: Tensor): Tensor {
  return target.ndim === 0 && source.ndim === 1 ? source.select(0, 0) : source;
}

/** Of a shape that is not known yet (uninitialized.ts): it takes that of what is loaded. */
function isLazy(t: object): t is { materialize(shape: readonly number[]): void } {
  return "materialize" in t;
}

function sameShape(a: Tensor, b: Tensor): boolean {
  const [x, y] = [a.shape, b.shape];
  return x.length === y.length && x.every((s, i) => s === y[i]);
}

/** Nothing is copied unless everything fits. */
export function loadStateDict(module: Module, dict: Readonly<StateDict>, strict: boolean): IncompatibleKeys {
  if (typeof dict !== "object" || dict === null) {
    throw new TypeError(`Expected state_dict to be dict-like, got ${dict === null ? "null" : typeof dict}.`);
  }
  const targets = entries(module, "");
  const known = new Set(targets.map(([name]) => name));
  const missingKeys = [...known].filter((name) => !Object.hasOwn(dict, name));
  const unexpectedKeys = Object.keys(dict).filter((name) => !known.has(name));
  const quoted = (names: string[]): string => names.map((name) => `"${name}"`).join(", ");
  const errors: string[] = [];
  if (strict && missingKeys.length) errors.push(`Missing key(s) in state_dict: ${quoted(missingKeys)}. `);
  if (strict && unexpectedKeys.length) errors.push(`Unexpected key(s) in state_dict: ${quoted(unexpectedKeys)}. `);
  const copies: [Tensor, Tensor][] = [];
  for (const [name, target] of targets) {
    if (!Object.hasOwn(dict, name)) continue;
    const given: unknown = dict[name];
    if (!(given instanceof TensorBase)) {
      errors.push(
        `While copying the parameter named "${name}", expected torch.Tensor or Tensor-like object from checkpoint but ` +
          `received ${typeof given}`,
      );
      continue;
    }
    if (isLazy(target) && !isLazy(given)) target.materialize((given as Tensor).shape);
    if (isLazy(target)) continue;
    const source = fitted(target, given as Tensor);
    if (sameShape(target, source)) copies.push([target, source]);
    else {
      errors.push(
        `size mismatch for ${name}: copying a param with shape ${size(source)} from checkpoint, the shape in current model ` +
          `is ${size(target)}.`,
      );
    }
  }
  if (errors.length) {
    throw new TensorError(`Error(s) in loading state_dict for ${module.constructor.name}:\n\t${errors.join("\n\t")}`);
  }
  noGrad(() => {
    for (const [target, source] of copies) target.copy_(source);
  });
  return { missingKeys, unexpectedKeys };
}
