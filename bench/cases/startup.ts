import { defineCase } from "../harness/case.ts";

/** Times the program from its first line; what is imported must have been imported dynamically. */
const timed = (body: string): string => `
const start = performance.now();
${body}
console.log(performance.now() - start);
`;

export default defineCase({
  name: "startup",
  title: "From import to the first gradient",
  about:
    "A fresh process for every figure: import the library, make x = 4, compute sin(x²), go backward, read the gradient. The start of the process itself is not counted. The empty module shows what any import costs.",
  unit: "time",
  variants: [{ label: "import, sin(x²), gradient" }],
  goals: [
    { of: "tapegrad@newest", atMostNs: 10e6 },
    { of: "tapegrad@system", atMostNs: 10e6 },
  ],
  sides: {},
  programs: {
    tapegrad: timed(`
      const { tensor } = await import(process.env.TAPEGRAD);
      const x = tensor(4, { requiresGrad: true });
      x.pow(2).sin().backward();
      x.grad.item();
    `),
    empty: timed(`await import("./build/harness/empty.js");`),
    pytorch: `
import time
start = time.perf_counter()
import torch
x = torch.tensor(4.0, requires_grad=True)
x.pow(2).sin().backward()
x.grad.item()
print((time.perf_counter() - start) * 1e3)
`,
    tfjs: timed(`
      const { loadTfjs } = await import("./build/peers/tfjs.js");
      const tf = await loadTfjs();
      tf.grad((x) => tf.sin(tf.square(x)))(tf.scalar(4)).dataSync();
    `),
    jax: timed(`
      const { loadJax } = await import("./build/peers/jax.js");
      const jax = await loadJax();
      jax.grad((x) => jax.numpy.sin(jax.numpy.square(x)))(4).dataSync();
    `),
  },
});
