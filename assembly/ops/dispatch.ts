/** From a code to a pointwise kernel, on one row. Numbers are the attributes of the node. */
import { DType } from "../abi/dtype";
import { Op } from "../abi/op";
import * as activationKernels from "../kernels/elementwise/activation";
import * as angleKernels from "../kernels/elementwise/angles";
import * as binaryKernels from "../kernels/elementwise/binary";
import * as compareKernels from "../kernels/elementwise/compare";
import * as erfcKernels from "../kernels/elementwise/erfc";
import * as gradKernels from "../kernels/elementwise/grad";
import * as hyperbolicKernels from "../kernels/elementwise/hyperbolic";
import * as int32Kernels from "../kernels/elementwise/int32";
import * as mixedKernels from "../kernels/elementwise/mixed";
import * as moduloKernels from "../kernels/elementwise/modulo";
import * as powKernels from "../kernels/elementwise/pow";
import * as rowsKernels from "../kernels/elementwise/rows";
import * as softplusKernels from "../kernels/elementwise/softplus";
import * as unaryKernels from "../kernels/elementwise/unary";
import { Rule } from "./rule";

/** One operand in, one out: of the same dtype, or bool where the code is a question or compares with `s0`. */
export function mapRow(code: i32, dtype: i32, a: usize, as: i32, o: usize, os: i32, n: i32, s0: f64, s1: f64): void {
  if (dtype == DType.Bool) {
    compareKernels.u8_logical_not(a, as, o, os, n);
    return;
  }
  if (dtype != DType.Float32) {
    intMapRow(code, a, as, o, os, n, s0, s1);
    return;
  }
  switch (code) {
    case Op.AddScalar: binaryKernels.f32_add_scalar(a, as, o, os, n, <f32>s0); break;
    case Op.RsubScalar: binaryKernels.f32_rsub_scalar(a, as, o, os, n, <f32>s0); break;
    case Op.MulScalar: binaryKernels.f32_mul_scalar(a, as, o, os, n, <f32>s0); break;
    case Op.DivScalar: binaryKernels.f32_div_scalar(a, as, o, os, n, <f32>s0); break;
    case Op.RdivScalar: binaryKernels.f32_rdiv_scalar(a, as, o, os, n, <f32>s0); break;
    case Op.PowScalar: powKernels.f32_pow_scalar(a, as, o, os, n, <f32>s0); break;
    case Op.RpowScalar: powKernels.f32_rpow_scalar(a, as, o, os, n, <f32>s0); break;
    case Op.Clamp: binaryKernels.f32_clamp(a, as, o, os, n, <f32>s0, <f32>s1); break;
    case Op.Hardtanh: binaryKernels.f32_clamp(a, as, o, os, n, <f32>s0, <f32>s1); break;
    case Op.LeakyRelu: activationKernels.f32_leaky_relu(a, as, o, os, n, <f32>s0); break;
    case Op.EluByResult:
    case Op.Elu: activationKernels.f32_elu(a, as, o, os, n, <f32>s0, <f32>s1); break;
    case Op.Softplus: softplusKernels.f32_softplus(a, as, o, os, n, <f32>s0, <f32>s1); break;
    case Op.Neg: unaryKernels.f32_neg(a, as, o, os, n); break;
    case Op.Exp: unaryKernels.f32_exp(a, as, o, os, n); break;
    case Op.Log: unaryKernels.f32_log(a, as, o, os, n); break;
    case Op.Sin: unaryKernels.f32_sin(a, as, o, os, n); break;
    case Op.Cos: unaryKernels.f32_cos(a, as, o, os, n); break;
    case Op.Tanh: unaryKernels.f32_tanh(a, as, o, os, n); break;
    case Op.Sigmoid: unaryKernels.f32_sigmoid(a, as, o, os, n); break;
    case Op.Relu: unaryKernels.f32_relu(a, as, o, os, n); break;
    case Op.Sqrt: unaryKernels.f32_sqrt(a, as, o, os, n); break;
    case Op.Abs: unaryKernels.f32_abs(a, as, o, os, n); break;
    case Op.Rsqrt: unaryKernels.f32_rsqrt(a, as, o, os, n); break;
    case Op.Reciprocal: unaryKernels.f32_reciprocal(a, as, o, os, n); break;
    case Op.Square: unaryKernels.f32_square(a, as, o, os, n); break;
    case Op.Sign: unaryKernels.f32_sign(a, as, o, os, n); break;
    case Op.Floor: unaryKernels.f32_floor(a, as, o, os, n); break;
    case Op.Ceil: unaryKernels.f32_ceil(a, as, o, os, n); break;
    case Op.Round: unaryKernels.f32_round(a, as, o, os, n); break;
    case Op.Trunc: unaryKernels.f32_trunc(a, as, o, os, n); break;
    case Op.Erf: unaryKernels.f32_erf(a, as, o, os, n); break;
    case Op.Gelu: activationKernels.f32_gelu(a, as, o, os, n); break;
    case Op.GeluTanh: activationKernels.f32_gelu_tanh(a, as, o, os, n); break;
    case Op.Silu: activationKernels.f32_silu(a, as, o, os, n); break;
    case Op.Mish: softplusKernels.f32_mish(a, as, o, os, n); break;
    case Op.LogSigmoid: softplusKernels.f32_logsigmoid(a, as, o, os, n); break;
    case Op.Hardswish: activationKernels.f32_hardswish(a, as, o, os, n); break;
    case Op.Hardsigmoid: activationKernels.f32_hardsigmoid(a, as, o, os, n); break;
    case Op.Tan: angleKernels.f32_tan(a, as, o, os, n); break;
    case Op.Asin: angleKernels.f32_asin(a, as, o, os, n); break;
    case Op.Acos: angleKernels.f32_acos(a, as, o, os, n); break;
    case Op.Atan: angleKernels.f32_atan(a, as, o, os, n); break;
    case Op.Sinh: hyperbolicKernels.f32_sinh(a, as, o, os, n); break;
    case Op.Cosh: hyperbolicKernels.f32_cosh(a, as, o, os, n); break;
    case Op.Asinh: hyperbolicKernels.f32_asinh(a, as, o, os, n); break;
    case Op.Acosh: hyperbolicKernels.f32_acosh(a, as, o, os, n); break;
    case Op.Atanh: hyperbolicKernels.f32_atanh(a, as, o, os, n); break;
    case Op.Log2: hyperbolicKernels.f32_log2(a, as, o, os, n); break;
    case Op.Log10: hyperbolicKernels.f32_log10(a, as, o, os, n); break;
    case Op.Log1p: hyperbolicKernels.f32_log1p(a, as, o, os, n); break;
    case Op.Exp2: hyperbolicKernels.f32_exp2(a, as, o, os, n); break;
    case Op.Expm1: hyperbolicKernels.f32_expm1(a, as, o, os, n); break;
    case Op.Erfc: erfcKernels.f32_erfc(a, as, o, os, n); break;
    case Op.Erfinv: erfcKernels.f32_erfinv(a, as, o, os, n); break;
    case Op.Frac: unaryKernels.f32_frac(a, as, o, os, n); break;
    case Op.IsNaN: compareKernels.f32_isnan(a, as, o, os, n); break;
    case Op.IsInf: compareKernels.f32_isinf(a, as, o, os, n); break;
    case Op.IsFinite: compareKernels.f32_isfinite(a, as, o, os, n); break;
    case Op.Eq:
    case Op.Ne:
    case Op.Lt:
    case Op.Le:
    case Op.Gt:
    case Op.Ge:
      store<f32>(SCALAR, <f32>s0);
      zipRow(code, dtype, a, as, SCALAR, 0, o, os, n, 0, 0);
      break;
    default: rowsKernels.copy32(a, as, o, os, n);
  }
}

