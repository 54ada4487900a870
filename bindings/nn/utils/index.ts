/** PyTorch's torch.nn.utils. */
export { deepcopy } from "../copy.ts";
export { clipGradNorm_, clipGradValue_ } from "./clip.ts";
export { removeSpectralNorm, removeWeightNorm, spectralNorm, weightNorm } from "./reparametrize.ts";
export * as rnn from "./rnn.ts";
export { parametersToVector, vectorToParameters } from "./vector.ts";
