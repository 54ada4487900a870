/** PyTorch's torch.autograd.graph. */
export { AccumulateGrad, GraphNode as Node } from "./graph-node.ts";
export { savedTensorsHooks } from "./saved.ts";
