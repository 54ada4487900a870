/** PyTorch's torch.autograd. */
export type { AnomalyOptions } from "./anomaly.ts";
export { detectAnomaly, isAnomalyEnabled, setDetectAnomaly } from "./anomaly.ts";
export type { BackwardOptions, GradOptions } from "./backward.ts";
export { backward, grad } from "./backward.ts";
export type { FunctionCtx } from "./function.ts";
export { CustomFunction as Function } from "./function.ts";
export * as function from "./function-tools.ts";
export type { FunctionalOptions } from "./functional.ts";
export * as functional from "./functional.ts";
export type { GradcheckOptions, GradgradcheckOptions } from "./gradcheck.ts";
export { gradcheck, gradgradcheck } from "./gradcheck.ts";
export * as graph from "./graph-tools.ts";
