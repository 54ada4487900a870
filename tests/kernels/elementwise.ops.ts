/** What every elementwise kernel computes, in double precision. */
import { type Op, op, specialFloats } from "./elementwise.harness.ts";
import { erf } from "./elementwise.reference.ts";

const f = Math.fround;

const roundEven = (x: number): number => {
  const r = Math.round(x);
  return Object.is(x, -0) || Math.abs(x) >= 2 ** 52
    ? x
    : r - x === 0.5 && r % 2 !== 0
      ? r - 1
      : x < 0 && r === 0
        ? -0
        : r;
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : 0);
const maximum = (a: number, b: number): number => (a < b || Number.isNaN(b) ? b : a);
const minimum = (a: number, b: number): number => (b < a || Number.isNaN(b) ? b : a);
/** Unlike Math.max and Math.min it keeps -0 beside a bound of 0. */
const clamp = (x: number, low: number, high: number): number => {
  const raised = x < low ? low : x;
  return high < raised ? high : raised;
};
/** C's pow: JavaScript has NaN for 1 ** NaN and (±1) ** ±Infinity. */
const pow = (x: number, y: number): number => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y);

/** Numbers whose products neither overflow nor underflow. */
const moderate = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 8, 1e-3].map(f);

/** Functions of one float whose errors are measured over the whole range of floats. */
export const transcendental: Op[] = [
  op("f32_exp", "f", Math.exp, { ulp: 1.4 }),
  op("f32_log", "f", Math.log, { ulp: 0.9 }),
  op("f32_sin", "f", Math.sin, { ulp: 1.7 }),
  op("f32_cos", "f", Math.cos, { ulp: 1.7 }),
  op("f32_tanh", "f", Math.tanh, { ulp: 2.6 }),
  op("f32_sigmoid", "f", sigmoid, { ulp: 2.6 }),
  op("f32_erf", "f", erf, { ulp: 1.6 }),
];

const unary: Op[] = [
  op("f32_neg", "f", (x) => -x),
  op("f32_abs", "f", Math.abs),
  op("f32_relu", "f", (x) => clamp(x, 0, Infinity)),
  op("f32_sqrt", "f", Math.sqrt),
  op("f32_rsqrt", "f", (x) => 1 / f(Math.sqrt(x))),
  op("f32_reciprocal", "f", (x) => 1 / x),
  op("f32_square", "f", (x) => x * x),
  op("f32_sign", "f", sign),
  op("f32_floor", "f", Math.floor),
  op("f32_ceil", "f", Math.ceil),
  op("f32_trunc", "f", Math.trunc),
  op("f32_round", "f", roundEven),
  op("i32_neg", "i", (x) => -x),
  op("i32_abs", "i", Math.abs),
  op("i32_sign", "i", sign),
  op("i32_bitwise_not", "i", (x) => ~x),
];

const scalar: Op[] = [1.5, -0, 3.4e38, Number.NaN].flatMap((s) => [
  op("f32_add_scalar", "f", (a) => a + f(s), { scalars: [s] }),
  op("f32_rsub_scalar", "f", (a) => f(s) - a, { scalars: [s] }),
  op("f32_mul_scalar", "f", (a) => a * f(s), { scalars: [s] }),
  op("f32_div_scalar", "f", (a) => a / f(s), { scalars: [s] }),
  op("f32_rdiv_scalar", "f", (a) => f(s) / a, { scalars: [s] }),
]);

const clamps: Op[] = [
  ...[
    [-1, 2],
    [-Infinity, 0.5],
    [0, Infinity],
    [2, -1],
  ].map(([low, high]) => op("f32_clamp", "f", (x) => clamp(x, low, high), { scalars: [low, high] })),
  op("f32_clamp", "f", () => Number.NaN, { scalars: [0, Number.NaN] }),
  op("i32_clamp", "i", (x) => clamp(x, -5, 1000), { scalars: [-5, 1000] }),
  op("i32_clamp", "i", (x) => clamp(x, 10, -10), { scalars: [10, -10] }),
];

