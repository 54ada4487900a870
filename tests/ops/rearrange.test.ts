import { describe, expect, it } from "vitest";
import {
  arange,
  channelShuffle,
  flip,
  fliplr,
  flipud,
  ones,
  pixelShuffle,
  pixelUnshuffle,
  repeatInterleave,
  roll,
  rot90,
  type Tensor,
  tensor,
  tile,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const counted = (...shape: number[]): Tensor =>
  arange(
    shape.reduce((a, b) => a * b, 1),
    { dtype: "float32" },
  ).view(shape);
const ints = (values: number | number[]): Tensor => tensor(values, { dtype: "int32" });

describe("flipping, rolling and turning", () => {
  it("flips any dimensions of any layout", () => {
    const x = counted(2, 3);
    expectTensor(flip(x, [0]), [
      [3, 4, 5],
      [0, 1, 2],
    ]);
    expectTensor(flip(x.t(), 0, -1), [
      [5, 2],
      [4, 1],
      [3, 0],
    ]);
    expectTensor(flip(x, { dims: [] }), x.tolist() as number[][]);
    expect(flip(tensor([true, false, false]), 0).tolist()).toEqual([false, false, true]);
    expectTensor(flip(x.expand(2, 2, 3), 0, 2).select(0, 1), [
      [2, 1, 0],
      [5, 4, 3],
    ]);
    expectTensor(
      flip(counted(33), 0),
      Array.from({ length: 33 }, (_, i) => 32 - i),
    );
    expectShape(flip(zeros(0, 3), 0, 1), [0, 3]);
    expectShape(flip(tensor(1), 0), []);
    expectTensor(fliplr(x), [
      [2, 1, 0],
      [5, 4, 3],
    ]);
    expectTensor(flipud(counted(3)), [2, 1, 0]);
    const y = counted(3).requiresGrad_();
    flip(y, 0)
      .mul(tensor([1, 2, 4]))
      .sum()
      .backward();
    expectTensor(y.grad, [4, 2, 1]);
    expect(() => flip(x, 0, -2)).toThrow(/appears multiple times in the list of dims/);
    expect(() => flip(x, 2)).toThrow(/Dimension out of range/);
    expect(() => fliplr(ones(3))).toThrow(/Input must be >= 2-d/);
    expect(() => flipud(tensor(1))).toThrow(/Input must be >= 1-d/);
  });

  it("rolls along dimensions, or all elements", () => {
    expectTensor(roll(counted(5), 2), [3, 4, 0, 1, 2]);
    expectTensor(roll(counted(5), -7, 0), [2, 3, 4, 0, 1]);
    expectTensor(roll(counted(2, 3), 1), [
      [5, 0, 1],
      [2, 3, 4],
    ]);
    expectTensor(roll(counted(2, 3), [1, -1], [0, 1]), [
      [4, 5, 3],
      [1, 2, 0],
    ]);
    expectShape(roll(zeros(0, 3), { shifts: 1, dims: 0 }), [0, 3]);
    expectTensor(roll(tensor(3), 1), 3);
    expect(() => roll(counted(2), [1, 2], 0)).toThrow(/shifts and dimensions must align. shifts: 2, dims:1/);
    expect(() => roll(counted(2), [1, 2])).toThrow(/shifts: 2, dims:0/);
    expect(() => roll(counted(2), [])).toThrow(/`shifts` required/);
    const x = counted(2);
    x.roll(0).zero_();
    expectTensor(x, [0, 1]);
  });

  it("turns by quarters", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expectTensor(rot90(x), [
      [2, 4],
      [1, 3],
    ]);
    expectTensor(rot90(x, 2), [
      [4, 3],
      [2, 1],
    ]);
    expectTensor(rot90(x, -1), [
      [3, 1],
      [4, 2],
    ]);
    expectTensor(rot90(x, { k: 4 }), x.tolist() as number[][]);
    expectShape(rot90(ones(1, 2, 3), 1, [1, -1]), [1, 3, 2]);
    expect(() => rot90(x, 1, [0])).toThrow(/expected total rotation dims == 2, but got dims = 1/);
    expect(() => rot90(ones(3))).toThrow(/expected total dims >= 2, but got total dims = 1/);
    expect(() => rot90(x, 1, [0, -2])).toThrow(/expected rotation dims to be different/);
  });
});

