/** PyTorch's torch.autograd.function. */
export { FunctionCtx, onceDifferentiable } from "./function.ts";
