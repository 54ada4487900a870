/** PyTorch's torch.utils. */
export { checkpoint, checkpointSequential } from "../autograd/checkpoint.ts";
export * as data from "../data/index.ts";
