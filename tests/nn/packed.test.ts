import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { arange, autograd, nn, noGrad, ones, randn, scope, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor, thrownBy } from "../support/expect.ts";

const { rnn } = nn.utils;

interface Run {
  layer: "RNN" | "GRU" | "LSTM";
  options: { numLayers?: number; bidirectional?: boolean; projSize?: number };
  output: number[];
  batchSizes: number[];
  states: number[][];
  inputGrads: number[][];
  stateGrads: number[][];
  weightGrads: number[][];
}

/** What PyTorch computes; tests/data/nn/packed.py says of what. */
const { sequences: SEQUENCES, runs } = JSON.parse(
  readFileSync(new URL("../data/nn/packed.json", import.meta.url), "utf8"),
) as { sequences: number[][][]; runs: Run[] };

const sequences = (): Tensor[] => SEQUENCES.map((s) => tensor(s, { requiresGrad: true }));

function fill(model: nn.Module): void {
  model.parameters().forEach((p, i) => {
    const values = Float32Array.from({ length: p.numel() }, (_, k) => (((k * 7 + i * 3) % 11) - 5) / 8);
    noGrad(() => p.copy_(tensor(values).view(p.shape)));
  });
}

const counted = (shape: number[], by: number, shift: number): Tensor =>
  arange(shape.reduce((a, b) => a * b))
    .to("float32")
    .view(shape)
    .div(by)
    .sub(shift)
    .requiresGrad_();

const weighted = (t: Tensor, by: number): Tensor => t.mul(arange(t.numel()).view(t.shape)).sum().div(by);

const close = { atol: 2e-5, rtol: 2e-5 };
const expectFlat = (t: Tensor, expected: number[]): void => expectTensor(t.flatten(), expected, close);

describe("packing", () => {
  const padded = (): Tensor =>
    tensor([
      [1, 2, 0],
      [3, 0, 0],
      [4, 5, 6],
    ]);

  it("takes the steps of all sequences one after the other, the longest first", () => {
    const packed = rnn.packPaddedSequence(padded(), [2, 1, 3], { batchFirst: true, enforceSorted: false });
    expectTensor(packed.data, [4, 1, 3, 5, 2, 6], EXACT);
    expect(packed.batchSizes.tolist()).toEqual([3, 2, 1]);
    expect(packed.sortedIndices!.tolist()).toEqual([2, 0, 1]);
    expect(packed.unsortedIndices!.tolist()).toEqual([1, 2, 0]);
    expect(String(packed)).toBe(
      "PackedSequence(data=tensor([4., 1., 3., 5., 2., 6.]), batch_sizes=tensor([3, 2, 1], dtype=torch.int32), " +
        "sorted_indices=tensor([2, 0, 1], dtype=torch.int32), unsorted_indices=tensor([1, 2, 0], dtype=torch.int32))",
    );
    expect(inspect(packed)).toBe(String(packed));
    const [back, lengths] = rnn.padPackedSequence(packed, true);
    expectTensor(back, padded().tolist() as number[][], EXACT);
    expect(lengths.tolist()).toEqual([2, 1, 3]);
    expect(rnn.unpackSequence(packed).map((t) => t.tolist())).toEqual([[1, 2], [3], [4, 5, 6]]);
  });

  it("leaves sequences that are in order where they are", () => {
    const packed = rnn.packSequence([tensor([1, 2, 3]), tensor([4, 5]), tensor([6])]);
    expectTensor(packed.data, [1, 4, 6, 2, 5, 3], EXACT);
    expect(String(packed)).toMatch(/sorted_indices=None, unsorted_indices=None\)$/);
    const lengths = tensor([2, 2, 1, 1], { dtype: "int32" });
    const steps = rnn.packPaddedSequence(arange(12).view(3, 4), lengths);
    expect([steps.data.dtype, steps.data.tolist()]).toEqual(["int32", [0, 1, 2, 3, 4, 5]]);
    const options = { paddingValue: -1, totalLength: 4 };
    expect(rnn.padPackedSequence(steps, options)[0].tolist()).toEqual([
      [0, 1, 2, 3],
      [4, 5, -1, -1],
      [-1, -1, -1, -1],
      [-1, -1, -1, -1],
    ]);
    expect(steps.to("float32").data.dtype).toBe("float32");
    expect(steps.to("int32")).toBe(steps);
  });

  it("hands gradients on to what was packed", () => {
    const x = ones(3, 2, 2, { requiresGrad: true });
    const packed = rnn.packPaddedSequence(x, [3, 1]);
    expect(packed.data.gradFn!.name()).toBe("PackPaddedSequenceBackward0");
    const [back] = rnn.padPackedSequence(packed, { paddingValue: 5 });
    back.mul(back).sum().backward();
    expectTensor(x.grad!.select(2, 0), [
      [2, 2],
      [2, 0],
      [2, 0],
    ]);
  });

  const t = (): Tensor => arange(12).view(3, 4);

  it.each<[string, () => unknown, RegExp]>([
    ["number of lengths", () => rnn.packPaddedSequence(t(), [3, 2]), /but got 2 \(batch_size=4\)/],
    ["order", () => rnn.packPaddedSequence(t(), [1, 2, 3, 3]), /must be sorted in decreasing order/],
    ["length of 0", () => rnn.packPaddedSequence(t(), [3, 2, 1, 0]), /has to be greater than 0/],
    ["length beyond the end", () => rnn.packPaddedSequence(t(), [4, 2, 1, 1]), /4 steps in a tensor of 3/],
    ["tensor without elements", () => rnn.packPaddedSequence(zeros(0, 2), [3, 2]), /Cannot pack empty tensors/],
    ["vector", () => rnn.packPaddedSequence(zeros(3), [3]), /Dimension out of range/],
    ["list without sequences", () => rnn.packSequence([]), /received an empty list of sequences/],
    ["list out of order", () => rnn.packSequence([ones(1), ones(2)]), /must be sorted in decreasing order/],
    [
      "total length",
      () => rnn.padPackedSequence(rnn.packPaddedSequence(t(), [2, 2, 1, 1]), { totalLength: 1 }),
      /total_length=1 and max sequence length being 2/,
    ],
  ])("refuses a wrong %s", (_, run, message) => {
    expect(thrownBy(run).message).toMatch(message);
  });
});

