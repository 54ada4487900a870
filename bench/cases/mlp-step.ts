import type { Scalar } from "@tensorflow/tfjs-core";
import { defineCase } from "../harness/case.ts";
import { labels, linear, oneHot, transposed, uniform } from "../harness/data.ts";
import { rows } from "../peers/js-pytorch.ts";
import { adam } from "../support/jax-adam.ts";
import { asyncTraining, setParameters, tapegradSteps, training } from "../support/training.ts";

const [INPUTS, HIDDEN, CLASSES] = [784, 128, 10];

interface Batch {
  label: string;
  batch: number;
}

const inputs = (batch: number): Float32Array => uniform(batch * INPUTS, 1).map((u) => (u + 1) / 2);
const targets = (batch: number): Int32Array => labels(batch, CLASSES, 2);
const layers = () => ({ first: linear(INPUTS, HIDDEN, 3), second: linear(HIDDEN, CLASSES, 5) });

export default defineCase<Batch>({
  name: "mlp-step",
  title: "Training step of an MLP",
  about:
    "784-128-10 with ReLU, cross-entropy, Adam: forward, backward, update. js-pytorch's Adam lacks the bias correction, so only its first loss is compared; jax-js has no optimizer, so Adam is written in its arrays, inside `jit`.",
  unit: "time",
  variants: [{ label: "batch 64", batch: 64 }],
  pytorch: true,
  goals: [
    { of: "tapegrad@newest", against: "pytorch", atLeast: 1 },
    { of: "tapegrad@newest", against: "tfjs@newest", atLeast: 10 },
    { of: "compiled@newest", against: "tapegrad@newest", atLeast: 1 },
    { of: "tapegrad@newest", against: "scoped@newest", atLeast: 0.95 },
  ],
  sides: {
    ...tapegradSteps<Batch>((tg, { batch }, rate) => {
      const { nn, optim } = tg;
      const x = tg.tensor(inputs(batch), { shape: [batch, INPUTS] });
      const y = tg.tensor(targets(batch), { dtype: "int32" });
      const model = new nn.Sequential(new nn.Linear(INPUTS, HIDDEN), new nn.ReLU(), new nn.Linear(HIDDEN, CLASSES));
      const { first, second } = layers();
      setParameters(tg, model.parameters(), [first.weight, first.bias, second.weight, second.bias]);
      const optimizer = new optim.Adam(model.parameters(), { lr: rate });
      return () => {
        optimizer.zeroGrad();
        const loss = nn.functional.crossEntropy(model(x), y);
        loss.backward();
        optimizer.step();
        return loss;
      };
    }),
    tfjs: (tf, { batch }) =>
      training(
        (rate) => {
          const x = tf.tensor2d(inputs(batch), [batch, INPUTS]);
          const y = tf.tensor2d(oneHot(targets(batch), CLASSES), [batch, CLASSES]);
          const { first, second } = layers();
          const w1 = tf.variable(tf.tensor2d(transposed(first.weight, HIDDEN, INPUTS), [INPUTS, HIDDEN]));
          const b1 = tf.variable(tf.tensor1d(first.bias));
          const w2 = tf.variable(tf.tensor2d(transposed(second.weight, CLASSES, HIDDEN), [HIDDEN, CLASSES]));
          const b2 = tf.variable(tf.tensor1d(second.bias));
          const optimizer = tf.train.adam(rate, 0.9, 0.999, 1e-8);
          const loss = () => {
            const hidden = tf.relu(tf.add(tf.matMul(x, w1), b1));
            return tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(hidden, w2), b2)) as Scalar;
          };
          return () => tf.tidy(() => optimizer.minimize(loss, true)?.dataSync()[0]);
        },
        (loss) => loss as number,
      ),
    jit: (jax, { batch }) =>
      asyncTraining((rate) => {
        const { numpy: np, nn } = jax;
        const x = np.array(inputs(batch)).reshape([batch, INPUTS]);
        const y = np.array(oneHot(targets(batch), CLASSES)).reshape([batch, CLASSES]);
        const { first, second } = layers();
        const parameters = [
          np.array(transposed(first.weight, HIDDEN, INPUTS)).reshape([INPUTS, HIDDEN]),
          np.array(first.bias),
          np.array(transposed(second.weight, CLASSES, HIDDEN)).reshape([HIDDEN, CLASSES]),
          np.array(second.bias),
        ];
        return adam(jax, parameters, rate, [x, y], ([w1, b1, w2, b2], [input, target]) => {
          const hidden = nn.relu(np.matmul(input, w1).add(b1));
          const logits = np.matmul(hidden, w2).add(b2);
          return nn.logSoftmax(logits).mul(target).sum().div(-batch);
        });
      }),
    jsPytorch: (torch, { batch }) =>
      training(
        (rate) => {
          const { nn, optim } = torch;
          class Mlp extends nn.Module {
            first = new nn.Linear(INPUTS, HIDDEN);
            relu = new nn.ReLU();
            second = new nn.Linear(HIDDEN, CLASSES);
            forward(x: JsTensor): JsTensor {
              return this.second.forward(this.relu.forward(this.first.forward(x)));
            }
          }
          const model = new Mlp();
          const { first, second } = layers();
          model.first.W._data = rows(transposed(first.weight, HIDDEN, INPUTS), HIDDEN);
          model.first.b._data = [...first.bias];
          model.second.W._data = rows(transposed(second.weight, CLASSES, HIDDEN), CLASSES);
          model.second.b._data = [...second.bias];
          const x = torch.tensor(rows(inputs(batch), INPUTS));
          const y = torch.tensor([...targets(batch)]);
          const criterion = new nn.CrossEntropyLoss();
          const optimizer = new optim.Adam(model.parameters(), rate, 0);
          return () => {
            const loss = criterion.forward(model.forward(x), y);
            loss.backward();
            optimizer.step();
            optimizer.zero_grad();
            return loss;
          };
        },
        (loss) => ((loss as JsTensor).data as number[])[0],
        1,
      ),
  },
});

type JsTensor = ReturnType<import("../peers/js-pytorch.ts").JsPytorch["tensor"]>;
