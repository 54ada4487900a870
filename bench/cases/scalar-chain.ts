import type { Tensor } from "tapegrad";
import { defineCase } from "../harness/case.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";
import { compile } from "../support/training.ts";

const WEIGHT = 0.999;
const BIAS = 0.001;
const START = 2;

/** y ← y·w + b, again and again, all three with gradients: what one op costs when its arithmetic costs nothing. */
export default defineCase({
  name: "scalar-chain",
  title: "One scalar op, forward and backward",
  about: "A chain of 1000 ops, y ← y·w and y ← y + b in turn, x, w and b with gradients; time for one op.",
  unit: "time",
  variants: [{ label: "1000 ops", ops: 1000 }],
  work: ({ ops }) => ops,
  tolerance: 1e-3,
  pytorch: true,
  goals: [
    { of: "tapegrad@newest", atMostNs: 60 },
    { of: "tapegrad@newest", against: "pytorch", atLeast: 100 },
    { of: "compiled@newest", against: "tapegrad@newest", atLeast: 3 },
  ],
  sides: {
    tapegrad: (tg, { ops }) => {
      const { chain, leaves } = tapegradChain(tg, ops);
      return {
        run: () => {
          chain();
          for (const leaf of leaves) leaf.grad = null;
        },
        check: () => {
          chain();
          const gradients = leaves.map((leaf) => (leaf.grad as typeof leaf).item() as number);
          for (const leaf of leaves) leaf.grad = null;
          return gradients;
        },
      };
    },
    compiled: (tg, { ops }) => {
      const { chain, leaves } = tapegradChain(tg, ops);
      return {
        run: compile(tg, () => {
          const y = chain();
          for (const leaf of leaves) leaf.grad = null;
          return y;
        }),
      };
    },
    tfjs: (tf, { ops }) => {
      const leaves = [tf.scalar(START), tf.scalar(WEIGHT), tf.scalar(BIAS)];
      const gradients = tf.grads((x, w, b) => {
        let y = x;
        for (let i = 0; i < ops; i += 2) y = tf.add(tf.mul(y, w), b);
        return y;
      });
      const run = (): number[] => tf.tidy(() => gradients(leaves).map((gradient) => gradient.dataSync()[0]));
      return { run, check: run };
    },
    jsPytorch: (torch, { ops }) => {
      const run = (): number[] => {
        const [x, w, b] = [START, WEIGHT, BIAS].map((value) => torch.tensor([value], true));
        let y = x;
        for (let i = 0; i < ops; i += 2) y = torch.add(torch.mul(y, w), b);
        y.backward();
        return [x, w, b].map((leaf) => (leaf.grad as number[])[0]);
      };
      return { run, check: run };
    },
  },
});

function tapegradChain(tg: Tapegrad, ops: number): { chain(): Tensor; leaves: Tensor[] } {
  const [x, w, b] = [START, WEIGHT, BIAS].map((value) => tg.tensor(value, { requiresGrad: true }));
  const chain = (): Tensor => {
    let y = x;
    for (let i = 0; i < ops; i += 2) y = y.mul(w).add(b);
    y.backward();
    return y;
  };
  return { chain, leaves: [x, w, b] };
}
