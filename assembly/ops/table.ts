/**
 * From an op code to its functions. A switch with direct calls: on V8 11 an indirect call costs ten times as much, and the
 * compiler sees through it.
 */
import { Combine } from "../abi/combine";
import { Op } from "../abi/op";
import { fail } from "../memory/args";
import { Status } from "../abi/status";
import { Node } from "../tape/node";
import { Tensor } from "../tensor/record";
import {
  addBackward, binaryForward, binaryInfer, binaryInferInPlace, compareForward, compareInfer, divBackward, extremumBackward,
  mulBackward, powBackward, subBackward,
} from "./binary";
import {
  catBackward, catForward, catInfer, cloneBackward, cloneForward, cloneInfer, copyBackward, copyForward, copyInferInPlace,
  fillBackward, fillForward, flipBackward, flipForward,
} from "./copy";
import { convBackward, convForward, convInfer } from "./conv";
import { distanceBackward, distanceForward, distanceInfer } from "./distance";
import { embeddingBackward, embeddingForward, embeddingInfer } from "./embedding";
import { gatherBackward, gatherForward, gatherInfer } from "./index";
import { crossEntropyBackward, crossEntropyForward, crossEntropyInfer } from "./entropy";
import { linearBackward, linearForward, linearInfer, matmulBackward, matmulForward, matmulInfer } from "./matmul";
import { hasWeight, normBackward, normForward, normInfer } from "./norm";
import { pickBackward, pickForward, pickInfer } from "./pick";
import { readsExtra, recurrentBackward, recurrentForward, recurrentInfer } from "./recurrent";
import { poolBackward, poolForward, poolInfer } from "./pool";
import { meanBackward, reduceForward, reduceInfer, sumBackward } from "./reduce";
import { scanForward, scanInfer } from "./scan";
import { scatterAddBackward, scatterForward, scatterInfer, scatterInferInPlace } from "./scatter";
import { softmaxBackward, softmaxForward, softmaxInfer } from "./softmax";
import {
  asStridedBackward, embedBackward, embedForward, embedInfer, scatterViewBackward, scatterViewForward, scatterViewInfer,
} from "./strided";
import { ternaryForward, ternaryInfer, ternaryInferInPlace } from "./ternary";
import { testInfer, unaryBackward, unaryForward, unaryInfer, unaryInferInPlace } from "./unary";
import { expandBackward, permuteBackward, sliceBackward, viewBackward, viewInfer } from "./view";
import { castBackward, castForward, castInfer, whereBackward, whereForward, whereInfer } from "./where";

// @ts-ignore: decorator
@inline export function isBinary(op: i32): bool {
  return op >= Op.Add && op <= Op.LerpScalar;
}

// @ts-ignore: decorator
@inline export function isUnary(op: i32): bool {
  return (op >= Op.AddScalar && op <= Op.Softplus) || (op >= Op.Neg && op <= Op.Not);
}

// @ts-ignore: decorator
@inline export function isView(op: i32): bool {
  return op >= Op.View && op <= Op.AsStrided;
}

// @ts-ignore: decorator
@inline function isReduction(op: i32): bool {
  return op >= Op.Sum && op <= Op.MedianAll;
}

// @ts-ignore: decorator
@inline function isPick(op: i32): bool {
  return op >= Op.MaxDim && op <= Op.Cummin;
}

// @ts-ignore: decorator
@inline function isScan(op: i32): bool {
  return op >= Op.Cumsum && op <= Op.Recurrence;
}

/** A row of arithmetic on one or two tensors; the code of an operation in place is none of these. */
// @ts-ignore: decorator
@inline export function isPointwise(op: i32): bool {
  return isBinary(op) || isUnary(op);
}

// @ts-ignore: decorator
@inline export function inferPointwise(n: Node): Tensor {
  return isBinary(n.op) ? binaryInfer(n) : unaryInfer(n);
}

// @ts-ignore: decorator
@inline export function forwardPointwise(n: Node): void {
  if (isBinary(n.op)) binaryForward(n);
  else unaryForward(n);
}

