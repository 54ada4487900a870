import { defineCase, type Goal, NotAvailable, type Task } from "../harness/case.ts";
import { uniform } from "../harness/data.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";
import { scoped } from "../support/scoped.ts";
import { part } from "../support/training.ts";

const COUNT = 1 << 20;
const NAMES = ["exp", "log", "sin", "cos", "tanh", "sigmoid", "erf", "gelu"] as const;

interface Unary {
  label: (typeof NAMES)[number];
}

/** Numbers in [-4, 4); for the logarithm in [0.1, 8.1). */
const input = (name: string): Float32Array => {
  const values = uniform(COUNT, 1, 4);
  return name === "log" ? values.map((value) => value + 4.1) : values;
};

const samples = (c: ArrayLike<number>): number[] => [0, 1, 2, 3, COUNT / 2, COUNT - 1].map((i) => c[i]);

const notSlower = ["tanh", "sin", "erf"];
const goals: Goal[] = [
  { variants: notSlower, of: "tapegrad@newest", against: "pytorch", atLeast: 1 },
  {
    variants: NAMES.filter((name) => !notSlower.includes(name)),
    of: "tapegrad@newest",
    against: "pytorch",
    atLeast: 1 / 1.5,
  },
  { variants: NAMES.filter((name) => name !== "sigmoid"), of: "tapegrad@newest", against: "tfjs@newest", atLeast: 4 },
  { variants: ["sigmoid"], of: "tapegrad@newest", against: "tfjs@newest", atLeast: 1.3 },
];

const tapegrad = (tg: Tapegrad, { label }: Unary): Task => {
  const x = tg.tensor(input(label));
  const run =
    label === "gelu"
      ? () => part<(t: typeof x) => typeof x>(tg, "nn", "functional", "gelu")(x)
      : () => (x as unknown as Record<string, () => typeof x>)[label]();
  if (label !== "gelu" && !(label in x)) throw new NotAvailable(`tapegrad has no ${label}`);
  return { run, check: () => samples(run().data() as Float32Array) };
};

export default defineCase<Unary>({
  name: "transcendental",
  title: "Transcendental functions",
  about: "1,048,576 elements, without gradients. PyTorch uses AVX2 here, or MKL-DNN for gelu.",
  unit: "time",
  variants: NAMES.map((label) => ({ label })),
  tolerance: 1e-5,
  pytorch: true,
  goals,
  sides: {
    tapegrad,
    scoped: scoped(tapegrad),
    tfjs: (tf, { label }) => {
      if (label === "gelu") throw new NotAvailable("tfjs has no gelu");
      const x = tf.tensor1d(input(label));
      const compute = () => tf[label](x);
      return { run: () => compute().dispose(), check: () => samples(compute().dataSync()) };
    },
    jax: (jax, { label }) => {
      const { numpy: np, nn, scipySpecial } = jax;
      const x = np.array(input(label));
      const compute = {
        exp: () => np.exp(x.ref),
        log: () => np.log(x.ref),
        sin: () => np.sin(x.ref),
        cos: () => np.cos(x.ref),
        tanh: () => np.tanh(x.ref),
        sigmoid: () => nn.sigmoid(x.ref),
        erf: () => scipySpecial.erf(x.ref),
        gelu: () => nn.gelu(x.ref, { approximate: false }),
      }[label];
      return {
        run: async () => (await compute().blockUntilReady()).dispose(),
        check: () => samples(compute().dataSync()),
      };
    },
  },
});
