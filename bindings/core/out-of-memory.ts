/** Why memory was refused, and what to do. */
import { OutOfMemoryError } from "./errors.ts";
import { core } from "./wasm.ts";

export function outOfMemory(bytes: number): OutOfMemoryError {
  const held = core.getUsed() >>> 0;
  const nursery = core.nurseryUsed() >>> 0;
  const pending = core.pendingNodes.value as number;
  const limit = core.getLimit() >>> 0;
  const asked = bytes > 0 ? ` for ${bytes} bytes` : "";
  return new OutOfMemoryError(
    `out of memory${asked}: ${held} bytes are in use (nursery ${nursery}, heap ${held - nursery}), limit ${limit}; ` +
      `${pending} nodes of graphs wait for backward(). Run evaluation inside noGrad(), call backward() or detach() on what is ` +
      "kept, dispose() large tensors, or raise the limit with memory.setLimit().",
  );
}