/** The result, with its shape and dtype but without elements; null with the status set if the inputs do not fit. */
export function infer(n: Node): Tensor {
  const op = <i32>n.op;
  if (isPointwise(op)) return inferPointwise(n);
  if (isView(op)) return viewInfer(n);
  if (isReduction(op)) return reduceInfer(n);
  if (isPick(op)) return pickInfer(n);
  if (isScan(op)) return scanInfer(n);
  switch (op) {
    case Op.Eq:
    case Op.Ne:
    case Op.Lt:
    case Op.Le:
    case Op.Gt:
    case Op.Ge: return compareInfer(n);
    case Op.IsNaN:
    case Op.IsInf:
    case Op.IsFinite: return testInfer(n);
    case Op.Lerp:
    case Op.Addcmul:
    case Op.Addcdiv: return ternaryInfer(n);
    case Op.Evaluated: return n.input(n.inputCount - 1);
    case Op.Where: return whereInfer(n);
    case Op.Cast: return castInfer(n);
    case Op.Distance: return distanceInfer(n);
    case Op.Matmul: return matmulInfer(n);
    case Op.Linear: return linearInfer(n);
    case Op.Conv:
    case Op.ConvTranspose:
    case Op.ConvWeight: return convInfer(n);
    case Op.MaxPool:
    case Op.AvgPool:
    case Op.AvgPoolGrad: return poolInfer(n);
    case Op.LayerNorm:
    case Op.BatchNorm: return normInfer(n);
    case Op.Embedding: return embeddingInfer(n);
    case Op.RecurrentLayer: return recurrentInfer(n);
    case Op.Softmax:
    case Op.LogSoftmax: return softmaxInfer(n);
    case Op.CrossEntropy: return crossEntropyInfer(n);
    case Op.Flip:
    case Op.Clone: return cloneInfer(n);
    case Op.Cat: return catInfer(n);
    case Op.Gather:
    case Op.IndexSelect: return gatherInfer(n);
    case Op.Scatter:
    case Op.ScatterAdd:
    case Op.IndexCopy:
    case Op.IndexAdd: return scatterInfer(n);
    case Op.AsStridedScatter: return scatterViewInfer(n);
    case Op.Embed: return embedInfer(n);
    default: return changetype<Tensor>(fail(Status.DTypes, n.input(0).dtype, n.input(0).dtype));
  }
}

/** Whether the result fits into input 0; sets the status if not. */
export function inferInPlace(n: Node): bool {
  const op = <i32>n.op;
  if (isBinary(op)) return binaryInferInPlace(n);
  if (isUnary(op)) return unaryInferInPlace(n);
  switch (op) {
    case Op.Copy: return copyInferInPlace(n);
    case Op.Lerp:
    case Op.Addcmul:
    case Op.Addcdiv: return ternaryInferInPlace(n);
    case Op.Scatter:
    case Op.ScatterAdd:
    case Op.IndexCopy:
    case Op.IndexAdd: return scatterInferInPlace(n);
    default: return true;
  }
}

/** Computes the elements of the result; false if memory for a temporary was missing (nothing was written). */
export function forward(n: Node): bool {
  const op = <i32>n.op;
  if (isPointwise(op)) {
    forwardPointwise(n);
    return true;
  }
  if (isView(op)) return true;
  if (isReduction(op)) return reduceForward(n);
  if (isPick(op)) return pickForward(n);
  if (isScan(op)) return scanForward(n);
  switch (op) {
    case Op.Where: whereForward(n); return true;
    case Op.IsNaN:
    case Op.IsInf:
    case Op.IsFinite: unaryForward(n); return true;
    case Op.Lerp:
    case Op.Addcmul:
    case Op.Addcdiv: ternaryForward(n); return true;
    case Op.Evaluated: return true;
    case Op.Cast: castForward(n); return true;
    case Op.Distance: return distanceForward(n);
    case Op.Matmul: return matmulForward(n);
    case Op.Linear: return linearForward(n);
    case Op.Conv:
    case Op.ConvTranspose:
    case Op.ConvWeight: return convForward(n);
    case Op.MaxPool:
    case Op.AvgPool:
    case Op.AvgPoolGrad: return poolForward(n);
    case Op.LayerNorm:
    case Op.BatchNorm: return normForward(n);
    case Op.Embedding: return embeddingForward(n);
    case Op.RecurrentLayer: return recurrentForward(n);
    case Op.Softmax:
    case Op.LogSoftmax: return softmaxForward(n);
    case Op.CrossEntropy: return crossEntropyForward(n);
    case Op.Clone: cloneForward(n); return true;
    case Op.Assign:
    case Op.Copy: copyForward(n); return true;
    case Op.Fill: fillForward(n); return true;
    case Op.AsStridedScatter: return scatterViewForward(n);
    case Op.Cat: return catForward(n);
    case Op.Gather:
    case Op.IndexSelect: return gatherForward(n);
    case Op.Scatter:
    case Op.ScatterAdd:
    case Op.IndexCopy:
    case Op.IndexAdd: return scatterForward(n);
    case Op.Embed: return embedForward(n);
    case Op.Flip: return flipForward(n);
    default: compareForward(n); return true;
  }
}

