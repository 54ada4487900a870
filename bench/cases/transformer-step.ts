import { defineCase } from "../harness/case.ts";
import { uniform } from "../harness/data.ts";
import { layer } from "../support/layers.ts";
import { seedParameters, tapegradSteps } from "../support/training.ts";

const [BATCH, LENGTH, WIDTH, HEADS, FEEDFORWARD] = [8, 64, 128, 4, 512];

export default defineCase({
  name: "transformer-step",
  title: "Training step of a Transformer encoder layer",
  about: "Width 128, 4 heads, feedforward 512, no dropout, length 64, batch 8; mean squared error, Adam.",
  unit: "time",
  variants: [{ label: "length 64, batch 8" }],
  pytorch: true,
  goals: [
    { of: "tapegrad@newest", against: "pytorch", atLeast: 1 },
    { of: "tapegrad@newest", against: "scoped@newest", atLeast: 0.95 },
  ],
  sides: tapegradSteps((tg, _variant, rate) => {
    const x = tg.tensor(uniform(BATCH * LENGTH * WIDTH, 1), { shape: [BATCH, LENGTH, WIDTH] });
    const y = tg.tensor(uniform(BATCH * LENGTH * WIDTH, 2), { shape: [BATCH, LENGTH, WIDTH] });
    const model = layer(tg, "TransformerEncoderLayer", WIDTH, HEADS, {
      dimFeedforward: FEEDFORWARD,
      dropout: 0,
      batchFirst: true,
    });
    seedParameters(tg, model.parameters(), 10);
    const optimizer = new tg.optim.Adam(model.parameters(), { lr: rate });
    return () => {
      optimizer.zeroGrad();
      const loss = tg.nn.functional.mseLoss(model(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    };
  }),
});
