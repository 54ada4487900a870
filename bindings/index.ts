/** The public names. */

export type { BackwardOptions, GradOptions } from "./autograd/backward.ts";
export * as autograd from "./autograd/index.ts";
export type { ModeGuard } from "./autograd/mode.ts";
export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from "./autograd/mode.ts";
export type { RemovableHandle } from "./autograd/node.ts";
export type { Compiled } from "./compile/index.ts";
export { compile } from "./compile/index.ts";
export type { NestedList } from "./core/base.ts";
export type { DType } from "./core/dtype.ts";
export {
  DisposedError,
  DTypeError,
  GradError,
  IndexError,
  LinAlgError,
  OutOfMemoryError,
  ShapeError,
  TensorError,
} from "./core/errors.ts";
export { getPrintoptions, setPrintoptions } from "./core/format.ts";
export { defaultGenerator, Generator } from "./core/generator.ts";
export type { MemoryStats } from "./core/memory.ts";
export * as memory from "./core/memory.ts";
export { scope } from "./core/scope.ts";
export { getNumThreads, setNumThreads } from "./core/threads.ts";
export * as func from "./func/index.ts";
export type { LeafNames } from "./graph.ts";
export { toDot, toMermaid } from "./graph.ts";
export { choleskyFactor as cholesky, choleskyInverse, choleskySolve } from "./linalg/cholesky.ts";
export { det, logdet, slogdet } from "./linalg/determinant.ts";
export { matrixExp, matrixPower } from "./linalg/function.ts";
export * as linalg from "./linalg/index.ts";
export { pcaLowrank, svdLowrank } from "./linalg/lowrank.ts";
export { luFactorize as lu, luSolveFactored as luSolve, luUnpack } from "./linalg/lu.ts";
export { pinverse } from "./linalg/pinv.ts";
export { geqrf, orgqr, ormqr, qrOld as qr } from "./linalg/qr.ts";
export { inverse, triangularSolve } from "./linalg/solve.ts";
export { svdOld as svd } from "./linalg/svd.ts";
export * as masked from "./masked/index.ts";
export { nativeBatchNorm, nativeLayerNorm } from "./nn/functional/native-norm.ts";
export * as nn from "./nn/index.ts";
export type { ScaleOptions } from "./ops/addmm.ts";
export { addbmm, addmm, addmv, addr, baddbmm } from "./ops/addmm.ts";
export { indexPut } from "./ops/advanced.ts";
export type { Operand } from "./ops/binary.ts";
export {
  add,
  div,
  div as divide,
  floorDivide,
  fmod,
  mul,
  mul as multiply,
  remainder,
  rsub,
  sub,
  sub as subtract,
  trueDivide,
} from "./ops/binary.ts";
export {
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseNot,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
  gcd,
  lcm,
} from "./ops/bitwise.ts";
export { cumulativeTrapezoid, diff, gradient, trapezoid, trapezoid as trapz } from "./ops/calculus.ts";
export {
  atleast1d,
  atleast2d,
  atleast3d,
  blockDiag,
  cat,
  columnStack,
  concat,
  concatenate,
  dstack,
  hstack,
  rowStack,
  stack,
  vstack,
} from "./ops/cat.ts";
export type { ClampOptions } from "./ops/clamp.ts";
export { clamp, clamp as clip, clampMax, clampMin } from "./ops/clamp.ts";
export {
  allclose,
  eq,
  equal,
  ge,
  ge as greaterEqual,
  gt,
  gt as greater,
  isclose,
  isin,
  le,
  le as lessEqual,
  lt,
  lt as less,
  ne,
  ne as notEqual,
} from "./ops/compare.ts";
export { clone } from "./ops/copy.ts";
export { bincount, histc } from "./ops/count.ts";
export type { CreationOptions, TensorData, TensorOptions } from "./ops/creation.ts";
export {
  empty,
  emptyLike,
  full,
  fullLike,
  ones,
  onesLike,
  tensor,
  zeros,
  zerosLike,
} from "./ops/creation.ts";
export { diag, diagEmbed, diagflat, diagonal, diagonalScatter, trace } from "./ops/diagonal.ts";
export { cdist, pdist } from "./ops/distance.ts";
export type { GeneratorOption, RandomOptions } from "./ops/draw.ts";
export { einsum } from "./ops/einsum.ts";
export { broadcastTensors, broadcastTo } from "./ops/expand.ts";
export {
  exp,
  exp2,
  expm1,
  log,
  log1p,
  log2,
  log10,
  logaddexp,
  logaddexp2,
  logit,
  sigmoid,
  xlogy,
} from "./ops/exponential.ts";
export { fmax, fmin, maximum, minimum } from "./ops/extremum.ts";
export { copysign, frexp, heaviside, ldexp, nextafter } from "./ops/floats.ts";
export { broadcastShapes } from "./ops/geometry.ts";
export { histogram, histogramdd } from "./ops/histogram.ts";
export { indexAdd, indexCopy, indexFill } from "./ops/index-write.ts";
export { gather, indexSelect, put, take, takeAlongDim } from "./ops/indexing.ts";
export { emptyStrided, fill } from "./ops/like.ts";
export {
  isfinite,
  isinf,
  isnan,
  isneginf,
  isposinf,
  isreal,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  signbit,
} from "./ops/logic.ts";
export { argwhere, maskedFill, maskedScatter, maskedSelect, nonzero } from "./ops/mask.ts";
export { bmm, dot, matmul, mm, mv } from "./ops/matmul.ts";
export { cartesianProd, combinations, meshgrid } from "./ops/mesh.ts";
export { addcdiv, addcmul, lerp } from "./ops/mixed.ts";
export { cosineSimilarity, dist, norm, pairwiseDistance, renorm } from "./ops/norms.ts";
export { constantPadNd } from "./ops/pad.ts";
export {
  adjoint,
  moveaxis,
  movedim,
  permute,
  swapaxes,
  swapdims,
  t,
  transpose,
} from "./ops/permute.ts";
export type { ValuesAndIndices } from "./ops/pick.ts";
export {
  argsort,
  cummax,
  cummin,
  kthvalue,
  max,
  median,
  min,
  mode,
  msort,
  nanmedian,
  sort,
  topk,
} from "./ops/pick.ts";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "./ops/pixel.ts";
export { floatPower, pow } from "./ops/power.ts";
export { chainMatmul, cross, ger, inner, kron, outer, tensordot, vander, vdot } from "./ops/products.ts";
export {
  forkRng,
  getRngState,
  initialSeed,
  manualSeed,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  seed,
  setRngState,
} from "./ops/random.ts";
export { arange, eye, linspace, logspace } from "./ops/ranges.ts";
export { flip, fliplr, flipud, repeatInterleave, roll, rot90, tile } from "./ops/rearrange.ts";
export type { Dims, ReduceOptions } from "./ops/reduce.ts";
export {
  all,
  amax,
  amin,
  aminmax,
  any,
  argmax,
  argmin,
  countNonzero,
  logsumexp,
  mean,
  nanmean,
  nansum,
  prod,
  sum,
} from "./ops/reduce.ts";
export { ceil, floor, frac, round, trunc, trunc as fix } from "./ops/rounding.ts";
export { bernoulli, multinomial, normal } from "./ops/sampling.ts";
export { cumprod, cumsum, logcumsumexp } from "./ops/scan.ts";
export { scatter, scatterAdd } from "./ops/scatter.ts";
export { indexReduce, scatterReduce } from "./ops/scatter-reduce.ts";
export { bucketize, searchsorted } from "./ops/search.ts";
export { segmentReduce } from "./ops/segment.ts";
export { narrow, narrowCopy, select, selectScatter, slice, sliceScatter } from "./ops/slice.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { i0 } from "./ops/special/bessel.ts";
export { erf, erfc, erfinv } from "./ops/special/error.ts";
export { digamma, igamma, igammac, lgamma, mvlgamma, polygamma } from "./ops/special/gamma.ts";
export { chunk, dsplit, hsplit, split, splitWithSizes, tensorSplit, unbind, vsplit } from "./ops/split.ts";
export { corrcoef, cov, nanquantile, quantile, std, stdMean, variance as var, varMean } from "./ops/statistics.ts";
export { asStrided, asStridedScatter } from "./ops/strided.ts";
export type { Index } from "./ops/subscript.ts";
export { tril, trilIndices, triu, triuIndices } from "./ops/triangle.ts";
export {
  acos,
  acos as arccos,
  acosh,
  acosh as arccosh,
  asin,
  asin as arcsin,
  asinh,
  asinh as arcsinh,
  atan,
  atan as arctan,
  atan2,
  atan2 as arctan2,
  atanh,
  atanh as arctanh,
  cos,
  cosh,
  deg2rad,
  hypot,
  rad2deg,
  sin,
  sinc,
  sinh,
  tan,
  tanh,
} from "./ops/trigonometry.ts";
export {
  asTensor,
  canCast,
  isFloatingPoint,
  isNonzero,
  isTensor,
  numel,
  promoteTypes,
  resultType,
} from "./ops/types.ts";
export {
  abs,
  abs as absolute,
  angle,
  conj,
  conjPhysical,
  nanToNum,
  neg,
  neg as negative,
  positive,
  real,
  reciprocal,
  relu,
  rsqrt,
  sgn,
  sign,
  sqrt,
  square,
} from "./ops/unary.ts";
export { unique, uniqueConsecutive } from "./ops/unique.ts";
export { flatten, ravel, reshape, squeeze, unflatten, unsqueeze } from "./ops/view.ts";
export { where } from "./ops/where.ts";
export * as optim from "./optim/index.ts";
export * as profiler from "./profiler/index.ts";
export * as special from "./special/index.ts";
export { Tensor } from "./tensor.ts";
export * as utils from "./utils/index.ts";