/** Sends the gradient `g` of the result on to the inputs. False if the derivative is not in the core. */
export function backward(n: Node, g: Tensor): bool {
  const op = <i32>n.op;
  switch (op) {
    case Op.Add: addBackward(n, g); return true;
    case Op.Sub: subBackward(n, g); return true;
    case Op.Mul: mulBackward(n, g); return true;
    case Op.Div: divBackward(n, g); return true;
    case Op.Pow: powBackward(n, g); return true;
    case Op.Maximum:
    case Op.Minimum: extremumBackward(n, g); return true;
    case Op.AddScalar:
    case Op.Frac:
    case Op.Clone: cloneBackward(n, g); return true;
    case Op.Where: whereBackward(n, g); return true;
    case Op.Cast: castBackward(n, g); return true;
    case Op.Sum: sumBackward(n, g); return true;
    case Op.Mean: meanBackward(n, g); return true;
    case Op.Distance: distanceBackward(n, g); return true;
    case Op.Matmul: matmulBackward(n, g); return true;
    case Op.Linear: linearBackward(n, g); return true;
    case Op.Conv:
    case Op.ConvTranspose:
    case Op.ConvWeight: convBackward(n, g); return true;
    case Op.MaxPool:
    case Op.AvgPool:
    case Op.AvgPoolGrad: poolBackward(n, g); return true;
    case Op.LayerNorm:
    case Op.BatchNorm: normBackward(n, g); return true;
    case Op.Embedding: embeddingBackward(n, g); return true;
    case Op.RecurrentLayer: recurrentBackward(n, g); return true;
    case Op.Softmax:
    case Op.LogSoftmax: softmaxBackward(n, g); return true;
    case Op.CrossEntropy: crossEntropyBackward(n, g); return true;
    case Op.View: viewBackward(n, g); return true;
    case Op.Permute: permuteBackward(n, g); return true;
    case Op.Expand: expandBackward(n, g); return true;
    case Op.Slice: sliceBackward(n, g); return true;
    case Op.Copy: copyBackward(n, g); return true;
    case Op.Fill: fillBackward(n); return true;
    case Op.AsStridedScatter: scatterViewBackward(n, g); return true;
    case Op.Cat: catBackward(n, g); return true;
    case Op.Gather:
    case Op.IndexSelect: gatherBackward(n, g); return true;
    case Op.ScatterAdd:
    case Op.IndexAdd: scatterAddBackward(n, g); return true;
    case Op.AsStrided: return asStridedBackward(n, g);
    case Op.Embed: embedBackward(n, g); return true;
    case Op.Flip: flipBackward(n, g); return true;
    case Op.RdivScalar:
    case Op.RpowScalar:
    case Op.EluByResult: return false;
  }
  if (isUnary(op)) {
    unaryBackward(n, g);
    return true;
  }
  if (isPick(op)) {
    pickBackward(n, g);
    return true;
  }
  return false;
}

/** isDifferentiable, with the commonest first: they are the lowest. */
// @ts-ignore: decorator
@inline export function carriesGradient(op: i32): bool {
  return op < Op.And ? true : isDifferentiable(op);
}

/** Whether the result can carry a gradient at all. */
function isDifferentiable(op: i32): bool {
  return !(
    (op >= Op.Eq && op <= Op.IsFinite) || (op >= Op.And && op <= Op.ShiftRight) || op == Op.Not || op == Op.ArgMax ||
    op == Op.ArgMin || op == Op.Any || op == Op.All || op == Op.Detach
  );
}

/**
 * Bits of `savedMask`: inputs 0, 1, 2, and the output. What is only compared is not read by the derivative here, but it is saved
 * by PyTorch's, whose backward therefore refuses it once it has been written to.
 */
export const enum Saved {
  Nothing = 0,
  Input0 = 1,
  Input1 = 2,
  Input2 = 4,
  Output = 8,
  Read = 15,
  Compared0 = 16,
  Compared1 = 32,
  Compared2 = 64,
  /** All inputs from the fourth on. */
  ComparedRest = 128,
}

/**
 * What the derivative of a node reads, given which inputs need one. Versions of these are compared before it runs, and a
 * node that reads nothing can be walked again.
 */
