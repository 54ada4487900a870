// Learns to read handwritten digits: a network of two layers, 8,000 digits to learn from, 2,000 to be tested on.
//
//     npx tsx examples/digits.ts

import { mkdirSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Presets, SingleBar } from "cli-progress";
import { manualSeed, memory, nn, noGrad, optim, randint, randperm, type Tensor } from "tapegrad";
import { type Digits, loadDigits, MARGIN, PIXELS, SIDE } from "./support/digits.ts";
import { drawDigits, drawTraining } from "./support/picture.ts";

const EPOCHS = 15;
const BATCH = 64;
const GOAL = 0.95;

manualSeed(0);
const { train, test } = loadDigits(2000);
const model = new nn.Sequential(new nn.Linear(PIXELS, 128), new nn.ReLU(), new nn.Linear(128, 10));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.002 });

/** One batch of images and labels, all moved by the same small step: free variety, against learning by heart. */
function takeBatch({ images, labels }: Digits, chosen: Tensor): [Tensor, Tensor] {
  const [right, down] = randint(-1, 2, [2]).data();
  const moved = images.indexSelect(0, chosen).narrow(1, MARGIN - right - SIDE * down, PIXELS);
  return [moved, labels.indexSelect(0, chosen)];
}

/** The digit read in each image. */
function predict({ images }: Digits): Tensor {
  return noGrad(() => model(images.narrow(1, MARGIN, PIXELS)).argmax(1));
}

function accuracy(digits: Digits): number {
  return predict(digits).eq(digits.labels).sum().item() / digits.count;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

console.log(`${train.count} digits to learn from, ${test.count} to be tested on; ${PIXELS} → 128 → 10, Adam`);
const format = "{bar} {percentage} %  epoch {epoch}  loss {loss}  accuracy {accuracy}";
const bar = new SingleBar({ format, hideCursor: true }, Presets.shades_classic);
const interactive = process.stderr.isTTY === true;
const losses: number[] = [];
const accuracies: number[] = [];
const start = performance.now();
const stepsPerEpoch = Math.floor(train.count / BATCH);
if (interactive) bar.start(EPOCHS * stepsPerEpoch, 0, { epoch: 1, loss: "", accuracy: "" });

for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  const order = randperm(train.count);
  for (let step = 0; step < stepsPerEpoch; step++) {
    const [images, labels] = takeBatch(train, order.narrow(0, step * BATCH, BATCH));
    const loss = nn.functional.crossEntropy(model(images), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    if (interactive) bar.increment(1, { epoch, loss: recent(losses) });
  }
  accuracies.push(accuracy(test));
  const reached = percent(accuracies[epoch - 1]);
  if (interactive) bar.update({ accuracy: reached });
  else console.log(`epoch ${String(epoch).padStart(2)} of ${EPOCHS}  loss ${recent(losses)}  accuracy ${reached}`);
}
if (interactive) bar.stop();
const seconds = (performance.now() - start) / 1000;

/** Mean of the last losses: single batches differ too much to be read. */
function recent(values: readonly number[]): string {
  const last = values.slice(-50);
  return (last.reduce((sum, value) => sum + value, 0) / last.length).toFixed(4);
}

const result = accuracies[EPOCHS - 1];
console.log(`reads ${percent(result)} of the test digits, after ${seconds.toFixed(1)} s of training`);
console.log(`wasm memory at its peak: ${(memory.stats().peakBytes / 2 ** 20).toFixed(0)} MB`);

const folder = new URL("out/", import.meta.url);
mkdirSync(folder, { recursive: true });
const labels = test.labels.data();
const pixels = test.images.narrow(1, MARGIN, PIXELS).data();
const readings = Array.from(predict(test).data(), (reading, index) => ({
  reading,
  label: labels[index],
  pixels: pixels.subarray(index * PIXELS, (index + 1) * PIXELS),
}));
const pictures = {
  "loss.svg": drawTraining(losses, accuracies),
  "digits.svg": drawDigits(readings, SIDE),
};
for (const [name, svg] of Object.entries(pictures)) {
  const file = fileURLToPath(new URL(name, folder));
  writeFileSync(file, svg);
  console.log(`wrote ${relative(process.cwd(), file)}`);
}

if (result < GOAL) {
  console.error(`expected at least ${percent(GOAL)}`);
  process.exitCode = 1;
}
