/** The matrix exponential by scaling and squaring with the Padé approximant of degree 13 (Higham 2005, SIAM J. Matrix Anal. Appl. 26). */
import { luFactor, luSolve } from "./lu.ts";
import { subtractProduct } from "./product.ts";

/** Coefficients of the approximant's numerator; the denominator has the same with alternating signs. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];

/** Up to this 1-norm the approximant is exact to double precision. */
const THETA = 5.371920351148152;

/** exp(A) for an n by n matrix, which is lost. */
export function exponential(a: Float64Array, n: number): Float64Array {
  let norm = 0;
  for (let j = 0; j < n; j++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += Math.abs(a[i * n + j]);
    norm = Math.max(norm, sum);
  }
  // With NaN or infinity nothing converges.
  if (!Number.isFinite(norm)) return a.fill(Number.NaN);
  const squarings = Math.max(0, Math.ceil(Math.log2(norm / THETA)));
  for (let i = 0; i < a.length; i++) a[i] *= 2 ** -squarings;
  const one = new Float64Array(n * n);
  for (let i = 0; i < n; i++) one[i * n + i] = 1;
  const a2 = times(a, a, n);
  const a4 = times(a2, a2, n);
  const a6 = times(a2, a4, n);
  const powers = [one, a2, a4, a6];
  // Odd and even parts: A (A⁶ (b₁₃A⁶ + b₁₁A⁴ + b₉A²) + b₇A⁶ + b₅A⁴ + b₃A² + b₁), and likewise without the A in front.
  const part = (odd: number): Float64Array => {
    const high = combine(powers, [0, PADE[8 + odd], PADE[10 + odd], PADE[12 + odd]]);
    const low = combine(powers, [PADE[odd], PADE[2 + odd], PADE[4 + odd], PADE[6 + odd]]);
    return combine([times(a6, high, n), low], [1, 1]);
  };
  const u = times(a, part(1), n);
  const v = part(0);
  const denominator = combine([v, u], [1, -1]);
  let result = combine([v, u], [1, 1]);
  const pivots = new Float64Array(n);
  luFactor(denominator, n, n, pivots);
  luSolve(denominator, pivots, n, result, n, false);
  for (let i = 0; i < squarings; i++) result = times(result, result, n);
  return result;
}

function times(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const c = new Float64Array(n * n);
  subtractProduct(c, 0, n, a, 0, n, b, 0, n, n, n, n);
  return c.map((x) => -x);
}

function combine(matrices: readonly Float64Array[], factors: readonly number[]): Float64Array {
  const sum = new Float64Array(matrices[0].length);
  matrices.forEach((m, k) => {
    for (let i = 0; i < sum.length; i++) sum[i] += factors[k] * m[i];
  });
  return sum;
}