export function savedMask(n: Node): i32 {
  const needs0 = n.inputCount > 0 && n.edge(0) != 0;
  const needs1 = n.inputCount > 1 && n.edge(1) != 0;
  if (isPick(<i32>n.op)) return Saved.Input1 | (<i32>n.op >= Op.Cummax ? Saved.Compared0 : 0);
  switch (<i32>n.op) {
    case Op.Mul:
    case Op.Matmul:
    case Op.Conv:
    case Op.ConvTranspose:
    case Op.ConvWeight:
    case Op.Linear: return (needs0 ? Saved.Input1 : 0) | (needs1 ? Saved.Input0 : 0);
    case Op.Div: return Saved.Input1 | (needs1 ? Saved.Input0 : 0);
    case Op.FloorDivide:
    case Op.TruncDivide: return Saved.Compared1 | (needs1 ? Saved.Compared0 : 0);
    case Op.Pow: return Saved.Input0 | Saved.Input1 | (needs1 ? Saved.Output : 0);
    case Op.Maximum:
    case Op.Minimum:
    case Op.Atan2:
    case Op.Remainder:
    case Op.Fmod:
    case Op.Xlogy:
    case Op.LogAddExp: return Saved.Input0 | Saved.Input1;
    case Op.Hypot: return Saved.Input0 | Saved.Input1 | Saved.Output;
    case Op.Copysign: return Saved.Input0 | Saved.Output;
    case Op.LeakyRelu: return n.s1 ? Saved.Output : Saved.Input0;
    case Op.Lerp: return Saved.Input0 | Saved.Input1 | Saved.Input2;
    case Op.Addcmul:
    case Op.Addcdiv: return Saved.Input1 | Saved.Input2;
    case Op.Evaluated: return (1 << (n.inputCount - 1)) - 1;
    case Op.RdivScalar:
    case Op.PowScalar:
    case Op.Clamp:
    case Op.Log:
    case Op.Sin:
    case Op.Cos:
    case Op.Abs:
    case Op.Square:
    case Op.Erf:
    case Op.Hardtanh:
    case Op.Elu:
    case Op.Softplus:
    case Op.Gelu:
    case Op.GeluTanh:
    case Op.Silu:
    case Op.Mish:
    case Op.LogSigmoid:
    case Op.Hardswish:
    case Op.Hardsigmoid:
    case Op.Asin:
    case Op.Acos:
    case Op.Atan:
    case Op.Sinh:
    case Op.Cosh:
    case Op.Asinh:
    case Op.Acosh:
    case Op.Atanh:
    case Op.Log2:
    case Op.Log10:
    case Op.Log1p:
    case Op.Erfc: return Saved.Input0;
    case Op.Exp:
    case Op.Tanh:
    case Op.Sigmoid:
    case Op.Relu:
    case Op.Sqrt:
    case Op.Rsqrt:
    case Op.Reciprocal:
    case Op.EluByResult:
    case Op.Tan:
    case Op.Exp2:
    case Op.Expm1:
    case Op.Erfinv:
    case Op.Softmax:
    case Op.LogSoftmax: return Saved.Output;
    case Op.RpowScalar: return Saved.Compared0 | Saved.Output;
    case Op.Prod:
    case Op.Amax:
    case Op.Amin:
    case Op.Std:
    case Op.LogSumExp:
    case Op.VectorNorm:
    case Op.MedianAll:
    case Op.Cumprod:
    case Op.LogCumSumExp: return Saved.Input0 | Saved.Output;
    case Op.Var:
    case Op.Where: return Saved.Input0;
    case Op.RecurrentLayer: return Saved.Input0 | Saved.Input1 | (readsExtra(n) ? Saved.Input2 : 0) | Saved.Output;
    case Op.LayerNorm: return Saved.Input0 | Saved.Input1 | (hasWeight(n) ? Saved.Input2 : Saved.Compared2) | Saved.ComparedRest;
    case Op.BatchNorm: return Saved.Input0 | Saved.Input1 | (hasWeight(n) ? Saved.Input2 : 0);
    case Op.CrossEntropy: return Saved.Input1 | Saved.Input2;
    case Op.Distance: return Saved.Input0 | Saved.Input1 | Saved.Output;
    case Op.Recurrence: return Saved.Input1 | (needs1 ? Saved.Output : 0);
    case Op.AvgPool: return Saved.Compared0;
    case Op.MaxPool:
    case Op.Gather: return Saved.Compared0 | Saved.Input1;
    case Op.Embedding:
    case Op.IndexSelect:
    case Op.ScatterAdd: return Saved.Input1;
    case Op.IndexCopy:
    // Under another name it is part of index_put or masked_scatter, which save no source.
    case Op.IndexAdd: return Saved.Input1 | (n.edge(2) != 0 && n.name == 0 ? Saved.Compared2 : 0);
    case Op.Scatter: return n.list(0) == Combine.Replace ? Saved.Input1 : Saved.Input0 | Saved.Input1 | Saved.Input2 | Saved.Output;
    default: return Saved.Nothing;
  }
}