describe("recurrent layers on packed sequences", () => {
  it.each(runs.map((run) => [`${run.layer} ${JSON.stringify(run.options)}`, run] as const))(
    "%s: values and gradients",
    (_, run) => {
      const model = new nn[run.layer](2, 3, run.options);
      fill(model);
      const inputs = sequences();
      const packed = rnn.packSequence(inputs, false);
      const count = (run.options.numLayers ?? 1) * (run.options.bidirectional ? 2 : 1);
      const h0 = counted([count, 3, run.options.projSize ?? 3], 20, 0.3);
      const c0 = counted([count, 3, 3], 30, 0.2);
      const [output, last] =
        run.layer === "LSTM" ? (model as nn.LSTM)(packed, [h0, c0]) : (model as nn.GRU)(packed, h0);
      const states = [last].flat();
      expectFlat(output.data, run.output);
      expect(output.batchSizes.tolist()).toEqual(run.batchSizes);
      expect(output.sortedIndices!.tolist()).toEqual([0, 2, 1]);
      states.forEach((t, i) => {
        expectFlat(t, run.states[i]);
      });
      const loss = states.reduce((sum, t) => sum.add(weighted(t, 7)), weighted(output.data, 10));
      loss.backward();
      inputs.forEach((t, i) => {
        expectFlat(t.grad!, run.inputGrads[i]);
      });
      (run.layer === "LSTM" ? [h0, c0] : [h0]).forEach((t, i) => {
        expectFlat(t.grad!, run.stateGrads[i]);
      });
      model.parameters().forEach((p, i) => {
        expectFlat(p.grad!, run.weightGrads[i]);
      });
    },
  );

  it("second derivatives", () => {
    const model = new nn.LSTM(2, 2, { bidirectional: true });
    const f = (x: Tensor): Tensor => model(rnn.packPaddedSequence(x, [3, 1]))[0].data.tanh();
    expect(
      autograd.gradgradcheck(f, [randn(3, 2, 2, { requiresGrad: true })], { eps: 1e-2, atol: 3e-2, rtol: 5e-2 }),
    ).toBe(true);
  });

  it("give what they give for each sequence alone", () => {
    const model = new nn.GRU(2, 3, { numLayers: 2, bidirectional: true });
    const inputs = sequences();
    const [output, last] = model(rnn.packSequence(inputs, false));
    rnn.unpackSequence(output).forEach((t, i) => {
      const [alone, state] = model(inputs[i]);
      expectTensor(t, alone.tolist() as number[][]);
      expectTensor(last.select(1, i), state.tolist() as number[][]);
    });
  });

  it("batchFirst and dropout in eval change nothing", () => {
    const model = new nn.LSTM(2, 3, { batchFirst: true, numLayers: 2, dropout: 0.5 }).eval();
    const [output, [h]] = model(rnn.packSequence(sequences(), false));
    expectShape(output.data, [6, 3]);
    expectShape(h, [2, 3, 3]);
  });

  it("packed sequences leave scopes", () => {
    const model = new nn.GRU(2, 3);
    const packed = rnn.packSequence(sequences(), false);
    const [output] = scope(() => noGrad(() => model(packed)));
    expectShape(output.data, [6, 3]);
    expect(output).toBeInstanceOf(rnn.PackedSequence);
    expect(output.batchSizes.tolist()).toEqual([3, 2, 1]);
  });

  const packed = (): nn.utils.rnn.PackedSequence => rnn.packSequence([ones(2, 3), ones(1, 3)]);

  it.each<[string, () => unknown, RegExp]>([
    ["width", () => new nn.LSTM(4, 2)(packed()), /input\.size\(-1\) must be equal to input_size\. Expected 4, got 3/],
    ["rank", () => new nn.LSTM(3, 2)(rnn.packSequence([ones(2), ones(1)])), /input must have 2 dimensions, got 1/],
    [
      "batch of states",
      () => new nn.LSTM(3, 2)(packed(), [zeros(1, 3, 2), zeros(1, 3, 2)]),
      /Expected hidden\[0\] size \(1, 2, 2\), got \[1, 3, 2\]/,
    ],
    ["state", () => new nn.GRU(3, 2)(packed(), zeros(1, 3, 2)), /Expected hidden size \(1, 2, 2\), got \[1, 3, 2\]/],
  ])("refuse a wrong %s", (_, run, message) => {
    expect(thrownBy(run).message).toMatch(message);
  });
});
