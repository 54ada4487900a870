/**
 * Nodes whose derivative the bindings compute: custom functions, and composites with a gradient of their own. They may have
 * several outputs, whose gradients a walk gathers in the node's list (gradientCell in gradient.ts):
 *
 *   list: | number of outputs | gradient of output 1 | gradient of output 2 | ... |
 *
 * Integer attribute 0 says whether the node has saved tensors, so that it cannot be walked again once they are freed.
 */
import { Args, NodeFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { ARGS, listAt } from "../memory/args";
import { noteEscape } from "../memory/nursery";
import { tensorAt } from "../tensor/record";
import { attachOutput, beginNode, captureInputs, commitNode, Node, setInput } from "./node";

/**
 * Makes a node from the addresses in the argument block's list, first its inputs, then its outputs, at least one. The
 * outputs have been computed; an output that is also an input was written in place. 0: no memory.
 */
export function external(inputCount: i32, outputCount: i32): usize {
  const n = beginNode(Op.External, inputCount, outputCount, true);
  store<u32>(ARGS, 0, Args.Name);
  if (!changetype<usize>(n)) return 0;
  for (let i = 0; i < inputCount; i++) setInput(n, i, <usize>listAt(i));
  const list = n.inputAt(inputCount);
  memory.fill(list, 0, <usize>outputCount << 2);
  store<i32>(list, outputCount);
  captureInputs(n);
  commitNode(n, tensorAt(<usize>listAt(inputCount)));
  for (let k = 1; k < outputCount; k++) attachOutput(n, tensorAt(<usize>listAt(inputCount + k)), k);
  n.set(NodeFlag.External);
  for (let k = 0; k < outputCount; k++) noteRewritten(n, <usize>listAt(inputCount + k));
  return changetype<usize>(n);
}

/** Views of an output that was an input come from the node as well: they are brought up to date when they are used. */
function noteRewritten(n: Node, output: usize): void {
  for (let i = 0; i < <i32>n.inputCount; i++) {
    if (changetype<usize>(n.input(i)) != output) continue;
    tensorAt(output).rewrites++;
    noteEscape();
    return;
  }
}
