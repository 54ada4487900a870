import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  arange,
  Generator,
  manualSeed,
  nn,
  ones,
  optim,
  randint,
  type Tensor,
  tensor,
  utils,
  zeros,
} from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

const { data } = utils;
const expected = JSON.parse(readFileSync(new URL("../data/loader/orders.json", import.meta.url), "utf8"));
const examples = new data.TensorDataset(arange(7));

function epochs(loader: Iterable<Tensor[]>): number[][][] {
  return [0, 1].map(() => [...loader].map(([batch]) => batch.tolist() as number[]));
}

describe("the order is PyTorch's for the same seed", () => {
  const generator = (seed: number): Generator => new Generator(seed);

  it("of loaders, and of what is drawn after them", () => {
    manualSeed(0);
    const { DataLoader } = data;
    expect(epochs(new DataLoader(examples, 3, true))).toEqual(expected.shuffled);
    expect(randint(1000, [3]).tolist()).toEqual(expected["after that"]);
    const inOrder = new DataLoader(examples, { batchSize: 2, dropLast: true });
    expect(epochs(inOrder)).toEqual(expected["in order, the last batch left out"]);
    expect(randint(1000, [3]).tolist()).toEqual(expected["after that too"]);
    const own = new DataLoader(examples, { batchSize: 4, shuffle: true, generator: generator(3) });
    expect(epochs(own)).toEqual(expected["from a generator"]);
    expect([...new data.RandomSampler(examples)]).toEqual(expected.random);
    expect([...new data.RandomSampler(examples, { numSamples: 16 })]).toEqual(expected["random and again"]);
    const repeated = new data.RandomSampler(examples, { replacement: true, numSamples: 40, generator: generator(5) });
    expect([...repeated]).toEqual(expected["with replacement"]);
    expect([...new data.SubsetRandomSampler([2, 3, 5, 6])]).toEqual(expected.some);
    expect([...new data.BatchSampler(new data.SequentialSampler(examples), 3, false)]).toEqual(expected.batches);
    const parts = data.randomSplit(examples, [4, 3], generator(42));
    expect(parts.map(({ indices }) => indices)).toEqual(expected.split);
    const shares = data.randomSplit(examples, [0.5, 0.25, 0.25]);
    expect(shares.map(({ indices }) => indices)).toEqual(expected["split in shares"]);
  });

  it("of weights: what has none never comes", () => {
    const drawn = [...new data.WeightedRandomSampler([0, 1, 3, 0], 400, true, generator(1))];
    expect(drawn.length).toBe(400);
    expect(new Set(drawn)).toEqual(new Set([1, 2]));
    expect(drawn.filter((i) => i === 2).length).toBeGreaterThan(250);
    expect([...new data.WeightedRandomSampler(tensor([1, 1, 1]), 3, false)].sort()).toEqual([0, 1, 2]);
  });
});

describe("collections", () => {
  it("rows of tensors, parts of them, and several in a row", () => {
    const rows = new data.TensorDataset(arange(6).view(3, 2), tensor([7, 8, 9]));
    expect(rows.length).toBe(3);
    expect(rows.get(1).map((t) => t.tolist())).toEqual([[2, 3], 8]);
    const part = new data.Subset(rows, [2, 0]);
    expect([part.length, part.get(0)[1].item()]).toEqual([2, 9]);
    const both = new data.ConcatDataset([rows, part]);
    expect([0, 2, 3, 4, -1].map((i) => both.get(i)[1].item())).toEqual([7, 9, 9, 7, 7]);
    expect(() => both.get(5)).toThrow(/index 5 is out of range/);
    expect(() => both.get(-6)).toThrow(/out of range/);
    expect(() => new data.TensorDataset(ones(2), ones(3))).toThrow(/Size mismatch between tensors/);
    expect(() => new data.ConcatDataset([])).toThrow(/should not be an empty iterable/);
    expect(() => data.randomSplit(rows, [1, 1])).toThrow(/Sum of input lengths does not equal/);
  });

  it("of one's own, of arrays, and of what can only be iterated", () => {
    class Squares extends data.Dataset<[number, boolean]> {
      override get length(): number {
        return 3;
      }
      override get(i: number): [number, boolean] {
        return [i * i, i % 2 === 0];
      }
    }
    const [[values, even], rest] = [...new data.DataLoader(new Squares(), { batchSize: 2 })];
    expectTensor(values, [0, 1]);
    expect(even.tolist()).toEqual([true, false]);
    expect(even.dtype).toBe("bool");
    expectTensor(rest[0], [4]);
    const words = [
      { word: "a", x: ones(2) },
      { word: "b", x: zeros(2) },
    ];
    const [batch] = [...new data.DataLoader(words, 2)];
    expect(batch.word).toEqual(["a", "b"]);
    expectTensor(batch.x, [
      [1, 1],
      [0, 0],
    ]);
    function* count(): IterableIterator<number> {
      for (let i = 0; i < 5; i++) yield i;
    }
    const stream = new data.DataLoader({ [Symbol.iterator]: count }, { batchSize: 2 });
    expect([...stream].map((t) => t.tolist())).toEqual([[0, 1], [2, 3], [4]]);
    expect(() => stream.length).toThrow(/has no len/);
    expect(() => new data.DataLoader(count(), { shuffle: true })).toThrow(/order of its own/);
  });
});