/** A number as an operand of stride 0. */
const SCALAR: usize = memory.data(16, 16);

// @ts-ignore: decorator
@inline function scalar(value: f64): usize {
  store<i32>(SCALAR, <i32>value);
  return SCALAR;
}

function intMapRow(code: i32, a: usize, as: i32, o: usize, os: i32, n: i32, s0: f64, s1: f64): void {
  switch (code) {
    case Op.AddScalar: int32Kernels.i32_add(a, as, scalar(s0), 0, o, os, n); break;
    case Op.RsubScalar: int32Kernels.i32_sub(scalar(s0), 0, a, as, o, os, n); break;
    case Op.MulScalar: int32Kernels.i32_mul(a, as, scalar(s0), 0, o, os, n); break;
    case Op.PowScalar: int32Kernels.i32_pow(a, as, scalar(s0), 0, o, os, n); break;
    case Op.Clamp: int32Kernels.i32_clamp(a, as, o, os, n, <i32>s0, <i32>s1); break;
    case Op.Neg: int32Kernels.i32_neg(a, as, o, os, n); break;
    case Op.Relu: int32Kernels.i32_clamp(a, as, o, os, n, 0, i32.MAX_VALUE); break;
    case Op.Abs: int32Kernels.i32_abs(a, as, o, os, n); break;
    case Op.Square: int32Kernels.i32_mul(a, as, a, as, o, os, n); break;
    case Op.Sign: int32Kernels.i32_sign(a, as, o, os, n); break;
    case Op.Not: int32Kernels.i32_bitwise_not(a, as, o, os, n); break;
    default: intZipRow(code, a, as, scalar(s0), 0, o, os, n);
  }
}

