/** What the kernels of special functions and activations compute, in double precision. */
import { type Op, op } from "./elementwise.harness.ts";
import { erfc, erfinv, floorDivide, normal, remainder } from "./elementwise.reference.ts";

const f = Math.fround;
const sigmoid = (x: number): number => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));
const log1pExp = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const tanhGate = (x: number): number => 2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);

/** Functions of one float whose errors are measured over the whole range of floats. */
export const specialFunctions: Op[] = [
  op("f32_log2", "f", Math.log2, { ulp: 0.51 }),
  op("f32_log10", "f", Math.log10, { ulp: 0.51 }),
  op("f32_log1p", "f", Math.log1p, { ulp: 0.51 }),
  op("f32_exp2", "f", (x) => 2 ** x, { ulp: 0.51 }),
  op("f32_expm1", "f", Math.expm1, { ulp: 0.52 }),
  op("f32_sinh", "f", Math.sinh, { ulp: 0.51 }),
  op("f32_cosh", "f", Math.cosh, { ulp: 0.51 }),
  op("f32_asinh", "f", Math.asinh, { ulp: 0.51 }),
  op("f32_acosh", "f", Math.acosh, { ulp: 0.51 }),
  op("f32_atanh", "f", Math.atanh, { ulp: 0.51 }),
  op("f32_tan", "f", Math.tan, { ulp: 3.6 }),
  op("f32_asin", "f", Math.asin, { ulp: 0.52 }),
  op("f32_acos", "f", Math.acos, { ulp: 0.52 }),
  op("f32_atan", "f", Math.atan, { ulp: 0.52 }),
  op("f32_erfc", "f", erfc, { ulp: 0.52 }),
  op("f32_erfinv", "f", erfinv, { ulp: 0.6 }),
  op("f32_gelu", "f", (x) => (x === -Infinity ? -0 : x * normal(x)), { ulp: 3, absolute: 6e-8 }),
  op("f32_gelu_tanh", "f", (x) => (x === -Infinity ? -0 : x * sigmoid(tanhGate(x))), { ulp: 3, absolute: 1e-7 }),
  op("f32_silu", "f", (x) => (x === -Infinity ? -0 : x * sigmoid(x)), { ulp: 3, absolute: 1e-43 }),
  op("f32_mish", "f", (x) => (x === -Infinity ? -0 : x * Math.tanh(log1pExp(x))), { ulp: 0.51 }),
  op("f32_logsigmoid", "f", (x) => -log1pExp(-x), { ulp: 2.5, absolute: 1e-45 }),
];

const moderate = [0, -0.25, 0.5, -0.75, 1, -1.5, 2, -3, 8, 1e-3].map(f);
const anywhere = [
  ...moderate,
  -0,
  -5.5,
  12,
  30,
  -45,
  87,
  -87.3,
  100,
  -120,
  1e10,
  -1e10,
  Infinity,
  -Infinity,
  Number.NaN,
].map(f);

const activations: Op[] = [
  op("f32_frac", "f", (x) => x - Math.trunc(x)),
  op("f32_hardsigmoid", "f", (x) => f(Math.min(Math.max(f(x + 3), 0), 6) / 6)),
  op("f32_hardswish", "f", (x) => x * f(Math.min(Math.max(f(x + 3), 0), 6) / 6)),
  op("f32_leaky_relu", "f", (x) => (x > 0 ? x : x * 0.25), { scalars: [0.25] }),
  ...[1, -0.5].map((alpha) =>
    op("f32_elu", "f", (x) => (x > 0 ? x : alpha * Math.expm1(x)), { scalars: [alpha, 1], ulp: 2, absolute: 1e-45 }),
  ),
  op("f32_elu", "f", (x) => (x > 0 ? x : 2 * Math.expm1(x / 2)), { scalars: [2, 0.5], ulp: 2, absolute: 1e-45 }),
  ...[
    [1, 20],
    [2, 5],
  ].map(([beta, threshold]) =>
    op("f32_softplus", "f", (x) => (x * beta > threshold ? x : log1pExp(x * beta) / beta), {
      scalars: [beta, threshold],
      ulp: 2.6,
      from: [anywhere],
    }),
  ),
];

