/**
 * Codes of pointwise kernels that are not primitives themselves: derivatives, for the walk. They share the number space
 * of Op, so that one dispatcher serves both (ops/dispatch.ts).
 */
import { Op } from "../abi/op";

export const enum Rule {
  // two operands: gradient and saved input x, or saved output y
  SinGrad = Op.COUNT + 1, // g, x
  CosGrad, // g, x
  TanhGrad, // g, y
  SigmoidGrad, // g, y
  ReluGrad, // g, y
  SqrtGrad, // g, y
  AbsGrad, // g, x
  RsqrtGrad, // g, y
  ReciprocalGrad, // g, y
  SquareGrad, // g, x
  ErfGrad, // g, x
  // with numbers
  PowScalarGrad, // g, x; exponent
  RpowScalarGrad, // g, y; base
  ClampGrad, // g, x; lowest, highest
  RdivScalarGrad, // g, x; dividend
  AddAlpha, // a, b; alpha
  HardtanhGrad, // g, x; lowest, highest
  LeakyReluGrad, // g, x; slope
  EluGrad, // g, x; alpha, scale
  SoftplusGrad, // g, x; beta, threshold
  GeluGrad, // g, x
  GeluTanhGrad, // g, x
  SiluGrad, // g, x
  MishGrad, // g, x
  LogSigmoidGrad, // g, x
  HardswishGrad, // g, x
  HardsigmoidGrad, // g, x
  // three operands
  DivGradB, // g, b, quotient
  MaximumGradA, // g, a, b
  MaximumGradB,
  MinimumGradA,
  MinimumGradB,
  PowGradBase, // g, base, exponent
  PowGradExponent, // g, base, power
}