/** Two operands in, one out: of the same dtype, or bool for comparisons. */
export function zipRow(
  code: i32, dtype: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32, s0: f64, s1: f64,
): void {
  if (dtype == DType.Bool) {
    boolZipRow(code, a, as, b, bs, o, os, n);
    return;
  }
  if (dtype != DType.Float32) {
    intZipRow(code, a, as, b, bs, o, os, n);
    return;
  }
  switch (code) {
    case Op.Add: binaryKernels.f32_add(a, as, b, bs, o, os, n); break;
    case Op.Sub: binaryKernels.f32_sub(a, as, b, bs, o, os, n); break;
    case Op.Mul: binaryKernels.f32_mul(a, as, b, bs, o, os, n); break;
    case Op.Div: binaryKernels.f32_div(a, as, b, bs, o, os, n); break;
    case Op.Pow: powKernels.f32_pow(a, as, b, bs, o, os, n); break;
    case Op.Maximum: binaryKernels.f32_maximum(a, as, b, bs, o, os, n); break;
    case Op.Minimum: binaryKernels.f32_minimum(a, as, b, bs, o, os, n); break;
    case Op.FloorDivide: moduloKernels.f32_floor_divide(a, as, b, bs, o, os, n); break;
    case Op.TruncDivide: moduloKernels.f32_div_trunc(a, as, b, bs, o, os, n); break;
    case Op.Remainder: moduloKernels.f32_remainder(a, as, b, bs, o, os, n); break;
    case Op.Fmod: moduloKernels.f32_fmod(a, as, b, bs, o, os, n); break;
    case Op.Atan2: angleKernels.f32_atan2(a, as, b, bs, o, os, n); break;
    case Op.Hypot: angleKernels.f32_hypot(a, as, b, bs, o, os, n); break;
    case Op.Copysign: mixedKernels.f32_copysign(a, as, b, bs, o, os, n); break;
    case Op.Xlogy: mixedKernels.f32_xlogy(a, as, b, bs, o, os, n); break;
    case Op.LogAddExp: softplusKernels.f32_logaddexp(a, as, b, bs, o, os, n); break;
    case Op.LerpScalar: mixedKernels.f32_lerp_scalar(a, as, b, bs, o, os, n, <f32>s0); break;
    case Op.Eq: compareKernels.f32_eq(a, as, b, bs, o, os, n); break;
    case Op.Ne: compareKernels.f32_ne(a, as, b, bs, o, os, n); break;
    case Op.Lt: compareKernels.f32_lt(a, as, b, bs, o, os, n); break;
    case Op.Le: compareKernels.f32_le(a, as, b, bs, o, os, n); break;
    case Op.Gt: compareKernels.f32_gt(a, as, b, bs, o, os, n); break;
    case Op.Ge: compareKernels.f32_ge(a, as, b, bs, o, os, n); break;
    case Rule.SinGrad: gradKernels.f32_sin_grad(a, as, b, bs, o, os, n); break;
    case Rule.CosGrad: gradKernels.f32_cos_grad(a, as, b, bs, o, os, n); break;
    case Rule.TanhGrad: gradKernels.f32_tanh_grad(a, as, b, bs, o, os, n); break;
    case Rule.SigmoidGrad: gradKernels.f32_sigmoid_grad(a, as, b, bs, o, os, n); break;
    case Rule.ReluGrad: gradKernels.f32_relu_grad(a, as, b, bs, o, os, n); break;
    case Rule.SqrtGrad: gradKernels.f32_sqrt_grad(a, as, b, bs, o, os, n); break;
    case Rule.AbsGrad: gradKernels.f32_abs_grad(a, as, b, bs, o, os, n); break;
    case Rule.RsqrtGrad: gradKernels.f32_rsqrt_grad(a, as, b, bs, o, os, n); break;
    case Rule.ReciprocalGrad: gradKernels.f32_reciprocal_grad(a, as, b, bs, o, os, n); break;
    case Rule.SquareGrad: gradKernels.f32_square_grad(a, as, b, bs, o, os, n); break;
    case Rule.ErfGrad: gradKernels.f32_erf_grad(a, as, b, bs, o, os, n); break;
    case Rule.PowScalarGrad: gradKernels.f32_pow_scalar_grad(a, as, b, bs, o, os, n, <f32>s0); break;
    case Rule.ClampGrad: gradKernels.f32_clamp_grad(a, as, b, bs, o, os, n, <f32>s0, <f32>s1); break;
    case Rule.HardtanhGrad: activationKernels.f32_hardtanh_grad(a, as, b, bs, o, os, n, <f32>s0, <f32>s1); break;
    case Rule.LeakyReluGrad: activationKernels.f32_leaky_relu_grad(a, as, b, bs, o, os, n, <f32>s0); break;
    case Rule.EluGrad: activationKernels.f32_elu_grad(a, as, b, bs, o, os, n, <f32>s0, <f32>s1); break;
    case Rule.SoftplusGrad: softplusKernels.f32_softplus_grad(a, as, b, bs, o, os, n, <f32>s0, <f32>s1); break;
    case Rule.GeluGrad: activationKernels.f32_gelu_grad(a, as, b, bs, o, os, n); break;
    case Rule.GeluTanhGrad: activationKernels.f32_gelu_tanh_grad(a, as, b, bs, o, os, n); break;
    case Rule.SiluGrad: activationKernels.f32_silu_grad(a, as, b, bs, o, os, n); break;
    case Rule.MishGrad: softplusKernels.f32_mish_grad(a, as, b, bs, o, os, n); break;
    case Rule.LogSigmoidGrad: softplusKernels.f32_logsigmoid_grad(a, as, b, bs, o, os, n); break;
    case Rule.HardswishGrad: activationKernels.f32_hardswish_grad(a, as, b, bs, o, os, n); break;
    case Rule.HardsigmoidGrad: activationKernels.f32_hardsigmoid_grad(a, as, b, bs, o, os, n); break;
    default: binaryKernels.f32_add_alpha(a, as, b, bs, o, os, n, <f32>s0);
  }
}