const powers: Op[] = [
  op("f32_pow", "ff", pow, { ulp: 0.51 }),
  ...[
    op("f32_pow_scalar", "f", (x) => x * x, { scalars: [2] }),
    op("f32_pow_scalar", "f", (x) => f(x * x) * x, { scalars: [3] }),
    op("f32_pow_scalar", "f", Math.sqrt, { scalars: [0.5] }),
    op("f32_pow_scalar", "f", (x) => 1 / f(Math.sqrt(x)), { scalars: [-0.5] }),
    op("f32_pow_scalar", "f", (x) => 1 / x, { scalars: [-1] }),
    op("f32_pow_scalar", "f", (x) => 1 / f(x * x), { scalars: [-2] }),
    op("f32_pow_scalar", "f", (x) => x, { scalars: [1] }),
    op("f32_pow_scalar", "f", () => 1, { scalars: [0] }),
  ],
  ...[4, -3, 1.5, 2 / 3, -7.25].map((s) => op("f32_pow_scalar", "f", (x) => pow(x, f(s)), { scalars: [s], ulp: 0.51 })),
  ...[2, 1, 0, -2, 10, 0.5].map((s) => op("f32_rpow_scalar", "f", (x) => pow(s, x), { scalars: [s], ulp: 0.51 })),
];

const binary: Op[] = [
  ...[1, -1].map((s) => op("f32_add_alpha", "ff", (a, b) => a + s * b, { scalars: [s] })),
  op("f32_add_alpha", "ff", (a, b) => a + 2 * b, { scalars: [2], from: [specialFloats, moderate] }),
  op("f32_add", "ff", (a, b) => a + b),
  op("f32_sub", "ff", (a, b) => a - b),
  op("f32_mul", "ff", (a, b) => a * b),
  op("f32_div", "ff", (a, b) => a / b),
  op("f32_maximum", "ff", maximum),
  op("f32_minimum", "ff", minimum),
  op("i32_add", "ii", (a, b) => a + b),
  op("i32_sub", "ii", (a, b) => a - b),
  op("i32_mul", "ii", Math.imul),
  op("i32_maximum", "ii", maximum),
  op("i32_minimum", "ii", minimum),
  op("i32_bitwise_and", "ii", (a, b) => a & b),
  op("i32_bitwise_or", "ii", (a, b) => a | b),
  op("i32_bitwise_xor", "ii", (a, b) => a ^ b),
  op("i32_div_trunc", "ii", (a, b) => (b === 0 ? 0 : a / b)),
  op("i32_div_floor", "ii", (a, b) => (b === 0 ? 0 : Math.floor(a / b))),
  op("i32_fmod", "ii", (a, b) => (b === 0 ? 0 : a % b)),
  op("i32_remainder", "ii", (a, b) => (b === 0 ? 0 : a - b * Math.floor(a / b))),
  op("i32_shift_left", "ii", (a, b) => (b >= 0 && b < 32 ? a << b : 0)),
  op("i32_shift_right", "ii", (a, b) => (b >= 0 && b < 32 ? a >> b : a >> 31)),
  op("i32_pow", "ii", (a, b) => Number(BigInt.asIntN(32, BigInt(a) ** BigInt(b))), {
    from: [
      [0, 1, -1, 2, -2, 3, -7, 10, 46341, 2147483647, -2147483648],
      [0, 1, 2, 3, 5, 7, 16, 31, 32, 100],
    ],
  }),
  op("i32_pow", "ii", (a, b) => Math.trunc(a ** b), {
    from: [
      [1, -1, 2, -2, 46341],
      [-1, -2, -3, -2147483648],
    ],
  }),
];

const comparisons: Op[] = (
  [
    ["eq", (a, b) => a === b],
    ["ne", (a, b) => a !== b],
    ["lt", (a, b) => a < b],
    ["le", (a, b) => a <= b],
    ["gt", (a, b) => a > b],
    ["ge", (a, b) => a >= b],
  ] as [string, (a: number, b: number) => boolean][]
).flatMap(([name, test]) =>
  ["ff", "ii"].map((inputs) => op(`${inputs[0]}32_${name}`, inputs, (a, b) => Number(test(a, b)), { output: "b" })),
);

const bools: Op[] = [
  op("f32_isnan", "f", (x) => Number(Number.isNaN(x)), { output: "b" }),
  op("f32_isinf", "f", (x) => Number(Math.abs(x) === Infinity), { output: "b" }),
  op("f32_isfinite", "f", (x) => Number(Number.isFinite(x)), { output: "b" }),
  op("u8_logical_and", "bb", (a, b) => a & b),
  op("u8_logical_or", "bb", (a, b) => a | b),
  op("u8_logical_xor", "bb", (a, b) => a ^ b),
  op("u8_logical_not", "b", (a) => 1 - a),
];

