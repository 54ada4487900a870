/** PyTorch's torch.func: functions from functions. */
export { functionalCall } from "./functional-call.ts";
export { type GradOptions, grad, gradAndValue, hessian, jacfwd, jacrev, jvp, vjp } from "./transforms.ts";
export { type VmapOptions, vmap } from "./vmap.ts";
