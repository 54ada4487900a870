import { defineCase, type Goal, NotAvailable, type Task } from "../harness/case.ts";
import { labels, uniform } from "../harness/data.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";
import { scoped } from "../support/scoped.ts";
import { part } from "../support/training.ts";

const SIZE = 1024;
const NAMES = ["sum", "max", "argmax", "softmax", "logSoftmax", "layerNorm", "crossEntropy"] as const;

interface Reduction {
  label: (typeof NAMES)[number];
}

const input = (): Float32Array => uniform(SIZE * SIZE, 1, 4);

const samples = (c: ArrayLike<number>): number[] => [c[0], c[c.length >> 1], c[c.length - 1]];

const slower = ["softmax", "logSoftmax"];
const goals: Goal[] = [
  { variants: slower, of: "tapegrad@newest", against: "pytorch", atLeast: 1 / 1.25 },
  { variants: NAMES.filter((name) => !slower.includes(name)), of: "tapegrad@newest", against: "pytorch", atLeast: 1 },
];

const tapegrad = (tg: Tapegrad, { label }: Reduction): Task => {
  const x = tg.tensor(input(), { shape: [SIZE, SIZE] });
  const target = tg.tensor(labels(SIZE, SIZE, 2), { dtype: "int32" });
  const functional = <F>(name: string): F => part<F>(tg, "nn", "functional", name);
  type Tensor = typeof x;
  const run = {
    sum: () => () => x.sum(),
    max: () => () => x.max(),
    argmax: () => () => x.argmax(),
    softmax: () => () => x.softmax(1),
    logSoftmax: () => () => x.logSoftmax(1),
    layerNorm: () => {
      const layerNorm = functional<(t: Tensor, shape: number[]) => Tensor>("layerNorm");
      return () => layerNorm(x, [SIZE]);
    },
    crossEntropy: () => () => tg.nn.functional.crossEntropy(x, target),
  }[label]();
  return { run, check: () => samples((run() as Tensor).data() as Float32Array) };
};

export default defineCase<Reduction>({
  name: "reductions",
  title: "Reductions and normalisations",
  about:
    "A 1024 × 1024 matrix, without gradients: sum, max and argmax over all of it, the others over its rows; cross-entropy with 1024 classes, averaged.",
  unit: "time",
  variants: NAMES.map((label) => ({ label })),
  pytorch: true,
  goals,
  sides: {
    tapegrad,
    scoped: scoped(tapegrad),
    tfjs: (tf, { label }) => {
      const x = tf.tensor2d(input(), [SIZE, SIZE]);
      const target = tf.oneHot(tf.tensor1d(labels(SIZE, SIZE, 2), "int32"), SIZE);
      if (label === "layerNorm") throw new NotAvailable("tfjs-core has no layerNorm");
      const compute = {
        sum: () => tf.sum(x),
        max: () => tf.max(x),
        argmax: () => tf.argMax(tf.reshape(x, [SIZE * SIZE])),
        softmax: () => tf.softmax(x),
        logSoftmax: () => tf.logSoftmax(x),
        crossEntropy: () => tf.losses.softmaxCrossEntropy(target, x),
      }[label];
      return {
        run: () => {
          tf.tidy(() => {
            compute();
          });
        },
        check: () => samples(compute().dataSync()),
      };
    },
    jax: (jax, { label }) => {
      const { numpy: np, nn } = jax;
      const x = np.array(input()).reshape([SIZE, SIZE]);
      if (label === "crossEntropy") throw new NotAvailable("jax-js has no crossEntropy");
      const compute = {
        sum: () => x.ref.sum(),
        max: () => np.max(x.ref),
        argmax: () => np.argmax(x.ref),
        softmax: () => nn.softmax(x.ref, -1),
        logSoftmax: () => nn.logSoftmax(x.ref, -1),
        layerNorm: () => nn.standardize(x.ref, -1),
      }[label];
      return {
        run: async () => (await compute().blockUntilReady()).dispose(),
        check: () => samples(compute().dataSync()),
      };
    },
  },
});