function intZipRow(code: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  switch (code) {
    case Op.Add: int32Kernels.i32_add(a, as, b, bs, o, os, n); break;
    case Op.Sub: int32Kernels.i32_sub(a, as, b, bs, o, os, n); break;
    case Op.Mul: int32Kernels.i32_mul(a, as, b, bs, o, os, n); break;
    case Op.Pow: int32Kernels.i32_pow(a, as, b, bs, o, os, n); break;
    case Op.Maximum: int32Kernels.i32_maximum(a, as, b, bs, o, os, n); break;
    case Op.Minimum: int32Kernels.i32_minimum(a, as, b, bs, o, os, n); break;
    case Op.FloorDivide: int32Kernels.i32_div_floor(a, as, b, bs, o, os, n); break;
    case Op.TruncDivide: int32Kernels.i32_div_trunc(a, as, b, bs, o, os, n); break;
    case Op.Remainder: int32Kernels.i32_remainder(a, as, b, bs, o, os, n); break;
    case Op.Fmod: int32Kernels.i32_fmod(a, as, b, bs, o, os, n); break;
    case Op.And: int32Kernels.i32_bitwise_and(a, as, b, bs, o, os, n); break;
    case Op.Or: int32Kernels.i32_bitwise_or(a, as, b, bs, o, os, n); break;
    case Op.Xor: int32Kernels.i32_bitwise_xor(a, as, b, bs, o, os, n); break;
    case Op.ShiftLeft: int32Kernels.i32_shift_left(a, as, b, bs, o, os, n); break;
    case Op.ShiftRight: int32Kernels.i32_shift_right(a, as, b, bs, o, os, n); break;
    case Op.Eq: compareKernels.i32_eq(a, as, b, bs, o, os, n); break;
    case Op.Ne: compareKernels.i32_ne(a, as, b, bs, o, os, n); break;
    case Op.Lt: compareKernels.i32_lt(a, as, b, bs, o, os, n); break;
    case Op.Le: compareKernels.i32_le(a, as, b, bs, o, os, n); break;
    case Op.Gt: compareKernels.i32_gt(a, as, b, bs, o, os, n); break;
    default: compareKernels.i32_ge(a, as, b, bs, o, os, n);
  }
}

