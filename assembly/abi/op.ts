/**
 * The primitives. A name here is the name of its functions (`addInfer`, `addForward`, `addBackward` where it has them of
 * its own) in assembly/ops and of its binding in bindings/ops. Order and values are private to one build of the package.
 */
export const enum Op {
  None = 0,
  /** Computed by the bindings: custom functions, composites with a gradient of their own. */
  External,

  // pointwise with two tensors: of floats and integers
  Add,
  Sub,
  Mul,
  Pow,
  Maximum,
  Minimum,
  FloorDivide,
  TruncDivide,
  Remainder,
  Fmod,
  // of integers only, And to Xor of bools as well
  And,
  Or,
  Xor,
  ShiftLeft,
  ShiftRight,
  // of floats only
  Div,
  Atan2,
  Hypot,
  Copysign,
  Xlogy,
  LogAddExp,
  /** Number: the weight. */
  LerpScalar,

  // pointwise with three tensors of floats
  Lerp,
  Addcmul,
  Addcdiv,

  // pointwise with a tensor and a number
  AddScalar,
  RsubScalar,
  MulScalar,
  DivScalar,
  RdivScalar,
  PowScalar,
  RpowScalar,
  Clamp,
  Hardtanh,
  /** Numbers: the slope, and 1 if the derivative reads the result (in place). */
  LeakyRelu,
  /** Numbers: alpha and scale. */
  Elu,
  /** elu in place: the derivative reads the result, so that no copy of the input is kept. */
  EluByResult,
  Softplus,

  // comparisons of two tensors, or of a tensor and a number: the result is bool
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,

  // questions about one tensor: the result is bool
  IsNaN,
  IsInf,
  IsFinite,

  // pointwise with one tensor
  Neg,
  Exp,
  Log,
  Sin,
  Cos,
  Tanh,
  Sigmoid,
  Relu,
  Sqrt,
  Abs,
  Rsqrt,
  Reciprocal,
  Square,
  Sign,
  Floor,
  Ceil,
  Round,
  Trunc,
  Erf,
  Gelu,
  GeluTanh,
  Silu,
  Mish,
  LogSigmoid,
  Hardswish,
  Hardsigmoid,
  Tan,
  Asin,
  Acos,
  Atan,
  Sinh,
  Cosh,
  Asinh,
  Acosh,
  Atanh,
  Log2,
  Log10,
  Log1p,
  Exp2,
  Expm1,
  Erfc,
  Erfinv,
  Frac,
  /** Of integers and bools. */
  Not,

  /** The last input is the result: elements that the bindings have computed from the other inputs. */
  Evaluated,

  Where,
  Cast,

  // reductions over some dimensions
  Sum,
  Mean,
  Prod,
  Amax,
  Amin,
  ArgMax,
  ArgMin,
  Any,
  All,
  Var,
  Std,
  LogSumExp,
  VectorNorm,
  /** Over all elements, NaNs skipped if the integer attribute is 1. */
  MedianAll,

  // along one dimension: values, and the places where they were found
  MaxDim,
  MinDim,
  Kth,
  Median,
  NanMedian,
  Mode,
  Sort,
  Cummax,
  Cummin,

  // scans along one dimension
  Cumsum,
  Cumprod,
  LogCumSumExp,
  Recurrence,

  Distance,

  Matmul,
  Linear,

  // convolution, and its gradients by input and weights
  Conv,
  ConvTranspose,
  ConvWeight,

  // pooling
  MaxPool,
  AvgPool,
  AvgPoolGrad,

  // normalisation
  LayerNorm,
  BatchNorm,

  Embedding,
  RecurrentLayer,

  Softmax,
  LogSoftmax,
  CrossEntropy,

  // views
  View,
  Permute,
  Expand,
  Slice,
  Detach,
  AsStrided,

  // copies and indexing
  Clone,
  Copy,
  Fill,
  AsStridedScatter,
  Cat,
  Gather,
  ScatterAdd,
  IndexSelect,
  IndexAdd,
  IndexCopy,
  Scatter,
  Embed,
  Flip,
  /** In place only: input 0 takes the elements of a result, input 1, and its place in the graph. */
  Assign,

  COUNT,
}

/** Added to an op code: the result goes into the first operand. */
export const enum OpMode {
  Mask = 0xffff,
  InPlace = 0x10000,
}
