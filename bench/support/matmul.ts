import { NotAvailable, type Sides, type Task } from "../harness/case.ts";
import { uniform } from "../harness/data.ts";
import { rows } from "../peers/js-pytorch.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";
import { scoped } from "./scoped.ts";
import { onThreads } from "./threads.ts";

/** a·b of shapes m×k and k×n; `transpose` says which operand is stored the other way round and enters as a view. */
export interface Product {
  label: string;
  m: number;
  k: number;
  n: number;
  transpose?: "a" | "b";
}

export const flop = ({ m, k, n }: Product): number => 2 * m * k * n;

/** The stored operands with their shapes. */
function operands({ m, k, n, transpose }: Product) {
  return {
    a: { data: uniform(m * k, 1), shape: (transpose === "a" ? [k, m] : [m, k]) as [number, number] },
    b: { data: uniform(k * n, 2), shape: (transpose === "b" ? [n, k] : [k, n]) as [number, number] },
  };
}

/** First, last and a middle element of the product. */
const samples = (c: ArrayLike<number>): number[] => [c[0], c[c.length >> 1], c[c.length - 1]];

const tapegrad = (tg: Tapegrad, product: Product): Task => {
  const { a, b } = operands(product);
  const stored = [tg.tensor(a.data, { shape: a.shape }), tg.tensor(b.data, { shape: b.shape })];
  const left = product.transpose === "a" ? stored[0].t() : stored[0];
  const right = product.transpose === "b" ? stored[1].t() : stored[1];
  return { run: () => left.matmul(right), check: () => samples(left.matmul(right).data() as Float32Array) };
};

export const productSides: Sides<Product> = {
  tapegrad,
  scoped: scoped(tapegrad),
  threads: onThreads(tapegrad),
  limit: (limits, product) => {
    const repeats = Math.ceil(1e7 / flop(product));
    return { run: () => limits.multiplyAdd(repeats * flop(product)), repeats };
  },
  tfjs: (tf, product) => {
    const { a, b } = operands(product);
    const left = tf.tensor2d(a.data, a.shape);
    const right = tf.tensor2d(b.data, b.shape);
    const multiply = () => tf.matMul(left, right, product.transpose === "a", product.transpose === "b");
    return { run: () => multiply().dispose(), check: () => samples(multiply().dataSync()) };
  },
  jax: (jax, product) => {
    const { a, b } = operands(product);
    const left = jax.numpy.array(a.data).reshape(a.shape);
    const right = jax.numpy.array(b.data).reshape(b.shape);
    const multiply = () =>
      jax.numpy.matmul(
        product.transpose === "a" ? left.ref.transpose() : left.ref,
        product.transpose === "b" ? right.ref.transpose() : right.ref,
      );
    return {
      run: async () => (await multiply().blockUntilReady()).dispose(),
      check: () => samples(multiply().dataSync()),
    };
  },
  jsPytorch: (torch, product) => {
    if (flop(product) > 1e8) throw new NotAvailable("takes seconds");
    const { a, b } = operands(product);
    const stored = [torch.tensor(rows(a.data, a.shape[1])), torch.tensor(rows(b.data, b.shape[1]))];
    const multiply = () =>
      torch.matmul(
        product.transpose === "a" ? torch.transpose(stored[0], 0, 1) : stored[0],
        product.transpose === "b" ? torch.transpose(stored[1], 0, 1) : stored[1],
      );
    return { run: multiply, check: () => samples((multiply().data as number[][]).flat()) };
  },
};