function boolZipRow(code: i32, a: usize, as: i32, b: usize, bs: i32, o: usize, os: i32, n: i32): void {
  switch (code) {
    case Op.And: compareKernels.u8_logical_and(a, as, b, bs, o, os, n); break;
    case Op.Or: compareKernels.u8_logical_or(a, as, b, bs, o, os, n); break;
    default: compareKernels.u8_logical_xor(a, as, b, bs, o, os, n);
  }
}

/** Three float operands in, one out. */
export function zip3Row(
  code: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32, o: usize, os: i32, n: i32, s0: f64,
): void {
  switch (code) {
    case Op.Lerp: mixedKernels.f32_lerp(a, as, b, bs, c, cs, o, os, n); break;
    case Op.Addcmul: mixedKernels.f32_addcmul(a, as, b, bs, c, cs, o, os, n, <f32>s0); break;
    case Op.Addcdiv: mixedKernels.f32_addcdiv(a, as, b, bs, c, cs, o, os, n, <f32>s0); break;
    case Rule.DivGradB: gradKernels.f32_div_grad_b(a, as, b, bs, c, cs, o, os, n); break;
    case Rule.MaximumGradA: gradKernels.f32_maximum_grad(a, as, b, bs, c, cs, o, os, n); break;
    case Rule.MaximumGradB: gradKernels.f32_maximum_grad(a, as, c, cs, b, bs, o, os, n); break;
    case Rule.MinimumGradA: gradKernels.f32_minimum_grad(a, as, b, bs, c, cs, o, os, n); break;
    case Rule.MinimumGradB: gradKernels.f32_minimum_grad(a, as, c, cs, b, bs, o, os, n); break;
    case Rule.PowGradBase: gradKernels.f32_pow_base_grad(a, as, b, bs, c, cs, o, os, n); break;
    default: gradKernels.f32_pow_exponent_grad(a, as, b, bs, c, cs, o, os, n);
  }
}
