/** The Airy function. */
import type { Tensor } from "../../tensor.ts";
import { mapElements } from "../evaluated.ts";
import { floatInput } from "../pointwise.ts";
import { scaledK } from "./bessel.ts";

/** Ai(0) and -Ai'(0). */
const AT_0 = 0.3550280538878172;
const SLOPE_AT_0 = 0.2588194037928068;

/** Maclaurin's series, DLMF 9.4.1. */
function series(x: number): number {
  const cube = x ** 3;
  let [f, g] = [1, x];
  let [sumF, sumG] = [f, g];
  for (let k = 3; Math.abs(f) + Math.abs(g) > 1e-18 && k < 300; k += 3) {
    f *= cube / (k * (k - 1));
    g *= cube / (k * (k + 1));
    sumF += f;
    sumG += g;
  }
  return AT_0 * sumF - SLOPE_AT_0 * sumG;
}

/** The expansion for large negative x, DLMF 9.7.9. */
function oscillating(z: number): number {
  const zeta = (2 / 3) * z ** 1.5;
  let term = 1;
  let [even, odd] = [1, 0];
  for (let k = 1; k < 40; k++) {
    const next = (term * (6 * k - 5) * (6 * k - 3) * (6 * k - 1)) / (216 * k * (2 * k - 1) * zeta);
    if (next >= term || next < 1e-18) break;
    term = next;
    const signed = k % 4 < 2 ? term : -term;
    if (k % 2 === 0) even += signed;
    else odd += signed;
  }
  const angle = zeta - Math.PI / 4;
  return (Math.cos(angle) * even + Math.sin(angle) * odd) / (Math.sqrt(Math.PI) * z ** 0.25);
}

function airy(x: number): number {
  if (Math.abs(x) === Infinity) return 0;
  if (x < -7) return oscillating(-x);
  if (!(x > 1)) return series(x);
  // DLMF 9.6.2
  const zeta = (2 / 3) * x ** 1.5;
  return (Math.sqrt(x / 3) / Math.PI) * scaledK(1 / 3, zeta) * Math.exp(-zeta);
}

/**
 * The Airy function Ai. No derivative, as in PyTorch.
 * @example special.airyAi(tensor([0, 1])).tolist() // [0.3550, 0.1353]
 */
export function airyAi(input: Tensor): Tensor {
  return mapElements(floatInput(input, "airyAi"), airy);
}
