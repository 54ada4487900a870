/** Errors of a walk, in PyTorch's words. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { Status } from "../../assembly/abi/status.ts";
import { GradError } from "../core/errors.ts";
import { outOfMemory } from "../core/out-of-memory.ts";
import { i32, status, statusDetail } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { nameAt, SavedNode } from "./node.ts";

export const FREED: string =
  "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). " +
  "Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if " +
  "you need to backward through the graph a second time or if you need to access saved tensors after calling backward.";

export const DETACHED: string =
  "Trying to use a saved tensor that has been detached in-place, i.e. with .detach_(). This is not supported, please use " +
  "out-of-place `.detach()` instead";

/** A saved tensor has been written to; `what` says what it was to the node that needs it. */
export function modified(t: Tensor, what: string, found: number, expected: number): GradError {
  const origin = i32()[(t.fresh() + TensorField.Node) >>> 2];
  const from = origin ? `, which is output ${i32()[(t._p + TensorField.Slot) >>> 2]} of ${nameAt(origin)},` : "";
  return new GradError(
    "one of the variables needed for gradient computation has been modified by an inplace operation: " +
      `[torch.${t.scalarName()}Tensor [${t.shape.join(", ")}]]${from} is at version ${found}; expected version ${expected} ` +
      `instead. Hint: ${what} as it was; clone() it before writing to it, or use the form without underscore.`,
  );
}

/** The error for the status that a walk of the core has left. */
export function fault(): Error {
  switch (status()) {
    case Status.Freed:
      return new GradError(FREED);
    case Status.SavedDetached:
      return new GradError(DETACHED);
    case Status.ModifiedInPlace: {
      const [input, found, expected] = [1, 2, 3].map(statusDetail);
      const node = new SavedNode(statusDetail(0));
      const what = `${nameAt(node.pointer)} needs its ${input < 0 ? "result" : `operand number ${input}`}`;
      return modified(input < 0 ? node.output() : node.input(input), what, found, expected);
    }
    default:
      return outOfMemory(0);
  }
}
