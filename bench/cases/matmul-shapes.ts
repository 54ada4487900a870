import { defineCase } from "../harness/case.ts";
import { flop, type Product, productSides } from "../support/matmul.ts";

const product = (m: number, k: number, n: number, transpose?: "a" | "b"): Product => ({
  label: `${m}×${k}×${n}${transpose ? `, ${transpose} transposed` : ""}`,
  m,
  k,
  n,
  transpose,
});

const variants = [
  product(64, 784, 128, "b"),
  product(128, 64, 784, "a"),
  product(64, 128, 784),
  product(64, 128, 10, "b"),
  product(10, 64, 128, "a"),
  product(64, 10, 128),
  product(1, 784, 128),
  product(1, 784, 128, "b"),
  product(1, 1024, 1024),
  product(1000, 1000, 1000),
];

const { jsPytorch: _tooSlow, ...sides } = productSides;

export default defineCase<Product>({
  name: "matmul-shapes",
  title: "Matrix product, shapes of a network",
  about:
    "The products of linear layers, forward (b transposed), gradient of the weight (a transposed) and of the input, and single vectors.",
  unit: "GFLOP/s",
  variants,
  work: flop,
  pytorch: true,
  goals: [
    {
      variants: variants.filter(({ m, k, n }) => Math.min(m, k, n) >= 32).map(({ label }) => label),
      of: "tapegrad@newest",
      against: "limit@newest",
      atLeast: 0.4,
    },
  ],
  sides,
});
