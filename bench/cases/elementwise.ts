import { defineCase, type Task } from "../harness/case.ts";
import { uniform } from "../harness/data.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";
import { scoped } from "../support/scoped.ts";

interface Elementwise {
  label: string;
  op: "add" | "mul" | "relu";
  rows: number;
  columns: number;
  /** Whether the second operand is one row. */
  row: boolean;
}

const LENGTHS = { "1M": [1024, 1024], "4K": [64, 64] };

const variants = Object.entries(LENGTHS).flatMap(([name, [rows, columns]]): Elementwise[] => [
  { label: `add ${name}`, op: "add", rows, columns, row: false },
  { label: `mul ${name}`, op: "mul", rows, columns, row: false },
  { label: `relu ${name}`, op: "relu", rows, columns, row: false },
  { label: `add ${name}, a row`, op: "add", rows, columns, row: true },
  { label: `mul ${name}, a row`, op: "mul", rows, columns, row: true },
]);

/** Bytes read and written. */
const bytes = ({ op, rows, columns, row }: Elementwise): number => {
  const second = op === "relu" ? 0 : row ? columns : rows * columns;
  return 4 * (2 * rows * columns + second);
};

const inputs = ({ rows, columns, row }: Elementwise) => ({
  a: { data: uniform(rows * columns, 1), shape: [rows, columns] },
  b: { data: uniform(row ? columns : rows * columns, 2), shape: row ? [columns] : [rows, columns] },
});

const samples = (c: ArrayLike<number>): number[] => [c[0], c[c.length >> 1], c[c.length - 1]];

const tapegrad = (tg: Tapegrad, variant: Elementwise): Task => {
  const { a, b } = inputs(variant);
  const x = tg.tensor(a.data, { shape: a.shape });
  const y = tg.tensor(b.data, { shape: b.shape });
  const run = { add: () => x.add(y), mul: () => x.mul(y), relu: () => x.relu() }[variant.op];
  return { run, check: () => samples(run().data() as Float32Array) };
};

export default defineCase<Elementwise>({
  name: "elementwise",
  title: "Elementwise operations",
  about:
    "A new tensor from one or two, without gradients; bytes read and written. The limit is a loop that copies as many bytes.",
  unit: "GB/s",
  variants,
  work: bytes,
  pytorch: true,
  goals: [
    { of: "tapegrad@newest", against: "limit@newest", atLeast: 1 / 1.2 },
    { of: "tapegrad@system", against: "limit@system", atLeast: 1 / 1.2 },
  ],
  sides: {
    tapegrad,
    scoped: scoped(tapegrad),
    limit: (limits, variant) => {
      const half = Math.ceil(bytes(variant) / 128) * 64;
      return { run: () => limits.copy(half) };
    },
    tfjs: (tf, variant) => {
      const { a, b } = inputs(variant);
      const x = tf.tensor(a.data, a.shape);
      const y = tf.tensor(b.data, b.shape);
      const compute = { add: () => tf.add(x, y), mul: () => tf.mul(x, y), relu: () => tf.relu(x) }[variant.op];
      return { run: () => compute().dispose(), check: () => samples(compute().dataSync()) };
    },
    jax: (jax, variant) => {
      const { a, b } = inputs(variant);
      const x = jax.numpy.array(a.data).reshape(a.shape);
      const y = jax.numpy.array(b.data).reshape(b.shape);
      const compute = {
        add: () => x.ref.add(y.ref),
        mul: () => x.ref.mul(y.ref),
        relu: () => jax.nn.relu(x.ref),
      }[variant.op];
      return {
        run: async () => (await compute().blockUntilReady()).dispose(),
        check: () => samples(compute().dataSync()),
      };
    },
  },
});
