/** The chapters of docs/operators.md, and which files' functions belong to each. */
export interface Group {
  readonly title: string;
  /** One sentence below the title. */
  readonly intro: string;
  /** Files or folders, relative to bindings/. */
  readonly files: readonly string[];
}

export const groups: readonly Group[] = [
  {
    title: "Making tensors",
    intro: "Sizes may be spread or given as one array; a trailing `{ dtype, requiresGrad }` says the rest.",
    files: ["ops/creation.ts", "ops/like.ts", "ops/ranges.ts", "ops/mesh.ts", "ops/types.ts", "methods/creation.ts"],
  },
  {
    title: "Random numbers",
    intro: "From the same seed, PyTorch's CPU generator and this one draw the same numbers.",
    files: ["ops/random.ts", "ops/sampling.ts", "ops/draw.ts", "methods/random.ts"],
  },
  {
    title: "Arithmetic",
    intro: "Elementwise. Operands broadcast, and a number stands for a tensor.",
    files: [
      "ops/binary.ts",
      "ops/power.ts",
      "ops/mixed.ts",
      "ops/unary.ts",
      "ops/rounding.ts",
      "ops/extremum.ts",
      "ops/clamp.ts",
      "ops/floats.ts",
      "ops/bitwise.ts",
    ],
  },
  {
    title: "Exponential and trigonometric functions",
    intro: "Elementwise. Integers and bools become float32 first.",
    files: ["ops/exponential.ts", "ops/trigonometry.ts"],
  },
  {
    title: "Comparison and logic",
    intro: "Elementwise unless said otherwise; the result is a bool tensor.",
    files: ["ops/compare.ts", "ops/logic.ts"],
  },
  {
    title: "Special functions",
    intro: "Elementwise. Most are also in the namespace `special`, as in PyTorch.",
    files: ["ops/special", "special"],
  },
  {
    title: "Reductions and statistics",
    intro: "Over all elements, or along `dim`: a number, an array or `null`, negative ones counted from the end.",
    files: ["ops/reduce.ts", "ops/statistics.ts", "ops/norms.ts", "ops/count.ts", "ops/histogram.ts", "ops/segment.ts"],
  },
  {
    title: "Order and search",
    intro: "Results of two tensors are objects, `{ values, indices }`.",
    files: ["ops/pick.ts", "ops/search.ts", "ops/unique.ts"],
  },
  {
    title: "Cumulative functions and integrals",
    intro: "Along one dimension.",
    files: ["ops/scan.ts", "ops/calculus.ts"],
  },
  {
    title: "Shapes and views",
    intro: "What can be a view of the same memory is one, as in PyTorch.",
    files: [
      "ops/view.ts",
      "ops/permute.ts",
      "ops/expand.ts",
      "ops/slice.ts",
      "ops/split.ts",
      "ops/cat.ts",
      "ops/rearrange.ts",
      "ops/strided.ts",
      "ops/diagonal.ts",
      "ops/triangle.ts",
      "ops/geometry.ts",
      "ops/resize.ts",
      "ops/pad.ts",
      "ops/copy.ts",
      "ops/inplace.ts",
      "methods/shape.ts",
    ],
  },
  {
    title: "Indexing",
    intro: "Indices are int32 tensors; `x.index(...)` takes what stands between brackets in Python.",
    files: [
      "ops/indexing.ts",
      "ops/index-write.ts",
      "ops/mask.ts",
      "ops/scatter.ts",
      "ops/scatter-reduce.ts",
      "ops/where.ts",
      "ops/advanced.ts",
      "ops/subscript.ts",
      "methods/indexing.ts",
    ],
  },
  {
    title: "Products",
    intro: "Of vectors and matrices, in batches where PyTorch takes them.",
    files: ["ops/matmul.ts", "ops/addmm.ts", "ops/products.ts", "ops/einsum.ts", "ops/distance.ts"],
  },
  {
    title: "Linear algebra",
    intro: "In double precision inside, float32 outside; matrices are the last two dimensions.",
    files: ["linalg", "methods/linalg.ts"],
  },
  {
    title: "Activations",
    intro: "In `nn.functional`; what `torch` has under the same name is there as well.",
    files: ["ops/activation.ts", "ops/softmax.ts", "nn/functional/activations.ts"],
  },
  {
    title: "Convolution and pooling",
    intro: "With one, two or three dimensions of space, with or without a batch.",
    files: [
      "nn/functional/conv.ts",
      "nn/functional/pooling.ts",
      "nn/functional/adaptive.ts",
      "nn/functional/unpooling.ts",
      "nn/functional/fold.ts",
    ],
  },
  {
    title: "Images",
    intro: "Resampling and rearranging pixels.",
    files: ["ops/pixel.ts", "nn/functional/resample.ts", "nn/functional/grid.ts"],
  },
  {
    title: "Normalization and dropout",
    intro: "As functions; the modules in `nn` keep their statistics and parameters.",
    files: [
      "nn/functional/normalization.ts",
      "nn/functional/native-norm.ts",
      "nn/functional/dropout.ts",
      "nn/functional/dropouts.ts",
    ],
  },
  {
    title: "Embedding and attention",
    intro: "Rows of a table, and sums over rows weighted by what is asked for.",
    files: [
      "nn/functional/embedding.ts",
      "nn/functional/attention.ts",
      "nn/functional/multihead.ts",
      "nn/functional/multihead.ts",
    ],
  },
  {
    title: "Losses",
    intro: '`reduction` is `"mean"`, `"sum"` or `"none"`.',
    files: [
      "nn/functional/loss.ts",
      "nn/functional/losses-embedding.ts",
      "nn/functional/losses-margin.ts",
      "nn/functional/losses-regression.ts",
      "nn/functional/entropy.ts",
      "nn/functional/ctc.ts",
    ],
  },
  {
    title: "Masked functions",
    intro: "The function of the same name over what a `mask` leaves.",
    files: ["masked"],
  },
];

/** The group of a file given from the root; null for files whose functions are no operators. */
export function groupOf(path: string): Group | null {
  const inside = path.replace(/^bindings\//, "");
  return groups.find(({ files }) => files.some((file) => file === inside || inside.startsWith(`${file}/`))) ?? null;
}

/** Whether functions of a file are operators, and so need a group. */
export function isOperatorFile(path: string): boolean {
  return /^bindings\/(ops|linalg|masked|special|nn\/functional)\//.test(path);
}
