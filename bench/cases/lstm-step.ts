import type { Tensor } from "tapegrad";
import { defineCase } from "../harness/case.ts";
import { uniform } from "../harness/data.ts";
import { layer } from "../support/layers.ts";
import { seedParameters, tapegradSteps } from "../support/training.ts";

const [LENGTH, BATCH, SIZE] = [32, 16, 64];

export default defineCase({
  name: "lstm-step",
  title: "Training step of an LSTM",
  about: "64 inputs, 64 hidden units, length 32, batch 16; mean squared error of the outputs, Adam.",
  unit: "time",
  variants: [{ label: "length 32, batch 16" }],
  pytorch: true,
  goals: [
    { of: "tapegrad@newest", against: "pytorch", atLeast: 1 },
    { of: "tapegrad@newest", against: "scoped@newest", atLeast: 0.95 },
  ],
  sides: tapegradSteps((tg, _variant, rate) => {
    const x = tg.tensor(uniform(LENGTH * BATCH * SIZE, 1), { shape: [LENGTH, BATCH, SIZE] });
    const y = tg.tensor(uniform(LENGTH * BATCH * SIZE, 2), { shape: [LENGTH, BATCH, SIZE] });
    const model = layer<[Tensor, unknown]>(tg, "LSTM", SIZE, SIZE);
    seedParameters(tg, model.parameters(), 10);
    const optimizer = new tg.optim.Adam(model.parameters(), { lr: rate });
    return () => {
      optimizer.zeroGrad();
      const loss = tg.nn.functional.mseLoss(model(x)[0], y);
      loss.backward();
      optimizer.step();
      return loss;
    };
  }),
});
