/** PyTorch's torch.nn.functional. */

export {
  celu,
  celu_,
  elu,
  elu_,
  gelu,
  hardsigmoid,
  hardswish,
  hardtanh,
  hardtanh_,
  leakyRelu,
  leakyRelu_,
  logsigmoid,
  mish,
  relu6,
  selu,
  selu_,
  silu,
  softplus,
} from "../../ops/activation.ts";
export { oneHot } from "../../ops/count.ts";
export { pdist } from "../../ops/distance.ts";
export { sigmoid } from "../../ops/exponential.ts";
export { linear } from "../../ops/matmul.ts";
export { cosineSimilarity, normalize, pairwiseDistance } from "../../ops/norms.ts";
export type { PadMode, PadOptions } from "../../ops/pad.ts";
export { pad } from "../../ops/pad.ts";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "../../ops/pixel.ts";
export { logSoftmax, softmax, softmin } from "../../ops/softmax.ts";
export { tanh } from "../../ops/trigonometry.ts";
export type {
  GumbelSoftmaxOptions,
  ReluOptions,
  RreluOptions,
  ThresholdOptions,
} from "./activations.ts";
export {
  glu,
  gumbelSoftmax,
  hardshrink,
  prelu,
  relu,
  relu_,
  rrelu,
  rrelu_,
  softshrink,
  softsign,
  tanhshrink,
  threshold,
  threshold_,
} from "./activations.ts";
export type { AdaptiveSizes } from "./adaptive.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  fractionalMaxPool2d,
  fractionalMaxPool3d,
} from "./adaptive.ts";
export type { AttentionOptions } from "./attention.ts";
export { bilinear, scaledDotProductAttention } from "./attention.ts";
export type { ConvOptions, ConvTransposeOptions } from "./conv.ts";
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "./conv.ts";
export type { CtcLossOptions } from "./ctc.ts";
export { ctcLoss } from "./ctc.ts";
export { dropout } from "./dropout.ts";
export type { DropoutOptions } from "./dropouts.ts";
export { alphaDropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from "./dropouts.ts";
export type { EmbeddingBagOptions, EmbeddingOptions } from "./embedding.ts";
export { embedding, embeddingBag } from "./embedding.ts";
export type { CrossEntropyOptions, NllLossOptions } from "./entropy.ts";
export { crossEntropy, nllLoss } from "./entropy.ts";
export type { FoldOptions, UnfoldOptions } from "./fold.ts";
export { fold, unfold } from "./fold.ts";
export type { GridSampleOptions } from "./grid.ts";
export { affineGrid, gridSample } from "./grid.ts";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits, l1Loss, mseLoss } from "./loss.ts";
export type { TripletMarginLossOptions, TripletWithDistanceOptions } from "./losses-embedding.ts";
export { cosineEmbeddingLoss, tripletMarginLoss, tripletMarginWithDistanceLoss } from "./losses-embedding.ts";
export type { MarginOptions, MultilabelSoftMarginLossOptions, MultiMarginLossOptions } from "./losses-margin.ts";
export {
  hingeEmbeddingLoss,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "./losses-margin.ts";
export type {
  GaussianNllLossOptions,
  HuberLossOptions,
  KlDivOptions,
  PoissonNllLossOptions,
  SmoothL1LossOptions,
} from "./losses-regression.ts";
export { gaussianNllLoss, huberLoss, klDiv, poissonNllLoss, smoothL1Loss } from "./losses-regression.ts";
export type { MultiHeadAttentionForwardOptions, MultiheadOptions } from "./multihead.ts";
export { multiHeadAttentionForward } from "./multihead.ts";
export { rmsNorm } from "./native-norm.ts";
export type {
  BatchNormOptions,
  GroupNormOptions,
  InstanceNormOptions,
  LayerNormOptions,
  LocalResponseNormOptions,
} from "./normalization.ts";
export { batchNorm, groupNorm, instanceNorm, layerNorm, localResponseNorm } from "./normalization.ts";
export type { AvgPoolOptions, LpPoolOptions, MaxPoolOptions } from "./pooling.ts";
export { avgPool1d, avgPool2d, avgPool3d, lpPool1d, lpPool2d, maxPool1d, maxPool2d, maxPool3d } from "./pooling.ts";
export type { Reduction, ReductionOption } from "./reduction.ts";
export type { InterpolateOptions, InterpolationMode } from "./resample.ts";
export { interpolate, upsample, upsampleBilinear, upsampleNearest } from "./resample.ts";
export type { MaxUnpoolOptions } from "./unpooling.ts";
export { maxUnpool1d, maxUnpool2d, maxUnpool3d } from "./unpooling.ts";
export type { Sizes } from "./window.ts";
