import type { Jax, JaxArray } from "../peers/jax.ts";

const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

type Loss = (parameters: JaxArray[], constants: JaxArray[]) => JaxArray;

/**
 * A training step of jax-js with Adam (Kingma & Ba 2015), value, gradient and update in one `jit`. Returns a function that
 * makes a step and reads the loss, which makes jax-js compute what it has put off.
 */
export function adam(
  jax: Jax,
  start: JaxArray[],
  rate: number,
  constants: JaxArray[],
  loss: Loss,
): () => Promise<number> {
  const np = jax.numpy;
  let parameters = start;
  let first = start.map((p) => np.zeros(p.shape));
  let second = start.map((p) => np.zeros(p.shape));
  let count = 0;

  const update = jax.jit(
    (p: JaxArray[], m: JaxArray[], v: JaxArray[], step: JaxArray, scale: JaxArray, held: JaxArray[]) => {
      const [value, gradients] = jax.valueAndGrad(loss)(jax.tree.ref(p), held) as [JaxArray, JaxArray[]];
      const nextM = m.map((old, i) => old.mul(BETA1).add(gradients[i].ref.mul(1 - BETA1)));
      const nextV = v.map((old, i) => old.mul(BETA2).add(np.square(gradients[i]).mul(1 - BETA2)));
      const nextP = p.map((old, i) => {
        const denominator = np.sqrt(nextV[i].ref).mul(scale.ref).add(EPSILON);
        return old.sub(nextM[i].ref.mul(step.ref).div(denominator));
      });
      step.dispose();
      scale.dispose();
      return { value, p: nextP, m: nextM, v: nextV };
    },
  );

  return async () => {
    count++;
    const step = np.array(rate / (1 - BETA1 ** count));
    const scale = np.array(1 / Math.sqrt(1 - BETA2 ** count));
    const next = update(parameters, first, second, step, scale, jax.tree.ref(constants));
    parameters = next.p;
    first = next.m;
    second = next.v;
    await jax.blockUntilReady(parameters);
    return (await next.value.data())[0];
  };
}