const twoTensors: Op[] = [
  op("f32_atan2", "ff", Math.atan2, { ulp: 0.52 }),
  op("f32_hypot", "ff", (a, b) =>
    Math.abs(a) === Infinity || Math.abs(b) === Infinity ? Infinity : Math.sqrt(a * a + b * b),
  ),
  op("f32_fmod", "ff", (a, b) => a % b),
  op("f32_remainder", "ff", remainder),
  op("f32_floor_divide", "ff", floorDivide, { from: [moderate, [0.5, -0.25, 3, -7, 0.1, Infinity, 0].map(f)] }),
  op("f32_div_trunc", "ff", (a, b) => Math.trunc(f(a / b))),
  op("f32_copysign", "ff", (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a)), {
    from: [anywhere, moderate],
  }),
  op("f32_xlogy", "ff", (a, b) => (a === 0 && !Number.isNaN(b) ? 0 : a * Math.log(b)), {
    ulp: 1.6,
    from: [moderate, anywhere],
  }),
  op(
    "f32_logaddexp",
    "ff",
    (a, b) => (a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))),
    {
      ulp: 2,
      absolute: 1e-7,
      from: [anywhere, anywhere],
    },
  ),
  ...[0.25, 0.75, 1].map((w) => op("f32_lerp_scalar", "ff", (a, b) => lerp(a, b, w), { scalars: [w] })),
  op("f32_lerp", "fff", lerp),
  op("f32_addcmul", "fff", (c, a, b) => c + 2 * a * b, { scalars: [2], from: [moderate, moderate, [0, 1, -2, 0.5]] }),
  op("f32_addcdiv", "fff", (c, a, b) => c + f(f(2 * a) / b), { scalars: [2] }),
];

function lerp(a: number, b: number, w: number): number {
  const d = f(b - a);
  return w < 0.5 ? a + f(w * d) : b - f(d * f(1 - w));
}

const gaussian = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
/** Where slopes no longer change, so that no infinity meets a zero. */
const bounded = (x: number): number => Math.min(Math.max(x, -50), 50);

function mishSlope(x: number): number {
  const t = Math.tanh(log1pExp(x));
  return t + bounded(x) * (1 - t * t) * sigmoid(x);
}

function geluTanhSlope(x: number): number {
  const u = bounded(x);
  const s = sigmoid(tanhGate(u));
  return s + u * s * (1 - s) * 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * u * u);
}

const gradients: Op[] = (
  [
    ["f32_gelu_grad", (x) => normal(x) + bounded(x) * gaussian(x), { absolute: 2e-6 }],
    ["f32_gelu_tanh_grad", geluTanhSlope, { absolute: 2e-6 }],
    ["f32_silu_grad", (x) => sigmoid(x) * (1 + bounded(x) * sigmoid(-x)), { absolute: 2e-6 }],
    ["f32_mish_grad", mishSlope, { absolute: 1e-6 }],
    ["f32_logsigmoid_grad", (x) => sigmoid(-x), { ulp: 3.2, absolute: 1e-41 }],
    ["f32_softplus_grad", (x) => (2 * x > 5 ? 1 : sigmoid(2 * x)), { ulp: 3.2, absolute: 1e-41, scalars: [2, 5] }],
    ["f32_elu_grad", (x) => (x <= 0 ? 2 * 0.5 * Math.exp(x / 2) : 1), { ulp: 3.2, absolute: 1e-41, scalars: [2, 0.5] }],
  ] as [string, (x: number) => number, Partial<Op>][]
).map(([name, slope, more]) => op(name, "ff", (g, x) => g * slope(x), { ...more, from: [moderate, anywhere] }));

const exactGradients: Op[] = [
  op("f32_atan_grad", "ff", (g, x) => g / (1 + x * x), { ulp: 1.6, from: [moderate, anywhere] }),
  op("f32_leaky_relu_grad", "ff", (g, x) => (x > 0 ? g : g * 0.25), { scalars: [0.25] }),
  op("f32_hardsigmoid_grad", "ff", (g, x) => (x > -3 && x < 3 ? g / 6 : 0)),
  op("f32_hardswish_grad", "ff", (g, x) => (x <= -3 ? 0 : x >= 3 ? g : g * f(f(x / 3) + 0.5))),
  op("f32_hardtanh_grad", "ff", (g, x) => (x <= -1 || x >= 2 ? 0 : g), { scalars: [-1, 2] }),
];

export const specialOps: Op[] = [...specialFunctions, ...activations, ...twoTensors, ...gradients, ...exactGradients];
