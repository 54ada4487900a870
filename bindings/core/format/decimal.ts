// Decimal notation of a double as Python's format() writes it: the exact value rounded, ties to even.
//
// Number.prototype.toFixed and toExponential also round the exact value, but send ties away from zero (ECMA-262, "pick
// the larger n"). A tie is told from the double itself: with q the decimal exponent of the last digit written,
// x = (n + 1/2) 10^q  ⇔  x 2^(1−q) is an odd integer, divisible by 5^q if q > 0
// (for q ≤ 0 an odd integer over 2^(1−q) times 10^(−q) is a half-integer, and no other double is). Scaling by a power of
// two is exact, so the test is exact. A tie whose last digit came out odd was rounded the wrong way by one.

const NON_FINITE = new Map([
  [Number.POSITIVE_INFINITY, "inf"],
  [Number.NEGATIVE_INFINITY, "-inf"],
]);

/** `value` with `digits` decimals, as Python's `format(value, ".{digits}f")`: `fixed(0.03125, 4)` is `"0.0312"`. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return NON_FINITE.get(value) ?? "nan";
  const magnitude = Math.abs(value);
  // From 1e21 on toFixed turns to exponents; every double up there is an integer.
  const text = magnitude < 1e21 ? magnitude.toFixed(digits) : digitsOfLarge(magnitude, digits);
  return sign(value) + (isTie(magnitude, -digits) ? lastDigitToEven(text) : text);
}

/** `value` in scientific notation, as Python's `format(value, ".{digits}e")`: `scientific(1e-5, 4)` is `"1.0000e-05"`. */
export function scientific(value: number, digits: number): string {
  if (!Number.isFinite(value)) return NON_FINITE.get(value) ?? "nan";
  const magnitude = Math.abs(value);
  const [mantissa, exponent] = magnitude.toExponential(digits).split("e");
  const rounded = isTie(magnitude, Number(exponent) - digits) ? lastDigitToEven(mantissa) : mantissa;
  return `${sign(value)}${rounded}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** "-" also for negative zero, as in Python. */
function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

function digitsOfLarge(magnitude: number, digits: number): string {
  return digits === 0 ? String(BigInt(magnitude)) : `${BigInt(magnitude)}.${"0".repeat(digits)}`;
}

function isTie(magnitude: number, lastDigitExponent: number): boolean {
  const odd = magnitude * 2 ** (1 - lastDigitExponent);
  return odd % 2 === 1 && (lastDigitExponent <= 0 || odd % 5 ** lastDigitExponent === 0);
}

function lastDigitToEven(text: string): string {
  const last = Number(text[text.length - 1]);
  return last % 2 === 0 ? text : text.slice(0, -1) + (last - 1);
}
