/** Distances between all pairs of points. */
import { Op } from "../../assembly/abi/op.ts";
import { type ExternalBackward, external } from "../autograd/external.ts";
import { noGrad } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import { named } from "../core/args.ts";
import { call2 } from "../core/dispatch.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { nameCode, savingOutput } from "../core/names.ts";
import { setName, setScalars } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, sub } from "./binary.ts";
import { eq } from "./compare.ts";
import { tensor } from "./creation.ts";
import { expand } from "./expand.ts";
import { broadcastShapes } from "./geometry.ts";
import { indexSelect } from "./indexing.ts";
import { matmul } from "./matmul.ts";
import { normSlope } from "./norms.ts";
import { transpose } from "./permute.ts";
import { cast } from "./promote.ts";
import { sum } from "./reduce.ts";
import { abs, neg, sign, square } from "./unary.ts";
import { unsqueeze } from "./view.ts";
import { where } from "./where.ts";

const CDIST = "CdistBackward0";
const PDIST: number = /* @__PURE__ */ nameCode("PdistBackward0");

type ComputeMode = "use_mm_for_euclid_dist_if_necessary" | "use_mm_for_euclid_dist" | "donot_use_mm_for_euclid_dist";

interface CdistOptions {
  p?: number;
  /** Whether Euclidean distances come from a matrix product, which is faster but cancels where points are close. */
  computeMode?: ComputeMode;
}

const MODES: readonly string[] = [
  "use_mm_for_euclid_dist_if_necessary",
  "use_mm_for_euclid_dist",
  "donot_use_mm_for_euclid_dist",
];

/** From so many points on a matrix product pays. */
const MANY = 25;

function checkOrder(p: number, name: string): void {
  if (!(p >= 0)) throw new TensorError(`${name} only supports non-negative p values`);
}

/**
 * The p-norm distances between the rows of x1 [..., P, M] and those of x2 [..., R, M]: [..., P, R]. Batches broadcast.
 * @throws {ShapeError} rows of different length, or tensors without rows
 * @example cdist(tensor([[0, 0]]), tensor([[3, 4], [0, 1]])).tolist() // [[5, 1]]
 */
export function cdist(
  x1: Tensor,
  x2: Tensor,
  p?: number | CdistOptions,
  computeMode?: ComputeMode | CdistOptions,
): Tensor {
  const given = named<CdistOptions>("cdist", [p, computeMode], ["p", "computeMode"]);
  const { p: order = 2, computeMode: mode = MODES[0] } = given;
  [x1, x2].forEach((x, i) => {
    if (x.dtype !== "float32")
      throw new DTypeError(`cdist only supports floating-point dtypes, X${i + 1} got: ${x.scalarName()}`);
    if (x.ndim < 2) throw new ShapeError(`cdist only supports at least 2D tensors, X${i + 1} got: ${x.ndim}D`);
  });
  const [columns, others] = [x1.size(-1), x2.size(-1)];
  if (columns !== others) {
    throw new ShapeError(`X1 and X2 must have the same number of columns. X1: ${columns} X2: ${others}`);
  }
  checkOrder(order, "cdist");
  if (!MODES.includes(mode)) throw new TensorError(`${mode} is not a valid value for compute_mode`);
  const many = x1.size(-2) > MANY || x2.size(-2) > MANY;
  if (order === 2 && (mode === MODES[1] || (mode === MODES[0] && many))) return euclidean(x1, x2);
  return distances(x1, x2, order);
}

/** From √(|a|² + |b|² − 2 a·b), in which rounding may leave something below 0. Where it is 0 it has no gradient. */
function euclidean(a: Tensor, b: Tensor): Tensor {
  const y = noGrad(() => {
    const products = matmul(a, transpose(b, -2, -1)).mul_(-2);
    const squares = unsqueeze(sum(square(b), -1), -2);
    return products
      .add_(sum(square(a), -1, true))
      .add_(squares)
      .clampMin(0)
      .sqrt();
  });
  const backward: ExternalBackward = ([g]) => {
    const ratio = where(eq(y, 0), 0, div(g as Tensor, where(eq(y, 0), 1, y)));
    return [
      sub(mul(a, sum(ratio, -1, true)), matmul(ratio, b)),
      sub(mul(b, unsqueeze(sum(ratio, -2), -1)), matmul(transpose(ratio, -2, -1), a)),
    ];
  };
  return external(CDIST, [a, b], [y], backward)[0];
}

/** Distances of any order. The core goes from pair to pair, so that the differences are never held. */
function distances(x1: Tensor, x2: Tensor, p: number): Tensor {
  const batch = broadcastShapes(x1.shape.slice(0, -2), x2.shape.slice(0, -2));
  const [a, b] = [x1, x2].map((x) => expand(x, [...batch, ...x.shape.slice(-2)]));
  setScalars(p, 0);
  return call2(Op.Distance, a, b, "cdist");
}

/** The derivative of the distances by the differences. Of equal largest ones each counts in full, as in PyTorch. */
function slope(d: Tensor, y: Tensor, p: number): Tensor {
  return p === Infinity ? mul(sign(d), cast(eq(abs(d), y), "float32")) : normSlope(d, y, p, [d.ndim - 1]);
}

/**
 * The p-norm distances between the N rows of a matrix, without those of a row to itself: row 0 to 1, 0 to 2, ... 1 to 2,
 * ... : N (N − 1) / 2 numbers.
 * @throws {ShapeError} a tensor that is no matrix
 * @example pdist(tensor([[0, 0], [3, 4], [0, 1]])).tolist() // [5, 1, 4.2426]
 */
export function pdist(input: Tensor, p: number | { p?: number } = 2): Tensor {
  const order = typeof p === "number" ? p : (p.p ?? 2);
  if (input.ndim !== 2) throw new ShapeError(`pdist only supports 2D tensors, got: ${input.ndim}D`);
  if (input.dtype !== "float32") throw new DTypeError("pdist only supports floating-point dtypes");
  checkOrder(order, "pdist");
  const rows = input.size(0);
  const places = new Int32Array((rows * (rows - 1)) / 2);
  let at = 0;
  for (let i = 0; i < rows; i++) for (let j = i + 1; j < rows; j++) places[at++] = i * rows + j;
  const all = distances(input, input, order).reshape([rows * rows]);
  const index = tensor(places);
  setName(PDIST);
  return savingOutput(indexSelect(all, 0, index));
}

defineRule(Op.Distance, (g, n) => {
  const differences = sub(unsqueeze(n.input(0), -2), unsqueeze(n.input(1), -3));
  const terms = mul(unsqueeze(g, -1), slope(differences, unsqueeze(n.output(), -1), n.s0));
  return [n.needs(0) ? sum(terms, -2) : null, n.needs(1) ? neg(sum(terms, -3)) : null];
});