describe("loaders", () => {
  it("know how many batches there are", () => {
    const lengths = [1, 2, 3, 7, 8].map((batchSize) => new data.DataLoader(examples, { batchSize }).length);
    expect(lengths).toEqual([7, 4, 3, 1, 1]);
    expect(new data.DataLoader(examples, { batchSize: 3, dropLast: true }).length).toBe(2);
    const single = new data.DataLoader(examples, null);
    expect(single.length).toBe(7);
    expect([...single].map((row) => (row as unknown as Tensor[])[0].item())).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("take functions that make batches, and samplers of batches", () => {
    const sums = new data.DataLoader([1, 2, 3, 4], {
      batchSize: 3,
      collateFn: (items) => items.reduce((a, b) => a + b),
    });
    expect([...sums]).toEqual([6, 4]);
    const batchSampler = { length: 2, [Symbol.iterator]: () => [[0, 6], [3]].values() };
    expect([...new data.DataLoader(examples, { batchSampler })].map(([t]) => t.tolist())).toEqual([[0, 6], [3]]);
    const sampler = new data.SubsetRandomSampler([5]);
    expect([...new data.DataLoader(examples, { sampler })].map(([t]) => t.tolist())).toEqual([[5]]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "batch size",
      () => new data.DataLoader(examples, 0),
      /batch_size should be a positive integer value, but got batch_size=0/,
    ],
    [
      "shuffle and a sampler",
      () => new data.DataLoader(examples, { shuffle: true, sampler: new data.SequentialSampler(examples) }),
      /sampler option is mutually exclusive with shuffle/,
    ],
    [
      "batches and a size",
      () => new data.DataLoader(examples, { batchSize: 2, batchSampler: { length: 0, *[Symbol.iterator]() {} } }),
      /batch_sampler option is mutually exclusive/,
    ],
    [
      "single examples and a last batch",
      () => new data.DataLoader(examples, { batchSize: null, dropLast: true }),
      /mutually exclusive with drop_last/,
    ],
    [
      "nothing to shuffle",
      () => new data.DataLoader([], { shuffle: true }),
      /num_samples should be a positive integer/,
    ],
    [
      "no samples",
      () => new data.WeightedRandomSampler([1], 0),
      /num_samples should be a positive integer value, but got num_samples=0/,
    ],
    [
      "rows of different lengths",
      () => data.defaultCollate([[1], [1, 2]]),
      /each element in list of batch should be of equal size/,
    ],
    ["what is no data", () => data.defaultCollate([() => 1]), /found function/],
    ["shapes that differ", () => data.defaultCollate([ones(2), ones(3)]), /stack expects each tensor to be equal size/],
  ])("refuse %s", (_, run, message) => {
    expect(run).toThrow(message);
  });

  it("train a model over epochs", () => {
    manualSeed(1);
    const x = arange(64).view(32, 2).div(64);
    const y = x.sum(1, true).mul(2);
    const model = new nn.Linear(2, 1);
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.2 });
    const loader = new data.DataLoader(new data.TensorDataset(x, y), { batchSize: 8, shuffle: true });
    const loss = (): number => nn.functional.mseLoss(model(x), y).item();
    const before = loss();
    for (let epoch = 0; epoch < 20; epoch++) {
      for (const [input, target] of loader) {
        optimizer.zeroGrad();
        nn.functional.mseLoss(model(input), target).backward();
        optimizer.step();
      }
    }
    expect(loss()).toBeLessThan(before / 100);
  });
});