describe("repeating", () => {
  it("whole tensors", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = x.repeat(2, 3);
    expectShape(y, [2, 6]);
    expectTensor(y.select(0, 1), [1, 2, 1, 2, 1, 2]);
    expect(y.gradFn?.name()).toBe("RepeatBackward0");
    y.sum().backward();
    expectTensor(x.grad, [6, 6]);
    expectTensor(counted(2, 2).repeat([1, 2]), [
      [0, 1, 0, 1],
      [2, 3, 2, 3],
    ]);
    expectShape(ones(2, 3).repeat(0, 1), [0, 3]);
    expectTensor(tensor(7).repeat(2), [7, 7]);
    const copy = x.detach().repeat(1);
    copy.zero_();
    expectTensor(x, [1, 2]);
    expectShape(tile(ones(2, 3), [2]), [2, 6]);
    expectShape(tile(ones(3), { dims: [2, 2] }), [2, 6]);
    expect(() => ones(2, 2).repeat(2)).toThrow(/can not be smaller than number of dimensions of tensor/);
    expect(() => x.repeat(-1)).toThrow(/negative dimension/);
    expect(() => x.repeat(2 ** 30)).toThrow(/memory|elements/i);
  });

  it("each element, by a number or by as many numbers", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    expectTensor(repeatInterleave(x, 2), [1, 1, 2, 2, 3, 3, 4, 4]);
    expectTensor(repeatInterleave(x, 2, 1), [
      [1, 1, 2, 2],
      [3, 3, 4, 4],
    ]);
    expectTensor(repeatInterleave(x, ints([0, 2]), { dim: 0, outputSize: 2 }), [
      [3, 4],
      [3, 4],
    ]);
    expectShape(repeatInterleave(x, ints(3), -2), [6, 2]);
    expectTensor(repeatInterleave(ints([1, 0, 2])), [0, 2, 2]);
    expectTensor(repeatInterleave(tensor(5), 2), [5, 5]);
    const y = tensor([1, 2], { requiresGrad: true });
    y.repeatInterleave(ints([3, 1]))
      .sum()
      .backward();
    expectTensor(y.grad, [3, 1]);
    expect(() => repeatInterleave(x, -1)).toThrow(/Repeats must be non-negative/);
    expect(() => repeatInterleave(x, ints([1, -1]), 0)).toThrow(/repeats can not be negative/);
    expect(() => repeatInterleave(x, ints([1, 2, 3]), 0)).toThrow(/repeats must have the same size as input along dim/);
    expect(() => repeatInterleave(x, tensor([1, 2]), 0)).toThrow(/repeats has to be Long or Int tensor/);
    expect(() => repeatInterleave(x, 2, { dim: 0, outputSize: 3 })).toThrow(/outputSize is 3, the repeats add up to 4/);
  });
});

describe("channels and pixels", () => {
  it("are exchanged, there and back", () => {
    const x = counted(1, 4, 1, 2).requiresGrad_();
    const y = pixelShuffle(x, 2);
    expectTensor(y, [
      [
        [
          [0, 2, 1, 3],
          [4, 6, 5, 7],
        ],
      ],
    ]);
    expectTensor(pixelUnshuffle(y, 2), x.tolist() as number[][][][]);
    y.select(3, 0).sum().backward();
    expectTensor(x.grad?.view(-1) ?? null, [1, 0, 0, 0, 1, 0, 0, 0]);
    expect(() => pixelShuffle(ones(3, 1, 1), 2)).toThrow(/input.size\(-3\)=3 is not divisible by 4/);
    expect(() => pixelShuffle(ones(4, 1), 2)).toThrow(/at least 3 dimensions, but got input with 2 dimension/);
    expect(() => pixelShuffle(ones(4, 1, 1), 0)).toThrow(/positive upscaleFactor/);
    expect(() => pixelUnshuffle(ones(1, 3, 2), 2)).toThrow(
      /height to be divisible by downscale_factor, but input.size\(-2\)=3/,
    );
    expectShape(pixelShuffle(zeros(0, 4, 2, 2), { upscaleFactor: 2 }), [0, 1, 4, 4]);
  });

  it("are dealt out from groups", () => {
    expectTensor(channelShuffle(counted(1, 4, 1), 2).view(-1), [0, 2, 1, 3]);
    expect(() => channelShuffle(ones(1, 3, 1), 2)).toThrow(/Got 3 channels and 2 groups/);
    expect(() => channelShuffle(ones(1, 4), 2)).toThrow(/with > 2 dims/);
    expect(() => channelShuffle(ones(1, 4, 1), 0)).toThrow(/must be positive/);
  });
});