const conversions: Op[] = [
  op("f32_to_i32", "f", (x) => (Number.isNaN(x) ? 0 : Math.trunc(clamp(x, -2147483648, 2147483647))), { output: "i" }),
  op("i32_to_f32", "i", (x) => x, { output: "f" }),
  op("f32_to_u8", "f", (x) => Number(x !== 0), { output: "b" }),
  op("i32_to_u8", "i", (x) => Number(x !== 0), { output: "b" }),
  op("u8_to_f32", "b", (x) => x, { output: "f" }),
  op("u8_to_i32", "b", (x) => x, { output: "i" }),
  op("copy32", "f", (x) => x),
  op("copy32", "i", (x) => x),
  op("copy8", "b", (x) => x),
  op("f32_where", "bff", (c, a, b) => (c ? a : b), { output: "f" }),
  op("f32_where", "bii", (c, a, b) => (c ? a : b), { output: "i" }),
  op("u8_where", "bbb", (c, a, b) => (c ? a : b)),
];

/** exp(-x²) of these is 0 or a normal number. */
const exponentials = [...moderate, -0.1, 5, -6.3, 8.7, 9.2, 30, Infinity, Number.NaN].map(f);
const bases = [...moderate, -0.5, -1, -3, Infinity, Number.NaN, -0];
const exponents = [...moderate, -0.5, -1, -2, -3, Number.NaN];

/** Rounded as the kernels round, so that intermediate overflow is expected where it happens. */
const gradients: Op[] = [
  op("f32_sin_grad", "ff", (g, x) => g * f(Math.cos(x)), { ulp: 2.6 }),
  op("f32_cos_grad", "ff", (g, x) => -g * f(Math.sin(x)), { ulp: 2.6 }),
  op("f32_erf_grad", "ff", (g, x) => g * f(1.1283791670955126) * Math.exp(-x * x), {
    ulp: 4,
    from: [moderate, exponentials],
  }),
  op("f32_tanh_grad", "ff", (g, y) => g * f(f(1 - y) * f(1 + y))),
  op("f32_sigmoid_grad", "ff", (g, y) => f(g * f(1 - y)) * y),
  op("f32_sqrt_grad", "ff", (g, y) => g / f(y + y)),
  op("f32_rsqrt_grad", "ff", (g, y) => f(-0.5 * g) * f(f(y * y) * y)),
  op("f32_reciprocal_grad", "ff", (g, y) => -g * f(y * y)),
  op("f32_square_grad", "ff", (g, x) => g * f(x + x)),
  op("f32_abs_grad", "ff", (g, x) => g * sign(x)),
  op("f32_relu_grad", "ff", (g, y) => (y <= 0 ? 0 : g)),
  op("f32_clamp_grad", "ff", (g, x) => (x >= -1 && x <= 2 ? g : 0), { scalars: [-1, 2] }),
  op("f32_clamp_grad", "ff", (g, x) => (x >= 0.5 ? g : 0), { scalars: [0.5, Infinity] }),
  op("f32_maximum_grad", "fff", (g, x, other) => (x === other ? f(g / 2) : x < other ? 0 : g)),
  op("f32_minimum_grad", "fff", (g, x, other) => (x === other ? f(g / 2) : x > other ? 0 : g)),
  op("f32_div_grad_b", "fff", (g, b, y) => -(g * f(y / b))),
  ...[2, 3, 1, -1, 2.5].map((s) =>
    op("f32_pow_scalar_grad", "ff", (g, x) => g * s * pow(x, s - 1), { scalars: [s], ulp: 3, from: [moderate, bases] }),
  ),
  op("f32_pow_scalar_grad", "ff", (g, x) => (g * 0.5) / Math.sqrt(x), {
    scalars: [0.5],
    ulp: 3,
    from: [moderate, bases],
  }),
  op("f32_pow_scalar_grad", "ff", () => 0, { scalars: [0] }),
  op("f32_pow_base_grad", "fff", (g, a, b) => (b === 0 ? 0 : g * b * pow(a, b - 1)), {
    ulp: 2.6,
    from: [moderate, bases, exponents],
  }),
  op("f32_pow_exponent_grad", "fff", (g, a, y) => (a === 0 && y <= 1 ? 0 : g * y * Math.log(a)), {
    ulp: 2.6,
    from: [moderate, bases, [...moderate, Infinity, Number.NaN]],
  }),
];

/** Every kernel whose arguments are inputs, an output, a count and scalars. */
export const ops: Op[] = [
  ...transcendental,
  ...unary,
  ...scalar,
  ...clamps,
  ...powers,
  ...binary,
  ...comparisons,
  ...bools,
  ...conversions,
  ...gradients,
];
