/**
 * Activation functions of neural networks; public as `nn.functional`. Kinks are differentiated as PyTorch does it: from the
 * left at 0 for `leakyRelu` and `elu`, with 0 at the bounds of `hardtanh` and `hardsigmoid`.
 */
import { Op } from "../../assembly/abi/op.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { call1 } from "../core/dispatch.ts";
import { TensorError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { setName, setScalars } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./binary.ts";
import { clamp } from "./clamp.ts";
import { gt, lt } from "./compare.ts";
import { exp, sigmoid } from "./exponential.ts";
import { scalarInPlace } from "./inplace.ts";
import { erfc } from "./special/error.ts";
import { tanh } from "./trigonometry.ts";
import { square } from "./unary.ts";
import { where } from "./where.ts";

/** Writes the result into the input. */
export interface InplaceOption {
  inplace?: boolean;
}

function activate(op: Op, input: Tensor, s0: number, s1: number, inplace: boolean, name: string): Tensor {
  if (inplace) return scalarInPlace(op, input, s0, s1, name, (self) => activate(op, self, s0, s1, false, name));
  setScalars(s0, s1);
  return call1(op, input, name);
}

function inPlace(options: boolean | InplaceOption | undefined): boolean {
  return typeof options === "object" ? (options?.inplace ?? false) : (options ?? false);
}

interface GeluOptions {
  /** "tanh": x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), an approximation to 5e-4. */
  approximate?: "none" | "tanh";
}

/**
 * x Φ(x), where Φ is the distribution function of the normal distribution.
 *
 * Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv:1606.08415.
 * @example nn.functional.gelu(tensor(1)).item() // 0.8413447
 */
export function gelu(input: Tensor, approximate?: "none" | "tanh" | GeluOptions): Tensor {
  const kind = named<GeluOptions>("gelu", [approximate], ["approximate"]).approximate ?? "none";
  if (kind !== "none" && kind !== "tanh") throw new TensorError("approximate argument must be either none or tanh.");
  return call1(kind === "tanh" ? Op.GeluTanh : Op.Gelu, input, "gelu");
}

/**
 * x / (1 + e^-x), also known as swish. Elfwing, Uchibe and Doya, arXiv:1702.03118.
 * @example nn.functional.silu(tensor([-1, 2])).tolist() // [-0.2689, 1.7616]
 */
export function silu(input: Tensor, inplace?: boolean | InplaceOption): Tensor {
  return activate(Op.Silu, input, 0, 0, inPlace(inplace), "silu");
}

/**
 * x tanh(log(1 + e^x)). Misra, Mish: A Self Regularized Non-Monotonic Activation Function, arXiv:1908.08681.
 * @example nn.functional.mish(tensor([-1, 2])).tolist() // [-0.3034, 1.9440]
 */
export function mish(input: Tensor, inplace?: boolean | InplaceOption): Tensor {
  return activate(Op.Mish, input, 0, 0, inPlace(inplace), "mish");
}

interface SoftplusOptions {
  beta?: number;
  threshold?: number;
}

/**
 * log(1 + e^(βx)) / β, a smooth form of relu; x itself where βx is above `threshold` (20 by default).
 * @example nn.functional.softplus(tensor([-1, 2])).tolist() // [0.3133, 2.1269]
 */
export function softplus(input: Tensor, beta?: number | SoftplusOptions, threshold?: number | SoftplusOptions): Tensor {
  const options = named<SoftplusOptions>("softplus", [beta, threshold], ["beta", "threshold"]);
  return activate(Op.Softplus, input, options.beta ?? 1, options.threshold ?? 20, false, "softplus");
}

/**
 * log(1 / (1 + e^-x)), which neither overflows nor loses digits far from 0.
 * @example nn.functional.logsigmoid(tensor([0, 2])).tolist() // [-0.6931, -0.1269]
 */
export function logsigmoid(input: Tensor): Tensor {
  return call1(Op.LogSigmoid, input, "logsigmoid");
}

/**
 * x · min(max(x + 3, 0), 6) / 6. Howard et al., Searching for MobileNetV3, arXiv:1905.02244.
 * @example nn.functional.hardswish(tensor([-4, 0, 3])).tolist() // [0, 0, 3]
 */
export function hardswish(input: Tensor, inplace?: boolean | InplaceOption): Tensor {
  return activate(Op.Hardswish, input, 0, 0, inPlace(inplace), "hardswish");
}

/**
 * min(max(x + 3, 0), 6) / 6, the sigmoid's piecewise linear relative.
 * @example nn.functional.hardsigmoid(tensor([-4, 0, 1.5])).tolist() // [0, 0.5, 0.75]
 */
export function hardsigmoid(input: Tensor, inplace?: boolean | InplaceOption): Tensor {
  return activate(Op.Hardsigmoid, input, 0, 0, inPlace(inplace), "hardsigmoid");
}

interface AlphaOptions extends InplaceOption {
  alpha?: number;
}

/**
 * x where it is positive, else α (e^x - 1). Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.
 * @example nn.functional.elu(tensor([-1, 2])).tolist() // [-0.6321, 2]
 */
export function elu(input: Tensor, alpha?: number | AlphaOptions, inplace?: boolean | AlphaOptions): Tensor {
  const options = named<AlphaOptions>("elu", [alpha, inplace], ["alpha", "inplace"]);
  const op = options.inplace && (options.alpha ?? 1) >= 0 ? Op.EluByResult : Op.Elu;
  if (options.inplace) setName(NAMES.elu[1]);
  return activate(op, input, options.alpha ?? 1, 1, options.inplace ?? false, "elu");
}

/** Of a new tensor, and in place. */
const NAMES = {
  elu: /* @__PURE__ */ ["EluBackward0", "EluBackward1"].map(nameCode),
  celu: /* @__PURE__ */ ["CeluBackward0", "CeluBackward1"].map(nameCode),
  leakyRelu: /* @__PURE__ */ ["LeakyReluBackward0", "LeakyReluBackward1"].map(nameCode),
};

/**
 * x where it is positive, else α (e^(x/α) - 1), whose slope is continuous for every α. Barron, arXiv:1704.07483.
 * @example nn.functional.celu(tensor([-1, 2])).tolist() // [-0.6321, 2]
 */
export function celu(input: Tensor, alpha?: number | AlphaOptions, inplace?: boolean | AlphaOptions): Tensor {
  const { alpha: a = 1, inplace: into = false } = named<AlphaOptions>("celu", [alpha, inplace], ["alpha", "inplace"]);
  if (a === 0) throw new TensorError("ZeroDivisionError: alpha cannot be 0 for CELU");
  setName(NAMES.celu[Number(into)]);
  return activate(into && a > 0 ? Op.EluByResult : Op.Elu, input, a, 1 / a, into, "celu");
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * elu with the constants for which activations keep mean 0 and variance 1: 1.0507 · (x where positive, else
 * 1.6733 (e^x - 1)). Klambauer et al., Self-Normalizing Neural Networks, arXiv:1706.02515.
 * @example nn.functional.selu(tensor([-1, 2])).tolist() // [-1.1113, 2.1014]
 */
export function selu(input: Tensor, inplace?: boolean | InplaceOption): Tensor {
  const into = inPlace(inplace);
  const bent = activate(Op.Elu, input, SELU_ALPHA, 1, into, "selu");
  setName(NAMES.elu[Number(into)]);
  return activate(Op.MulScalar, bent, SELU_SCALE, 0, into, "selu");
}

interface SlopeOptions extends InplaceOption {
  negativeSlope?: number;
}

/**
 * x where it is positive, else `negativeSlope` · x (0.01 by default).
 * @example nn.functional.leakyRelu(tensor([-2, 3])).tolist() // [-0.0200, 3]
 */
export function leakyRelu(
  input: Tensor,
  negativeSlope?: number | SlopeOptions,
  inplace?: boolean | SlopeOptions,
): Tensor {
  const options = named<SlopeOptions>("leakyRelu", [negativeSlope, inplace], ["negativeSlope", "inplace"]);
  const [slope, into] = [options.negativeSlope ?? 0.01, options.inplace ?? false];
  if (into) setName(NAMES.leakyRelu[1]);
  return activate(Op.LeakyRelu, input, slope, Number(into && slope >= 0), into, "leakyRelu");
}

interface HardtanhOptions extends InplaceOption {
  minVal?: number;
  maxVal?: number;
}

/**
 * x limited to `minVal` ... `maxVal`, -1 ... 1 by default. Unlike that of `clamp` the gradient is 0 at the bounds.
 * @example nn.functional.hardtanh(tensor([-2, 0.5, 3])).tolist() // [-1, 0.5, 1]
 */
export function hardtanh(
  input: Tensor,
  minVal?: number | HardtanhOptions,
  maxVal?: number | HardtanhOptions,
  inplace?: boolean | HardtanhOptions,
): Tensor {
  const options = named<HardtanhOptions>("hardtanh", [minVal, maxVal, inplace], ["minVal", "maxVal", "inplace"]);
  const [low, high] = [options.minVal ?? -1, options.maxVal ?? 1];
  if (input.dtype === "int32" && !options.inplace) return clamp(input, low, high);
  return activate(Op.Hardtanh, input, low, high, options.inplace ?? false, "hardtanh");
}

/**
 * min(max(x, 0), 6). Krizhevsky, Convolutional Deep Belief Networks on CIFAR-10, 2010.
 * @example nn.functional.relu6(tensor([-1, 3, 8])).tolist() // [0, 3, 6]
 */
export function relu6(input: Tensor, inplace?: boolean | InplaceOption): Tensor {
  return hardtanh(input, 0, 6, { inplace: inPlace(inplace) });
}

/** elu, written into the input. @example nn.functional.elu_(tensor([-1, 2])).tolist() // [-0.6321, 2] */
export function elu_(input: Tensor, alpha?: number | { alpha?: number }): Tensor {
  return elu(input, { ...named<AlphaOptions>("elu_", [alpha], ["alpha"]), inplace: true });
}

/** celu, written into the input. @example nn.functional.celu_(tensor([-1, 2])).tolist() // [-0.6321, 2] */
export function celu_(input: Tensor, alpha?: number | { alpha?: number }): Tensor {
  return celu(input, { ...named<AlphaOptions>("celu_", [alpha], ["alpha"]), inplace: true });
}

/** selu, written into the input. @example nn.functional.selu_(tensor([-1, 2])).tolist() // [-1.1113, 2.1014] */
export function selu_(input: Tensor): Tensor {
  return selu(input, true);
}

/** leakyRelu, written into the input. @example nn.functional.leakyRelu_(tensor([-2, 3])).tolist() // [-0.0200, 3] */
export function leakyRelu_(input: Tensor, negativeSlope?: number | { negativeSlope?: number }): Tensor {
  return leakyRelu(input, {
    ...named<SlopeOptions>("leakyRelu_", [negativeSlope], ["negativeSlope"]),
    inplace: true,
  });
}

/** hardtanh, written into the input. @example nn.functional.hardtanh_(tensor([-2, 0.5, 3])).tolist() // [-1, 0.5, 1] */
export function hardtanh_(input: Tensor, minVal?: number | HardtanhOptions, maxVal?: number | HardtanhOptions): Tensor {
  const options = named<HardtanhOptions>("hardtanh_", [minVal, maxVal], ["minVal", "maxVal"]);
  return hardtanh(input, { ...options, inplace: true });
}

/** The distribution function of the normal distribution. */
function normalCdf(x: Tensor): Tensor {
  return erfc(x.mul(-Math.SQRT1_2)).mul(0.5);
}

defineRule(Op.Gelu, (g, n) => {
  const x = n.input(0);
  const density = exp(square(x).mul(-0.5)).mul(1 / Math.sqrt(2 * Math.PI));
  return [mul(g, normalCdf(x).add(x.mul(density)))];
});

defineRule(Op.GeluTanh, (g, n) => {
  const x = n.input(0);
  const [k, c] = [Math.sqrt(2 / Math.PI), 0.044715];
  const squared = square(x);
  const t = tanh(mul(x, squared.mul(k * c).add(k)));
  const bend = mul(mul(x, square(t).neg().add(1)), squared.mul(3 * k * c).add(k));
  return [mul(g, t.add(1).add(bend).mul(0.5))];
});

defineRule(Op.Silu, (g, n) => {
  const x = n.input(0);
  const s = sigmoid(x);
  return [mul(g, mul(s, mul(x, s.neg().add(1)).add(1)))];
});

defineRule(Op.Mish, (g, n) => {
  const x = n.input(0);
  const t = tanh(softplus(x));
  return [mul(g, t.add(mul(mul(x, sigmoid(x)), square(t).neg().add(1))))];
});

defineRule(Op.Softplus, (g, n) => {
  const z = n.input(0).mul(n.s0);
  return [where(gt(z, n.s1), g, mul(g, sigmoid(z)))];
});

defineRule(Op.LogSigmoid, (g, n) => [mul(g, sigmoid(n.input(0).neg()))]);

defineRule(Op.Hardswish, (g, n) => {
  const x = n.input(0);
  return [where(x.le(-3), 0, where(x.ge(3), g, mul(g, x.div(3).add(0.5))))];
});

defineRule(Op.Hardsigmoid, (g, n) => [where(lt(n.input(0).abs(), 3), g.div(6), 0)]);

defineRule(Op.Elu, (g, n) => {
  const x = n.input(0);
  // Held at 0, so that the branch not taken cannot overflow into a NaN of the next derivative.
  return [where(gt(x, 0), g, mul(g, exp(x.clampMax(0).mul(n.s1)).mul(n.s0 * n.s1)))];
});

defineRule(Op.EluByResult, (g, n) => {
  const y = n.output();
  return [where(gt(y, 0), g, mul(g, y.add(n.s0).mul(n.s1)))];
});

defineRule(Op.LeakyRelu, (g, n) => [where(gt(n.s1 ? n.output() : n.input(0), 0), g, g.mul(n.s0))]);

defineRule(Op.Hardtanh, (g, n) => {
  const x = n.input(0);
  return [where(x.le(n.s0).logicalOr(x.ge(n.s1)), 0, g)];
});
