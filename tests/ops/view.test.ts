import { describe, expect, it } from "vitest";
import {
  adjoint,
  arange,
  asStrided,
  asStridedScatter,
  atleast1d,
  atleast2d,
  atleast3d,
  broadcastShapes,
  broadcastTensors,
  IndexError,
  moveaxis,
  movedim,
  noGrad,
  ones,
  ravel,
  ShapeError,
  squeeze,
  swapaxes,
  type Tensor,
  tensor,
  unflatten,
  zeros,
} from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const counted = (...shape: number[]): Tensor =>
  arange(
    shape.reduce((a, b) => a * b, 1),
    { dtype: "float32" },
  ).view(shape);

describe("reshaping", () => {
  it("is a view where strides allow it, and a copy elsewhere", () => {
    const x = counted(2, 3, 4);
    const cut = x.narrow(1, 0, 2);
    expect(cut.view(2, 2, 2, 2).stride()).toEqual([12, 4, 2, 1]);
    expect(() => cut.view(4, 4)).toThrow(/view size is not compatible with input tensor's size and stride/);
    expectTensor(cut.reshape(4, 4).select(0, 2), [12, 13, 14, 15]);
    expect(x.permute(1, 0, 2).reshape(3, 2, 2, 2).stride()).toEqual([4, 12, 2, 1]);
  });

  it("takes sizes of 1 and stretched dimensions apart", () => {
    const stretched = counted(3, 1).expand(3, 4);
    expect(stretched.view(3, 2, 2).stride()).toEqual([1, 0, 0]);
    expect(() => stretched.view(12)).toThrow(ShapeError);
    expectTensor(stretched.reshape(12).narrow(0, 3, 3), [0, 1, 1]);
    expectShape(counted(1, 6, 1).view(2, 1, 3), [2, 1, 3]);
    expectShape(counted(1).view([]), []);
  });

  it("infers one size", () => {
    expectShape(counted(2, 6).view(-1, 4), [3, 4]);
    expectShape(zeros(0, 3).view(-1, 3), [0, 3]);
    expect(() => zeros(0, 3).view(0, -1)).toThrow(/ambiguous/);
    expect(() => counted(6).view(-1, -1)).toThrow(/only one dimension can be inferred/);
    expect(() => counted(6).view(-2, 3)).toThrow(/invalid shape dimension -2/);
    expect(() => counted(6).view(4)).toThrow(/shape '\[4\]' is invalid for input of size 6/);
    expect(() => counted(6).view(2.5, 3)).toThrow(ShapeError);
    expect(() => counted(6).reshape(2 ** 40)).toThrow(/is invalid for input of size 6/);
  });

  it("flattens and unflattens ranges of dimensions", () => {
    const x = counted(2, 3, 4);
    expectShape(x.flatten(), [24]);
    expectShape(x.flatten(1), [2, 12]);
    expectShape(x.flatten({ endDim: 1 }), [6, 4]);
    expect(x.flatten(1, 1)).toBe(x);
    expectShape(tensor(3).flatten(), [1]);
    expect(() => x.flatten(2, 0)).toThrow(/start_dim cannot come after end_dim/);
    expectShape(unflatten(x, -1, [2, -1]), [2, 3, 2, 2]);
    expect(() => unflatten(x, 1, [2, 2])).toThrow(/don't multiply up to the size of dim 1 \(3\)/);
    expectTensor(ravel(x.narrow(2, 0, 1)), [0, 4, 8, 12, 16, 20]);
  });

  it("squeezes what has size 1", () => {
    const x = counted(1, 3, 1);
    expectShape(squeeze(x), [3]);
    expectShape(squeeze(x, 0), [3, 1]);
    expectShape(squeeze(x, 1), [1, 3, 1]);
    expectShape(squeeze(x, [0, -1]), [3]);
    expectShape(squeeze(x, { dim: -1 }), [1, 3]);
    expect(() => squeeze(x, [0, -3])).toThrow(/appears multiple times/);
    expect(() => squeeze(x, 3)).toThrow(/Dimension out of range \(expected to be in range of \[-3, 2\], but got 3\)/);
    expectShape(tensor(1).squeeze(0), []);
    expectShape(x.unsqueeze(-1), [1, 3, 1, 1]);
    expect(() => x.unsqueeze(4)).toThrow(IndexError);
  });

  it("raises the rank of what is short of it", () => {
    expectShape(atleast1d(tensor(1)), [1]);
    expectShape(atleast2d(ones(3)), [1, 3]);
    expectShape(atleast3d(ones(3)), [1, 3, 1]);
    expectShape(atleast3d(ones(2, 3)), [2, 3, 1]);
    expect(atleast2d(tensor(1), ones(2)).map((t) => t.shape)).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(atleast1d([tensor(1), ones(2)]).map((t) => t.shape)).toEqual([[1], [2]]);
  });
});

describe("the order of dimensions", () => {
  it("is permuted, swapped and moved", () => {
    const x = counted(2, 3, 4);
    expectShape(x.permute([2, 0, 1]), [4, 2, 3]);
    expectShape(x.permute(-1, 0, 1), [4, 2, 3]);
    expectShape(swapaxes(x, 0, -1), [4, 3, 2]);
    expectShape(x.swapdims(1, 2), [2, 4, 3]);
    expectShape(movedim(x, 0, 2), [3, 4, 2]);
    expectShape(moveaxis(x, [0, 1], [-1, 0]), [3, 4, 2]);
    expectShape(x.T, [4, 3, 2]);
    expectShape(x.mT, [2, 4, 3]);
    expectShape(counted(2, 3).H, [3, 2]);
    expectTensor(adjoint(counted(2, 2)), [
      [0, 2],
      [1, 3],
    ]);
    expectShape(tensor(1).permute(), []);
    expectShape(tensor(1).transpose(0, -1), []);
  });

  it("must name each dimension once", () => {
    const x = counted(2, 3);
    expect(() => x.permute(0, 0)).toThrow(/duplicate dims are not allowed/);
    expect(() => x.permute(0, -2)).toThrow(/duplicate dims are not allowed/);
    expect(() => x.permute(0)).toThrow(/input.dim\(\) = 2 is not equal to len\(dims\) = 1/);
    expect(() => x.permute(0, 2)).toThrow(/Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)/);
    expect(() => movedim(x, [0, 1], [0])).toThrow(/same number of dims/);
    expect(() => movedim(x, [0, 0], [0, 1])).toThrow(/repeated dim in `source`/);
    expect(() => movedim(x, [0, 1], [1, -1])).toThrow(/repeated dim in `destination`/);
    expect(() => counted(1, 2, 3).t()).toThrow(/t\(\) expects a tensor with <= 2 dimensions, but self is 3D/);
    expect(() => ones(3).mT).toThrow(/tensor.mT is only supported on matrices/);
    expect(() => ones(1, 2, 3).H).toThrow(/tensor.H is only supported on matrices/);
  });

  it("changes in place, and gradients pass", () => {
    const x = counted(2, 3).requiresGrad_();
    const y = x.mul(2);
    expect(y.t_()).toBe(y);
    expectShape(y, [3, 2]);
    y.mul(tensor([1, 10]))
      .sum()
      .backward();
    expectTensor(x.grad, [
      [2, 2, 2],
      [20, 20, 20],
    ]);
    expectShape(y.unsqueeze_(0).squeeze_().transpose_(0, 1), [2, 3]);
    expect(() => x.asStrided_([1], [1])).toThrow(
      /a leaf Variable that requires grad is being used in an in-place operation/,
    );
    expect(() => x.t_()).toThrow(/a leaf Variable that requires grad is being used in an in-place operation/);
    expectShape(
      noGrad(() => counted(2, 3).swapaxes_(0, 1)),
      [3, 2],
    );
  });

  it("becomes a view with any strides in place, of its storage as it is", () => {
    const x = counted(2, 3).requiresGrad_();
    const y = x.mul(2);
    expect(y.asStrided_([2, 2], [1, 1], 1)).toBe(y);
    expect(y.gradFn?.name()).toBe("AsStridedBackward1");
    y.sum().backward();
    expectTensor(x.grad, [
      [0, 2, 4],
      [2, 0, 0],
    ]);
    const row = counted(2, 3).select(0, 1);
    expectTensor(row.asStrided_([2], [1]), [3, 4]);
    expectTensor(row.asStrided_([2], [3], { storageOffset: 1 }), [1, 4]);
    const z = counted(3);
    expect(() => z.asStrided_([5], [1])).toThrow(
      "setStorage: sizes [5], strides [1], storage offset 0, and itemsize 4 requiring a storage size of 20 are out of bounds for storage of size 12",
    );
    expectTensor(z, [0, 1, 2]);
  });
});

describe("broadcasting", () => {
  it("finds common shapes", () => {
    expect(broadcastShapes([2, 1], [3], [])).toEqual([2, 3]);
    expect(broadcastShapes([0], [1])).toEqual([0]);
    expect(broadcastShapes()).toEqual([]);
    expect(() => broadcastShapes([2], [3])).toThrow(/cannot be broadcast to a single shape/);
    expect(() => broadcastShapes([-1])).toThrow(ShapeError);
    expect(broadcastTensors(ones(2, 1), ones(3)).map((t) => t.shape)).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  it("stretches with stride 0 and keeps sizes of -1", () => {
    const x = counted(2, 1);
    expect(x.expand(3, -1, 4).stride()).toEqual([0, 1, 0]);
    expectShape(x.expand(-1, 0), [2, 0]);
    expect(() => x.expand(3, 1)).toThrow(
      /The expanded size of the tensor \(3\) must match the existing size \(2\) at non-singleton dimension 0/,
    );
    expect(() => x.expand(2)).toThrow(/must be greater or equal to the number of dimensions in the tensor/);
    expect(() => x.expand(-1, 2, 1)).toThrow(/isn't allowed in a leading, non-existing dimension 0/);
    expect(() => x.expand(2 ** 20, 2, 2 ** 20)).toThrow(ShapeError);
  });
});

describe("strided views", () => {
  it("show any places of the storage, and no others", () => {
    const x = counted(2, 3);
    expectTensor(asStrided(x, [2, 2], [1, 2], 1), [
      [1, 3],
      [2, 4],
    ]);
    expectTensor(x.select(0, 1).asStrided([2], [1]), [3, 4]);
    expectTensor(x.select(0, 1).asStrided([2], [1], { storageOffset: 0 }), [0, 1]);
    expectShape(x.asStrided([0, 5], [9, 9]), [0, 5]);
    expect(() => x.asStrided([4], [2])).toThrow(
      /requiring a storage size of 28 are out of bounds for storage of size 24/,
    );
    expect(() => x.asStrided([2], [-1], 3)).toThrow(/Negative strides/);
    expect(() => x.asStrided([2], [1, 1])).toThrow(/mismatch in length of strides and shape/);
    expect(() => x.asStrided([2], [1], 2 ** 40)).toThrow(/out of bounds/);
  });

  it("of views send gradients to what the view shows", () => {
    const x = counted(2, 4).requiresGrad_();
    // The middle columns; the strided view reaches one element that they do not show.
    const middle = x.narrow(1, 1, 2);
    const y = middle.asStrided([2, 3], [4, 1]);
    y.mul(
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    )
      .sum()
      .backward();
    expectTensor(x.grad, [
      [0, 1, 2, 0],
      [0, 4, 5, 0],
    ]);
  });

  it("of stretched tensors give each copy its share", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    x.view(2, 1)
      .expand(2, 3)
      .asStrided([2], [1])
      .mul(tensor([3, 5]))
      .sum()
      .backward();
    expectTensor(x.grad, [3, 5]);
  });

  it("replace what they show in a copy", () => {
    const x = counted(2, 3).requiresGrad_();
    const src = tensor([10, 20], { requiresGrad: true });
    const y = asStridedScatter(x, src, [2], [2], 1);
    expectTensor(y, [
      [0, 10, 2],
      [20, 4, 5],
    ]);
    y.mul(counted(2, 3)).sum().backward();
    expectTensor(x.grad, [
      [0, 0, 2],
      [0, 4, 5],
    ]);
    expectTensor(src.grad, [1, 3]);
    expect(() => asStridedScatter(x, ones(3), [2], [2])).toThrow(
      /expected src to have a size equal to the slice of self/,
    );
  });

  it("cut a dimension into overlapping slices", () => {
    const x = counted(2, 5).requiresGrad_();
    const y = x.unfold(1, 3, 2);
    expectTensor(y, [
      [
        [0, 1, 2],
        [2, 3, 4],
      ],
      [
        [5, 6, 7],
        [7, 8, 9],
      ],
    ]);
    y.sum().backward();
    expectTensor(x.grad, [
      [1, 1, 2, 1, 1],
      [1, 1, 2, 1, 1],
    ]);
    expectShape(tensor(1).unfold(0, 1, 1), [1]);
    expectShape(ones(3).unfold(0, 0, 1), [4, 0]);
    expect(() => ones(3).unfold(0, 4, 1)).toThrow(/maximum size for tensor at dimension 0 is 3 but size is 4/);
    expect(() => ones(3).unfold(0, 1, 0)).toThrow(/step is 0 but must be > 0/);
    expect(() => ones(3).unfold(0, -1, 1)).toThrow(/size is -1 but must be >= 0/);
  });
});
