import { defineCase } from "../harness/case.ts";
import { uniform } from "../harness/data.ts";

interface Growth {
  label: string;
  kind: "chain" | "batch" | "depth";
  size: number;
}

const sizes = (kind: Growth["kind"], ...all: number[]): Growth[] =>
  all.map((size) => ({ label: `${kind} ${size}`, kind, size }));

const WIDTH = 64;

/** Whether anything in the core grows faster than the work: figures along one kind should stay level. */
export default defineCase<Growth>({
  name: "growth",
  title: "Growth",
  about:
    "Time for one unit of work, forward and backward: one op of a scalar chain, one row of a batch through two layers of 64 units, one layer (64 units, tanh, 64 rows) of a deep net.",
  unit: "time",
  variants: [
    ...sizes("chain", 1e3, 1e4, 1e5, 1e6),
    ...sizes("batch", 1, 4, 16, 64, 256, 1024, 4096),
    ...sizes("depth", 1, 10, 100, 1000),
  ],
  work: ({ size }) => size,
  sides: {
    tapegrad: (tg, { kind, size }) => {
      if (kind === "chain") {
        const x = tg.tensor(2, { requiresGrad: true });
        const run = () => {
          let y = x;
          for (let i = 0; i < size; i += 2) y = y.mul(0.999).add(0.001);
          y.backward();
          x.grad = null;
        };
        return { run };
      }
      const batch = kind === "batch" ? size : 64;
      const depth = kind === "depth" ? size : 2;
      const x = tg.tensor(uniform(batch * WIDTH, 1), { shape: [batch, WIDTH] });
      const layers = Array.from({ length: depth }, () => new tg.nn.Linear(WIDTH, WIDTH));
      const parameters = layers.flatMap((layer) => [...layer.parameters()]);
      const run = () => {
        let y = x;
        for (const layer of layers) y = layer(y).tanh();
        y.sum().backward();
        for (const parameter of parameters) parameter.grad = null;
      };
      return { run };
    },
  },
});
