import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { defineCase } from "../harness/case.ts";
import { linear, moons, transposed } from "../harness/data.ts";
import type { JaxArray } from "../peers/jax.ts";
import { asyncTraining, setParameters, tapegradSteps, training } from "../support/training.ts";

const POINTS = 100;
const WIDTHS = [2, 16, 16, 1];
const PENALTY = 1e-4;

const layers = () =>
  WIDTHS.slice(1).map((outputs, i) => ({ inputs: WIDTHS[i], outputs, ...linear(WIDTHS[i], outputs, 10 * i) }));

export default defineCase({
  name: "moons-step",
  title: "Training step of a tiny net",
  about:
    "micrograd's moons: 2-16-16-1 with ReLU on 100 points, hinge loss plus 1e-4 times the squared parameters, SGD. All overhead, no arithmetic to speak of.",
  unit: "time",
  variants: [{ label: "100 points" }],
  pytorch: true,
  goals: [
    { of: "tapegrad@newest", against: "pytorch", atLeast: 15 },
    { of: "tapegrad@newest", against: "tfjs@newest", atLeast: 40 },
    { of: "compiled@newest", against: "tapegrad@newest", atLeast: 1.3 },
    { of: "tapegrad@newest", against: "scoped@newest", atLeast: 0.95 },
  ],
  sides: {
    ...tapegradSteps((tg, _variant, rate) => {
      const { nn, optim } = tg;
      const { points, signs } = moons(POINTS);
      const x = tg.tensor(points, { shape: [POINTS, 2] });
      const y = tg.tensor(signs, { shape: [POINTS, 1] });
      const model = new nn.Sequential(
        new nn.Linear(2, 16),
        new nn.ReLU(),
        new nn.Linear(16, 16),
        new nn.ReLU(),
        new nn.Linear(16, 1),
      );
      const parameters = [...model.parameters()];
      setParameters(
        tg,
        parameters,
        layers().flatMap(({ weight, bias }) => [weight, bias]),
      );
      const optimizer = new optim.SGD(parameters, { lr: rate });
      return () => {
        optimizer.zeroGrad();
        const hinge = model(x).mul(y).neg().add(1).relu().mean();
        const squares = parameters.map((p) => p.mul(p).sum()).reduce((total, square) => total.add(square));
        const loss = hinge.add(squares.mul(PENALTY));
        loss.backward();
        optimizer.step();
        return loss;
      };
    }),
    tfjs: (tf) =>
      training(
        (rate) => {
          const { points, signs } = moons(POINTS);
          const x = tf.tensor2d(points, [POINTS, 2]);
          const y = tf.tensor2d(signs, [POINTS, 1]);
          const variables = layers().map(({ weight, bias, inputs, outputs }) => ({
            weight: tf.variable(tf.tensor2d(transposed(weight, outputs, inputs), [inputs, outputs])),
            bias: tf.variable(tf.tensor1d(bias)),
          }));
          const optimizer = tf.train.sgd(rate);
          const loss = () => {
            let h: Tensor2D = x;
            variables.forEach(({ weight, bias }, i) => {
              h = tf.add(tf.matMul(h, weight), bias);
              if (i < variables.length - 1) h = tf.relu(h);
            });
            const hinge = tf.mean(tf.relu(tf.sub(1, tf.mul(h, y))));
            const squares = variables.flatMap(({ weight, bias }) => [
              tf.sum(tf.square(weight)),
              tf.sum(tf.square(bias)),
            ]);
            return tf.add(hinge, tf.mul(tf.addN(squares), PENALTY)) as Scalar;
          };
          return () => tf.tidy(() => optimizer.minimize(loss, true)?.dataSync()[0]);
        },
        (loss) => loss as number,
      ),
    jit: (jax) =>
      asyncTraining((rate) => {
        const { numpy: np, nn } = jax;
        const { points, signs } = moons(POINTS);
        const x = np.array(points).reshape([POINTS, 2]);
        const y = np.array(signs).reshape([POINTS, 1]);
        let parameters = layers().flatMap(({ weight, bias, inputs, outputs }) => [
          np.array(transposed(weight, outputs, inputs)).reshape([inputs, outputs]),
          np.array(bias),
        ]);
        const loss = ([w1, b1, w2, b2, w3, b3]: JaxArray[], input: JaxArray, target: JaxArray) => {
          const squares = [w1, b1, w2, b2, w3, b3].map((p) => np.square(p.ref).sum()).reduce((a, b) => a.add(b));
          const first = nn.relu(np.matmul(input, w1).add(b1));
          const second = nn.relu(np.matmul(first, w2).add(b2));
          const scores = np.matmul(second, w3).add(b3);
          return nn.relu(scores.mul(target).neg().add(1)).mean().add(squares.mul(PENALTY));
        };
        const update = jax.jit((p: JaxArray[], input: JaxArray, target: JaxArray) => {
          const [value, gradients] = jax.valueAndGrad(loss)(jax.tree.ref(p), input, target) as [JaxArray, JaxArray[]];
          return { value, p: p.map((old, i) => old.sub(gradients[i].mul(rate))) };
        });
        return async () => {
          const next = update(parameters, x.ref, y.ref);
          parameters = next.p;
          await jax.blockUntilReady(parameters);
          return (await next.value.data())[0];
        };
      }),
  },
});
