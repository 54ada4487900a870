/** PyTorch's torch.nn. */

export * as functional from "./functional/index.ts";
export type {
  BackwardHook,
  BackwardPreHook,
  ForwardHook,
  ForwardPreHook,
  HookOptions,
} from "./hooks.ts";
export * as init from "./init.ts";
export type { MemberOptions } from "./module.ts";
export { Module } from "./module.ts";
export { LogSoftmax, ReLU, Sigmoid, Softmax, Tanh } from "./modules/activation.ts";
export {
  CELU,
  ELU,
  GELU,
  GLU,
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  LogSigmoid,
  Mish,
  ReLU6,
  SELU,
  SiLU,
  Softmax2d,
  Softmin,
  Softplus,
  Softshrink,
  Softsign,
  Tanhshrink,
} from "./modules/activations.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  FractionalMaxPool2d,
  FractionalMaxPool3d,
} from "./modules/adaptive.ts";
export type { AdaptiveLoss } from "./modules/adaptive-softmax.ts";
export { AdaptiveLogSoftmaxWithLoss } from "./modules/adaptive-softmax.ts";
export { GRUCell, LSTMCell, RNNCell } from "./modules/cells.ts";
export type { ConvModuleOptions, ConvTransposeModuleOptions, PaddingMode } from "./modules/conv.ts";
export { Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "./modules/conv.ts";
export { Dropout } from "./modules/dropout.ts";
export { AlphaDropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout } from "./modules/dropouts.ts";
export type { EmbeddingBagModuleOptions, EmbeddingModuleOptions } from "./modules/embedding.ts";
export { Embedding, EmbeddingBag } from "./modules/embedding.ts";
export { Flatten, Unflatten } from "./modules/flatten.ts";
export { LazyLinear } from "./modules/lazy.ts";
export {
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
} from "./modules/lazy-conv.ts";
export {
  LazyBatchNorm1d,
  LazyBatchNorm2d,
  LazyBatchNorm3d,
  LazyInstanceNorm1d,
  LazyInstanceNorm2d,
  LazyInstanceNorm3d,
} from "./modules/lazy-norm.ts";
export { Identity, Linear } from "./modules/linear.ts";
export { ModuleDict, ModuleList } from "./modules/lists.ts";
export { BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss, NLLLoss } from "./modules/loss.ts";
export {
  CosineEmbeddingLoss,
  CTCLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  MarginRankingLoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  PoissonNLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from "./modules/losses.ts";
export type { MultiheadCallOptions, MultiheadModuleOptions } from "./modules/multihead.ts";
export { MultiheadAttention } from "./modules/multihead.ts";
export type { NormOptions } from "./modules/normalization.ts";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  LocalResponseNorm,
  RMSNorm,
} from "./modules/normalization.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./modules/padding.ts";
export { Bilinear, CosineSimilarity, PairwiseDistance } from "./modules/pairs.ts";
export { ParameterDict, ParameterList } from "./modules/parameters.ts";
export {
  AvgPool1d,
  AvgPool2d,
  AvgPool3d,
  LPPool1d,
  LPPool2d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  MaxUnpool1d,
  MaxUnpool2d,
  MaxUnpool3d,
} from "./modules/pooling.ts";
export { LeakyReLU, PReLU, RReLU, Threshold } from "./modules/rectifiers.ts";
export type { LstmOptions, RecurrentOptions, RnnOptions } from "./modules/recurrent.ts";
export { GRU, LSTM, RNN } from "./modules/recurrent.ts";
export { Sequential } from "./modules/sequential.ts";
export type { EncoderStackMasks, TransformerMasks, TransformerOptions } from "./modules/transformer.ts";
export { Transformer, TransformerDecoder, TransformerEncoder } from "./modules/transformer.ts";
export type { DecoderMasks, EncoderMasks, TransformerLayerOptions } from "./modules/transformer-layers.ts";
export { TransformerDecoderLayer, TransformerEncoderLayer } from "./modules/transformer-layers.ts";
export type { UpsampleOptions } from "./modules/vision.ts";
export {
  ChannelShuffle,
  Fold,
  PixelShuffle,
  PixelUnshuffle,
  Unfold,
  Upsample,
  UpsamplingBilinear2d,
  UpsamplingNearest2d,
} from "./modules/vision.ts";
export type { ParameterOptions } from "./parameter.ts";
export { Parameter } from "./parameter.ts";
export type { IncompatibleKeys, StateDict } from "./state.ts";
export { UninitializedBuffer, UninitializedParameter } from "./uninitialized.ts";
export * as utils from "./utils/index.ts";
