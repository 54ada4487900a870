import { defineCase } from "../harness/case.ts";
import type { JaxArray } from "../peers/jax.ts";
import { compile } from "../support/training.ts";

/** The first example of the documentation, from the number to its gradient. */
export default defineCase({
  name: "sin-squared",
  title: "sin(x²) at a scalar",
  about: "Make the tensor, compute sin(x²), go backward, read the gradient as a number.",
  unit: "time",
  variants: [{ label: "x = 4" }],
  tolerance: 1e-5,
  pytorch: true,
  goals: [{ of: "tapegrad@newest", against: "pytorch", atLeast: 60 }],
  sides: {
    tapegrad: (tg) => {
      const run = (): number => {
        const x = tg.tensor(4, { requiresGrad: true });
        x.pow(2).sin().backward();
        return (x.grad as typeof x).item() as number;
      };
      return { run, check: () => [run()] };
    },
    compiled: (tg) => {
      const x = tg.tensor(4, { requiresGrad: true });
      const step = compile(tg, () => {
        x.grad = null;
        const y = x.pow(2).sin();
        y.backward();
        return y;
      });
      const run = (): number => {
        step();
        return (x.grad as typeof x).item() as number;
      };
      return { run, check: () => [run()] };
    },
    tfjs: (tf) => {
      const gradient = tf.grad((x) => tf.sin(tf.square(x)));
      const run = (): number => tf.tidy(() => gradient(tf.scalar(4)).dataSync()[0]);
      return { run, check: () => [run()] };
    },
    jax: (jax) => {
      const gradient = jax.grad((x: JaxArray) => jax.numpy.sin(jax.numpy.square(x)));
      const run = (): number => gradient(4).dataSync()[0];
      return { run, check: () => [run()] };
    },
    jit: (jax) => {
      const gradient = jax.jit(jax.grad((x: JaxArray) => jax.numpy.sin(jax.numpy.square(x))));
      const run = (): number => gradient(4).dataSync()[0];
      return { run, check: () => [run()] };
    },
  },
});
