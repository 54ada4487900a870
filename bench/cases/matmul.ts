import { defineCase, type Goal } from "../harness/case.ts";
import { flop, type Product, productSides } from "../support/matmul.ts";

const large = ["256", "512", "1024"];
const small = ["8", "16", "32"];
const goals: Goal[] = [
  { variants: large, of: "tapegrad@newest", against: "limit@newest", atLeast: 0.9 },
  { variants: large, of: "tapegrad@system", against: "limit@system", atLeast: 0.8 },
  { variants: ["1024"], of: "threads@newest", against: "tapegrad@newest", atLeast: 1.7 },
  ...["tfjs@newest", "jax@newest"].flatMap((against): Goal[] => [
    { variants: small, of: "tapegrad@newest", against, atLeast: 3 },
    { variants: ["64"], of: "tapegrad@newest", against, atLeast: 2 },
  ]),
];

export default defineCase<Product>({
  name: "matmul",
  title: "Matrix product, square",
  about:
    "c = a·b without gradients. The limit is a loop of multiply-adds in registers, fused where the engine has relaxed SIMD: no 128-bit kernel can be faster.",
  unit: "GFLOP/s",
  variants: [8, 16, 32, 64, 128, 256, 512, 1024].map((n) => ({ label: `${n}`, m: n, k: n, n })),
  work: flop,
  pytorch: true,
  goals,
  sides: productSides,
});
