/** Modules as functions of their parameters. */
import type { Tensor } from "../tensor.ts";

// biome-ignore lint/suspicious/noExplicitAny: modules take and return what they like
type Any = any;

/** What a module must offer. */
interface CallableModule {
  (...args: Any[]): Any;
  getSubmodule(path: string): object;
}

/**
 * Calls a module with other tensors in the place of parameters and buffers, by their names; the module keeps its own.
 * @param tensors by name, as in `namedParameters()`; several objects count together
 * @throws {TypeError} a name that the module does not have
 * @see PyTorch torch.func.functional_call
 * @example
 * const model = new nn.Linear(2, 1);
 * const loss = (params, x) => func.functionalCall(model, params, [x]).sum();
 * func.grad(loss)(Object.fromEntries(model.namedParameters()), ones([3, 2])); // { weight: tensor([[3., 3.]]), bias: tensor([3.]) }
 */
export function functionalCall(
  module: CallableModule,
  tensors: Readonly<Record<string, Tensor>> | readonly Readonly<Record<string, Tensor>>[],
  args: Any,
): Any {
  const all: Record<string, Tensor> = Object.assign({}, ...(Array.isArray(tensors) ? tensors : [tensors]));
  const replaced: { owner: Record<string, unknown>; name: string; before: unknown }[] = [];
  try {
    for (const [path, t] of Object.entries(all)) {
      const dot = path.lastIndexOf(".");
      const owner = module.getSubmodule(dot < 0 ? "" : path.slice(0, dot)) as Record<string, unknown>;
      const name = path.slice(dot + 1);
      if (!(name in owner)) throw new TypeError(`functionalCall: the module has no parameter or buffer "${path}"`);
      replaced.push({ owner, name, before: owner[name] });
      owner[name] = t;
    }
    return module(...(Array.isArray(args) ? args : [args]));
  } finally {
    for (const { owner, name, before } of replaced.reverse()) owner[name] = before;
  }
}
