/** Functions that Math lacks, in double precision, as the tests of kernels need them. */

/** erf by its series (DLMF 7.6.1), for |x| < 2.5. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** exp(x²) erfc(x) by its continued fraction (DLMF 7.9.1), for x >= 2. */
function scaledErfc(x: number): number {
  let fraction = 0;
  for (let k = 120; k > 0; k--) fraction = k / 2 / (x + fraction);
  return 1 / Math.sqrt(Math.PI) / (x + fraction);
}

export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 2) return x < -6 ? 2 : x < -2 ? 2 - erfc(-x) : 1 - erfSeries(x);
  return x === Infinity ? 0 : Math.exp(-x * x) * scaledErfc(x);
}

export function erf(x: number): number {
  if (Math.abs(x) < 2) return x === 0 ? x : erfSeries(x);
  return x < 0 ? erfc(-x) - 1 : 1 - erfc(x);
}

/** By Newton's method, on log erfc where erf is close to 1. */
export function erfinv(x: number): number {
  if (x < 0) return -erfinv(-x);
  if (x === 0 || !(x < 1)) return x === 1 ? Infinity : x > 1 ? Number.NaN : x;
  const density = (y: number): number => (2 / Math.sqrt(Math.PI)) * Math.exp(-y * y);
  let y = x < 0.5 ? x * 0.886 : Math.sqrt(-Math.log((1 - x) * (1 + x)));
  for (let i = 0; i < 60; i++) {
    y += x < 0.5 ? (x - erf(y)) / density(y) : ((Math.log(erfc(y)) - Math.log(1 - x)) * erfc(y)) / density(y);
  }
  return y;
}

/** The distribution function of the standard normal distribution. */
export const normal = (x: number): number => erfc(-x / Math.SQRT2) / 2;

/** (a - r) / b with the remainder r that has the sign of b, as in Python: -1 / Infinity is -1. */
export function floorDivide(a: number, b: number): number {
  const exact = a / b;
  const r = a % b;
  const q = Math.round((a - r) / b) - (r !== 0 && r < 0 !== b < 0 ? 1 : 0);
  if (b === 0) return exact;
  return q === 0 ? exact * 0 : q;
}

/** The sign of the divisor; fmod is JavaScript's own %. */
export function remainder(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}
