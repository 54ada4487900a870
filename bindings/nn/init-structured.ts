/** Initialisations with a structure: orthogonal, identity-preserving, sparse and truncated ones. */
import { noGrad } from "../autograd/mode.ts";
import { named } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { warnOnce } from "../core/warn.ts";
import { qr } from "../linalg/qr.ts";
import { empty, full } from "../ops/creation.ts";
import type { GeneratorOption } from "../ops/draw.ts";
import { indexFill_ } from "../ops/index-write.ts";
import { randperm } from "../ops/random.ts";
import { normal_, uniform_ } from "../ops/sampling.ts";
import { erf, erfinv } from "../ops/special/error.ts";
import type { Tensor } from "../tensor.ts";

interface GainOptions extends GeneratorOption {
  gain?: number;
}

/**
 * A matrix with orthogonal rows or columns, times `gain` (1): Q of the QR decomposition of normal numbers, with signs such that
 * it is drawn evenly from all of them. Further dimensions count as columns.
 * @throws {ShapeError} fewer than two dimensions
 * @see Saxe, McClelland & Ganguli 2013, arXiv:1312.6120
 * @example
 * const w = nn.init.orthogonal_(empty(2, 3));
 * allclose(w.matmul(w.t()), eye(2), { atol: 1e-5 }); // true
 */
export function orthogonal_(tensor: Tensor, ...args: (number | GainOptions)[]): Tensor {
  const { gain = 1, generator } = named<GainOptions>("orthogonal_", args, ["gain"]);
  if (tensor.ndim < 2) throw new ShapeError("Only tensors with 2 or more dimensions are supported");
  if (tensor.numel() === 0) return tensor;
  const rows = tensor.size(0);
  const columns = tensor.numel() / rows;
  return noGrad(() => {
    const drawn = normal_(empty([rows, columns]), 0, 1, { generator });
    const { Q: q, R: r } = qr(rows < columns ? drawn.t() : drawn);
    const even = q.mul(r.diagonal().sign());
    return tensor.copy_((rows < columns ? even.t() : even).mul(gain).reshape(tensor.shape));
  });
}

/**
 * A kernel of a convolution that hands on as many channels as it can, within each of `groups` groups.
 * @throws {ShapeError} other than 3 to 5 dimensions, or channels that cannot be divided into so many groups
 * @example
 * nn.init.dirac_(empty(2, 2, 3)).sum().item(); // 2
 * nn.functional.conv1d(tensor([[[1, 2, 3]]]), nn.init.dirac_(empty(1, 1, 3)), { padding: 1 }).tolist(); // [[[1, 2, 3]]]
 */
export function dirac_(tensor: Tensor, options: number | { groups?: number } = 1): Tensor {
  const { groups = 1 } = named<{ groups: number }>("dirac_", [options], ["groups"]);
  const { shape } = tensor;
  if (shape.length < 3 || shape.length > 5) {
    throw new ShapeError("Only tensors with 3, 4, or 5 dimensions are supported");
  }
  if (shape[0] % groups !== 0) throw new ShapeError("dim 0 must be divisible by groups");
  const own = shape[0] / groups;
  const middle = shape.slice(2).map((size) => Math.floor(size / 2));
  return noGrad(() => {
    tensor.zero_();
    for (let group = 0; group < groups; group++) {
      for (let d = 0; d < Math.min(own, shape[1]); d++) {
        const place = [group * own + d, d, ...middle].reduce((t: Tensor, i) => t.select(0, i), tensor);
        place.fill_(1);
      }
    }
    return tensor;
  });
}

interface SparseOptions extends GeneratorOption {
  std?: number;
}

/**
 * Normal numbers of deviation `std` (0.01), and a share `sparsity` of each column 0.
 * @throws {ShapeError} not a matrix
 * @see Martens 2010, "Deep learning via Hessian-free optimization"
 * @example nn.init.sparse_(empty(4, 2), 0.5).eq(0).sum(0).tolist() // [2, 2]
 */
export function sparse_(tensor: Tensor, sparsity: number, ...args: (number | SparseOptions)[]): Tensor {
  const { std = 0.01, generator } = named<SparseOptions>("sparse_", args, ["std"]);
  if (tensor.ndim !== 2) throw new ShapeError("Only tensors with 2 dimensions are supported");
  const [rows, columns] = tensor.shape;
  const zeros = Math.ceil(sparsity * rows);
  return noGrad(() => {
    normal_(tensor, 0, std, { generator });
    for (let column = 0; column < columns; column++) {
      const places = randperm(rows, { generator }).narrow(0, 0, zeros);
      indexFill_(tensor.select(1, column), 0, places, 0);
    }
    return tensor;
  });
}

interface TruncatedOptions extends GeneratorOption {
  mean?: number;
  std?: number;
  a?: number;
  b?: number;
}

/**
 * Normal numbers (mean 0, deviation 1) from [a, b] only, by default [−2, 2]: the inverse of their distribution at even ones.
 * @example nn.init.truncNormal_(empty(100), 0, 1, -0.5, 0.5).abs().max().item() <= 0.5 // true
 */
export function truncNormal_(tensor: Tensor, ...args: (number | TruncatedOptions)[]): Tensor {
  const names = ["mean", "std", "a", "b"] as const;
  const { mean = 0, std = 1, a = -2, b = 2, generator } = named<TruncatedOptions>("truncNormal_", args, names);
  if (mean < a - 2 * std || mean > b + 2 * std) {
    warnOnce(
      "trunc_normal",
      "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. The distribution of values may be incorrect.",
    );
  }
  return noGrad(() => {
    // 2Φ(z) − 1 = erf(z / √2)
    const [low, high] = [a, b].map((edge) => erf(full([], (edge - mean) / (std * Math.SQRT2))).item());
    const even = uniform_(empty(tensor.shape), low, high, { generator });
    return tensor.copy_(
      erfinv(even)
        .mul_(std * Math.SQRT2)
        .add_(mean)
        .clamp(a, b),
    );
  });
}
