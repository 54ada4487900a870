/** Running what users have hooked into a graph. */
import { NodeField, TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { GradError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { slotValue } from "../core/token.ts";
import { i32 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { addToKept } from "./leaf.ts";
import {
  extrasAt,
  type Gradients,
  type Hooks,
  type PostHook,
  type PreHook,
  type Replacement,
  type TensorHook,
} from "./node.ts";
import type { Wanted } from "./wanted.ts";

/** Runs hooks one after the other, each on what the one before returned. */
export function runTensorHooks(hooks: Hooks<TensorHook>, gradient: Tensor): Tensor {
  let g = gradient;
  for (const hook of [...hooks.values()]) {
    const replaced = hook(g);
    if (replaced === null || replaced === undefined) continue;
    checkReplacement(replaced, g, hook.name);
    g = replaced;
  }
  return g;
}

function checkReplacement(replaced: Tensor, g: Tensor, name: string): void {
  const [got, expected] = [replaced.shape, g.shape];
  const hook = `hook '${name || "anonymous"}'`;
  if (got.length !== expected.length || got.some((size, i) => size !== expected[i])) {
    throw new GradError(
      `${hook} has changed the size of value: it got [${expected.join(", ")}] and returned [${got.join(", ")}]`,
    );
  }
  if (replaced.dtype !== g.dtype)
    throw new GradError(`${hook} has changed the type of value from ${g.dtype} to ${replaced.dtype}`);
}

/** What a hook of a node returned, as a list of as many gradients as it was given. */
function replacedBy(result: Replacement<Gradients | Tensor>, given: Gradients, name: string): Gradients {
  if (result === null || result === undefined) return given;
  const list = Array.isArray(result) ? result : [result];
  if (list.length !== given.length) {
    throw new GradError(
      `hook '${name || "anonymous"}' has returned an incorrect number of values (got ${list.length}, but expected ${given.length})`,
    );
  }
  list.forEach((g, i) => {
    const before = given[i];
    if (g && before) checkReplacement(g, before, name);
  });
  return list;
}

export function runPreHooks(hooks: Hooks<PreHook>, gradOutputs: Gradients): Gradients {
  let list = gradOutputs;
  for (const hook of [...hooks.values()]) list = replacedBy(hook([...list]), list, hook.name);
  return list;
}

export function runPostHooks(hooks: Hooks<PostHook>, gradInputs: Gradients, gradOutputs: Gradients): Gradients {
  let list = gradInputs;
  for (const hook of [...hooks.values()]) list = replacedBy(hook([...list], [...gradOutputs]), list, hook.name);
  return list;
}

/**
 * What happens when the gradients of a node are complete: hooks of its tensors, then retained and wanted gradients are
 * taken, then, if the node will run, its own hooks. Returns the gradients as they are afterwards.
 */
export function beforeNode(node: number, arrived: Gradients, wanted: Wanted, runs: boolean): Gradients {
  const extras = extrasAt(node);
  const gradients = [...arrived];
  for (let k = 0; k < gradients.length; k++) {
    const g = gradients[k];
    if (!g) continue;
    const hooks = extras?.tensorHooks.get(k);
    const final = hooks ? runTensorHooks(hooks, g) : g;
    gradients[k] = final;
    const retained = retainedAt(node, k);
    if (retained) addToKept(retained, final);
    wanted.takesNode(node, k, final);
  }
  return runs && extras?.preHooks.size ? runPreHooks(extras.preHooks, gradients) : gradients;
}

/** What keeps the gradient of output `k`, if the tensor that came out there still comes from there and wants it kept. */
function retainedAt(node: number, k: number): { grad: Tensor | null } | null {
  const output = k === 0 ? i32()[(node + NodeField.Out) >>> 2] : otherOutput(node, k);
  if (output === 0) return null;
  const view = i32();
  const flags = view[(output + TensorField.DType) >>> 2] >>> 16;
  if (!(flags & TensorFlag.RetainsGrad) || view[(output + TensorField.Node) >>> 2] !== node) return null;
  return (slotValue(view[(output + TensorField.Pending) >>> 2]) as { grad: Tensor | null } | undefined) ?? null;
}

function otherOutput(node: number, k: number): number {
  const t = extrasAt(node)?.external?.outputs[k];
  return t ? address(t) : 0;
}
