/** Pointwise operations on one tensor, with or without numbers as attributes. */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import { Status } from "../abi/status";
import { fail } from "../memory/args";
import { give } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapFill } from "../tensor/convert";
import { newLike, Tensor } from "../tensor/record";
import { heapMap, heapZip, map, zip } from "./pointwise";
import { Rule } from "./rule";

/** Operations that are the same arithmetic on integers; the others want a float and are cast by the bindings. */
function supportsInt(op: i32): bool {
  switch (op) {
    case Op.AddScalar:
    case Op.RsubScalar:
    case Op.MulScalar:
    case Op.PowScalar:
    case Op.Clamp:
    case Op.Neg:
    case Op.Relu:
    case Op.Abs:
    case Op.Square:
    case Op.Sign:
    case Op.Not:
      return true;
    default:
      return false;
  }
}

function supported(n: Node): bool {
  const dtype = n.input(0).dtype;
  const isNot = <i32>n.op == Op.Not;
  if (dtype == DType.Float32 && !isNot) return true;
  if ((dtype == DType.Int32 && supportsInt(n.op)) || (dtype == DType.Bool && isNot)) return true;
  fail(Status.DTypes, dtype, dtype);
  return false;
}

export function unaryInfer(n: Node): Tensor {
  const a = n.input(0);
  return supported(n) ? newLike(a, a.dtype) : changetype<Tensor>(0);
}

/** For questions whose answer is bool. */
export function testInfer(n: Node): Tensor {
  const a = n.input(0);
  if (a.dtype == DType.Float32) return newLike(a, DType.Bool);
  return changetype<Tensor>(fail(Status.DTypes, a.dtype, a.dtype));
}

export function unaryInferInPlace(n: Node): bool {
  return supported(n);
}

// @ts-ignore: decorator
@inline export function unaryForward(n: Node): void {
  map(n.op, n.input(0), n.output(), n.s0, n.s1);
}

export function unaryBackward(n: Node, g: Tensor): void {
  give(n, 0, unaryGradient(n, g));
}

/** g · f(t), or g / f(t) as `combine` says. */
function chain(g: Tensor, t: Tensor, f: i32, s: f64, combine: i32): Tensor {
  const slope = heapMap(f, t, s);
  if (changetype<usize>(slope)) zip(combine, g, slope, slope, 0, 0);
  return slope;
}

/** g · f(c + t²), or c - t² if f is applied to a `falling` parabola; f = Op.None leaves it as it is. */
function parabola(g: Tensor, t: Tensor, c: f64, falling: bool, f: i32, combine: i32): Tensor {
  const slope = heapMap(Op.Square, t);
  if (!changetype<usize>(slope)) return slope;
  map(falling ? Op.RsubScalar : Op.AddScalar, slope, slope, c, 0);
  if (f) map(f, slope, slope, 0, 0);
  zip(combine, g, slope, slope, 0, 0);
  return slope;
}

function negated(t: Tensor): Tensor {
  if (changetype<usize>(t)) map(Op.Neg, t, t, 0, 0);
  return t;
}

/** log(√π / 2) */
const LOG_HALF_SQRT_PI: f64 = -0.12078223763524522;

function unaryGradient(n: Node, g: Tensor): Tensor {
  const x = n.input(0);
  const y = n.output();
  switch (<i32>n.op) {
    case Op.Neg:
    case Op.RsubScalar: return heapMap(Op.Neg, g);
    case Op.MulScalar: return heapMap(Op.MulScalar, g, n.s0);
    case Op.DivScalar: return heapMap(Op.DivScalar, g, n.s0);
    case Op.PowScalar: return heapZip(Rule.PowScalarGrad, g, x, n.s0);
    case Op.Clamp: return heapZip(Rule.ClampGrad, g, x, n.s0, n.s1);
    case Op.Hardtanh: return heapZip(Rule.HardtanhGrad, g, x, n.s0, n.s1);
    case Op.LeakyRelu: return heapZip(Rule.LeakyReluGrad, g, n.s1 ? y : x, n.s0);
    case Op.Elu: return heapZip(Rule.EluGrad, g, x, n.s0, n.s1);
    case Op.Softplus: return heapZip(Rule.SoftplusGrad, g, x, n.s0, n.s1);
    case Op.Exp: return heapZip(Op.Mul, g, y);
    case Op.Log: return heapZip(Op.Div, g, x);
    case Op.Sin: return heapZip(Rule.SinGrad, g, x);
    case Op.Cos: return heapZip(Rule.CosGrad, g, x);
    case Op.Tanh: return heapZip(Rule.TanhGrad, g, y);
    case Op.Sigmoid: return heapZip(Rule.SigmoidGrad, g, y);
    case Op.Relu: return heapZip(Rule.ReluGrad, g, y);
    case Op.Sqrt: return heapZip(Rule.SqrtGrad, g, y);
    case Op.Abs: return heapZip(Rule.AbsGrad, g, x);
    case Op.Rsqrt: return heapZip(Rule.RsqrtGrad, g, y);
    case Op.Reciprocal: return heapZip(Rule.ReciprocalGrad, g, y);
    case Op.Square: return heapZip(Rule.SquareGrad, g, x);
    case Op.Erf: return heapZip(Rule.ErfGrad, g, x);
    case Op.Gelu: return heapZip(Rule.GeluGrad, g, x);
    case Op.GeluTanh: return heapZip(Rule.GeluTanhGrad, g, x);
    case Op.Silu: return heapZip(Rule.SiluGrad, g, x);
    case Op.Mish: return heapZip(Rule.MishGrad, g, x);
    case Op.LogSigmoid: return heapZip(Rule.LogSigmoidGrad, g, x);
    case Op.Hardswish: return heapZip(Rule.HardswishGrad, g, x);
    case Op.Hardsigmoid: return heapZip(Rule.HardsigmoidGrad, g, x);
    case Op.Tan: return parabola(g, y, 1, false, Op.None, Op.Mul);
    case Op.Asin: return parabola(g, x, 1, true, Op.Rsqrt, Op.Mul);
    case Op.Acos: return negated(parabola(g, x, 1, true, Op.Rsqrt, Op.Mul));
    case Op.Atan: return parabola(g, x, 1, false, Op.None, Op.Div);
    case Op.Sinh: return chain(g, x, Op.Cosh, 0, Op.Mul);
    case Op.Cosh: return chain(g, x, Op.Sinh, 0, Op.Mul);
    case Op.Asinh: return parabola(g, x, 1, false, Op.Rsqrt, Op.Mul);
    case Op.Acosh: return parabola(g, x, -1, false, Op.Rsqrt, Op.Mul);
    case Op.Atanh: return parabola(g, x, 1, true, Op.None, Op.Div);
    case Op.Log2: return chain(g, x, Op.MulScalar, Math.LN2, Op.Div);
    case Op.Log10: return chain(g, x, Op.MulScalar, Math.LN10, Op.Div);
    case Op.Log1p: return chain(g, x, Op.AddScalar, 1, Op.Div);
    case Op.Exp2: return chain(g, y, Op.MulScalar, Math.LN2, Op.Mul);
    case Op.Expm1: return chain(g, y, Op.AddScalar, 1, Op.Mul);
    case Op.Erfc: return negated(heapZip(Rule.ErfGrad, g, x));
    case Op.Erfinv: return parabola(g, y, LOG_HALF_SQRT_PI, false, Op.Exp, Op.Mul);
    // Sign, Floor, Ceil, Round, Trunc: constant almost everywhere.
    default: return heapFill(g, 0);
  }
}
