import { defineCase } from "../harness/case.ts";
import { labels, uniform } from "../harness/data.ts";
import { layer } from "../support/layers.ts";
import { withThreads } from "../support/threads.ts";
import { seedParameters, tapegradSteps } from "../support/training.ts";

interface Batch {
  label: string;
  batch: number;
}

export default defineCase<Batch>({
  name: "cnn-step",
  title: "Training step of a CNN",
  about:
    "1×28×28, conv 3×3×8, relu, max-pool, conv 3×3×16, relu, max-pool, linear to 10; cross-entropy, Adam. tfjs-wasm cannot train it: it has no Conv2DBackpropFilter.",
  unit: "time",
  variants: [{ label: "batch 64", batch: 64 }],
  pytorch: true,
  goals: [
    { of: "tapegrad@newest", against: "pytorch", atLeast: 1 / 0.6 },
    { of: "compiled@newest", against: "tapegrad@newest", atLeast: 1 },
    { of: "tapegrad@newest", against: "scoped@newest", atLeast: 0.95 },
    { of: "threads@newest", against: "tapegrad@newest", atLeast: 1.5 },
  ],
  sides: withThreads(
    tapegradSteps<Batch>((tg, { batch }, rate) => {
      const x = tg.tensor(uniform(batch * 784, 1), { shape: [batch, 1, 28, 28] });
      const y = tg.tensor(labels(batch, 10, 2), { dtype: "int32" });
      const model = layer(
        tg,
        "Sequential",
        layer(tg, "Conv2d", 1, 8, 3, { padding: 1 }),
        layer(tg, "ReLU"),
        layer(tg, "MaxPool2d", 2),
        layer(tg, "Conv2d", 8, 16, 3, { padding: 1 }),
        layer(tg, "ReLU"),
        layer(tg, "MaxPool2d", 2),
        layer(tg, "Flatten"),
        layer(tg, "Linear", 784, 10),
      );
      seedParameters(tg, model.parameters(), 10);
      const optimizer = new tg.optim.Adam(model.parameters(), { lr: rate });
      return () => {
        optimizer.zeroGrad();
        const loss = tg.nn.functional.crossEntropy(model(x), y);
        loss.backward();
        optimizer.step();
        return loss;
      };
    }),
  ),
});
