/**
 * A step length that satisfies the strong Wolfe conditions: the loss falls by at least c₁ t times the slope, and the slope at
 * the end is at most c₂ times as steep as at the start. Bracketing and zoom with cubic interpolation.
 * @see Nocedal & Wright 2006, "Numerical Optimization", algorithms 3.5 and 3.6, equation 3.59
 */
import type { Tensor } from "../tensor.ts";

const DECREASE = 1e-4;
const FLATTENING = 0.9;
const MOST_ITERATIONS = 25;

/** A place on the line: how far along it lies, the loss there, the gradient, and its part along the line. */
export interface LinePoint {
  t: number;
  loss: number;
  gradient: Tensor;
  slope: number;
}

/** Where the cubic through two points with their slopes has its minimum, kept within bounds. */
function cubicMinimum(a: LinePoint, b: LinePoint, bounds?: readonly [number, number]): number {
  const [low, high] = bounds ?? [Math.min(a.t, b.t), Math.max(a.t, b.t)];
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [left, right] = a.t <= b.t ? [a, b] : [b, a];
  const at = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(at, low), high);
}

/** The point that was found, and how often the loss was evaluated. */
export interface LineSearchResult {
  point: LinePoint;
  evaluations: number;
}

/**
 * @param start the point at t = 0 @param first the first t to try @param evaluate the point at t
 * @param smallest brackets of which no element of the parameters would notice more than this are not divided further
 * @param reach the largest element of the direction
 */
export function strongWolfe(
  start: LinePoint,
  first: number,
  evaluate: (t: number) => LinePoint,
  smallest: number,
  reach: number,
): LineSearchResult {
  const tooHigh = (p: LinePoint): boolean => p.loss > start.loss + DECREASE * p.t * start.slope;
  const flat = (p: LinePoint): boolean => Math.abs(p.slope) <= -FLATTENING * start.slope;
  let previous = start;
  let point = evaluate(first);
  let evaluations = 1;
  let iterations = 0;
  while (!(tooHigh(point) || (iterations > 1 && point.loss >= previous.loss))) {
    if (flat(point)) return { point, evaluations };
    if (point.slope >= 0) break;
    const next = cubicMinimum(previous, point, [point.t + 0.01 * (point.t - previous.t), point.t * 10]);
    previous = point;
    point = evaluate(next);
    evaluations++;
    if (++iterations === MOST_ITERATIONS) {
      previous = start;
      break;
    }
  }
  let [low, high] = previous.loss <= point.loss ? [previous, point] : [point, previous];
  let slow = false;
  for (; iterations < MOST_ITERATIONS && Math.abs(high.t - low.t) * reach >= smallest; iterations++) {
    const [left, right] = [Math.min(low.t, high.t), Math.max(low.t, high.t)];
    let t = cubicMinimum(low, high);
    const margin = 0.1 * (right - left);
    const atEdge = Math.min(right - t, t - left) < margin;
    // The second time in a row that the minimum is next to an end, it is taken away from there.
    if (atEdge && (slow || t >= right || t <= left)) {
      t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
      slow = false;
    } else {
      slow = atEdge;
    }
    point = evaluate(t);
    evaluations++;
    if (tooHigh(point) || point.loss >= low.loss) {
      [low, high] = point.loss < low.loss ? [point, low] : [low, point];
    } else {
      if (flat(point)) return { point, evaluations };
      if (point.slope * (high.t - low.t) >= 0) high = low;
      low = point;
    }
  }
  return { point: low, evaluations };
}
