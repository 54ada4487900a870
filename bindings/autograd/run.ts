/** The derivative of one node, outside of the core's own loop. */
import { Args, NodeFlag } from "../../assembly/abi/layout.ts";
import { Op } from "../../assembly/abi/op.ts";
import { withMemory, wrap } from "../core/dispatch.ts";
import { GradError } from "../core/errors.ts";
import { address, whileDeriving } from "../core/generation.ts";
import { core, i32 } from "../core/wasm.ts";
import { watcher } from "../core/watch.ts";
import { sumToSize } from "../ops/reduce.ts";
import type { Tensor } from "../tensor.ts";
import { FREED, fault } from "./faults.ts";
import { runPostHooks } from "./hooks.ts";
import { isGradEnabled } from "./mode.ts";
import { extrasAt, type Gradients, hasFlag, nameAt, type SavedNode } from "./node.ts";
import { ruleOf } from "./rules.ts";

/** How many tensors came out of a node. */
export function outputCount(node: SavedNode): number {
  return node.op === Op.External ? node.list(0) : 1;
}

/**
 * The gradients of a node's inputs, in their shapes, as its hooks leave them. While grad mode is on they have a graph.
 * @throws {GradError} freed, or saved and modified since; whatever a custom function or hook throws
 */
export function runNode(node: SavedNode, gradOutputs: Gradients): Gradients {
  return watcher === null
    ? derive(node, gradOutputs)
    : watcher.range(nameAt(node.pointer), "cpu_op", () => derive(node, gradOutputs));
}

function derive(node: SavedNode, gradOutputs: Gradients): Gradients {
  if (hasFlag(node.pointer, NodeFlag.Freed)) throw new GradError(FREED);
  const extras = extrasAt(node.pointer);
  const run = (): Gradients =>
    extras?.external
      ? extras.external.backward(gradOutputs)
      : primitive(node, gradOutputs[0] as Tensor, extras?.packed != null);
  const gradients = extras ? whileDeriving(run) : run();
  return extras?.postHooks.size ? runPostHooks(extras.postHooks, gradients, gradOutputs) : gradients;
}

function primitive(node: SavedNode, g: Tensor, packed: boolean): Gradients {
  if (!packed && !core.savedIsIntact(node.pointer)) throw fault();
  const known = packed || isGradEnabled() ? null : inCore(node, g);
  if (known) return known;
  const rule = ruleOf(node.op);
  if (!rule) throw new GradError(`the derivative for '${nameAt(node.pointer)}' is not implemented`);
  return rule(g, node).map((x, i) => (x && node.needs(i) ? sumToSize(x, node.inputShape(i)) : null));
}

const LIST: number = (core.argsAddress() + Args.List) >>> 2;

/** By the core's kernels; null if it does not have this derivative. */
function inCore(node: SavedNode, g: Tensor): Gradients | null {
  const given = address(g);
  const known = core.nodeBackward(node.pointer, given);
  if (known < 0) throw fault();
  if (known === 0) return null;
  const sent = Array.from(i32().subarray(LIST + 1, LIST + 1 + 2 * i32()[LIST]));
  const gradients: Gradients = new Array<null>(node.inputCount).fill(null);
  try {
    for (let k = 0; k < sent.length; k += 2) {
      // A copy: heap memory would wait for the garbage collector.
      const part = sent[k + 1] === given ? g : wrap(withMemory(() => core.toNursery(sent[k + 1])));
      const before = gradients[sent[k]];
      gradients[sent[k]] = before ? before.add(part) : part;
    }
  } finally {
    for (let k = 0; k < sent.length; k += 2) if (sent[k + 1] !== given) core.release(sent[k + 1]);
  }
  return gradients;
}
