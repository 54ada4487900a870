/** PyTorch's torch.optim.lr_scheduler. */
export { ChainedScheduler, SequentialLR } from "./composed.ts";
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from "./cosine.ts";
export type { CyclicOptions } from "./cyclic.ts";
export { CyclicLR } from "./cyclic.ts";
export { ConstantLR, ExponentialLR, LinearLR, MultiStepLR, PolynomialLR, StepLR } from "./decay.ts";
export { LambdaLR, MultiplicativeLR } from "./lambda.ts";
export type { OneCycleOptions } from "./one-cycle.ts";
export { OneCycleLR } from "./one-cycle.ts";
export type { PlateauOptions } from "./plateau.ts";
export { ReduceLROnPlateau } from "./plateau.ts";
export type { LastEpochOption, Scheduler, SchedulerStateDict } from "./scheduler.ts";
export { LRScheduler } from "./scheduler.ts";
