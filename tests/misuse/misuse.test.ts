import { afterEach, describe, expect, it } from "vitest";
import {
  autograd,
  cat,
  DisposedError,
  DTypeError,
  enableGrad,
  GradError,
  isGradEnabled,
  matmul,
  nn,
  noGrad,
  ones,
  ShapeError,
  scope,
  type Tensor,
  TensorError,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";

/** What any of the mistakes below could have damaged: a fresh graph, its gradients, and the grad mode. */
function expectLibraryWorks(): void {
  expect(isGradEnabled()).toBe(true);
  const x = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );
  const y = matmul(x, x.t()).sin().sum();
  const [g] = autograd.grad(y, [x], { createGraph: true });
  g.sum().backward();
  expectTensor(y, Math.sin(5) + 2 * Math.sin(11) + Math.sin(25));
  expect((x.grad!.tolist() as number[][]).flat().every(Number.isFinite)).toBe(true);
}

/** What a call throws, checked for its class and text. */
function expectError(fn: () => unknown, kind: new (...args: never[]) => Error, text: RegExp): void {
  const error = thrownBy(fn);
  expect(error.message).toMatch(text);
  expect(error).toBeInstanceOf(kind);
  expect(error).toBeInstanceOf(TensorError);
}

afterEach(expectLibraryWorks);

describe("shapes", () => {
  it("that do not broadcast", () => {
    expectError(
      () => ones([2, 3]).add(ones([4])),
      ShapeError,
      /The size of tensor a \(3\) must match the size of tensor b \(4\)/,
    );
    expectError(
      () => ones([2, 3]).expand(3, 3),
      ShapeError,
      /The expanded size of the tensor \(3\) must match the existing size \(2\)/,
    );
  });

  it("that show elements more than once are not written to, in a graph or outside, unless there are none", () => {
    for (const requiresGrad of [false, true]) {
      const x = ones([1, 3], { requiresGrad }).mul(1);
      expectError(
        () => x.expand(2, 3).tanh_(),
        TensorError,
        /more than one element of the written-to tensor refers to/,
      );
      expectTensor(x, [[1, 1, 1]]);
      expect(zeros([0], { requiresGrad }).mul(1).expand(2, 0).tanh_().shape).toEqual([2, 0]);
    }
  });

  it("that do not multiply", () => {
    expectError(
      () => matmul(ones([2, 3]), ones([2, 3])),
      ShapeError,
      /mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)/,
    );
    expectError(
      () => new nn.Linear(3, 2)(ones([4, 5])),
      ShapeError,
      /mat1 and mat2 shapes cannot be multiplied \(4x5 and 3x2\)/,
    );
  });

  it("that do not concatenate", () => {
    expectError(
      () => cat([ones([2]), ones([2, 2])]),
      ShapeError,
      /Tensors must have same number of dimensions: got 1 and 2/,
    );
    expectError(() => cat([]), TensorError, /expected a non-empty list of Tensors/);
  });

  it("that hold another number of elements", () => {
    expectError(() => ones([2, 3]).view(7), ShapeError, /shape '\[7\]' is invalid for input of size 6/);
    expectError(() => tensor([1, 2, 3], { shape: [2, 2] }), ShapeError, /3 elements.*\[2, 2\]|\[2, 2\].*size 3/);
    expectError(
      () => tensor(new Float32Array(5), { shape: [2, 2] }),
      ShapeError,
      /5 elements.*\[2, 2\]|\[2, 2\].*size 5/,
    );
  });

  it("that the gradient does not have", () => {
    const x = ones([3], { requiresGrad: true });
    expectError(() => x.mul(2).backward(ones([2])), TensorError, /Mismatch in shape: grad_output\[0\]/);
    expect(x.grad).toBeNull();
  });

  it("that an in-place result does not fit", () => {
    const x = ones([3]);
    expectError(
      () => x.mul_(ones([2, 3])),
      ShapeError,
      /output with shape \[3\] doesn't match the broadcast shape \[2, 3\]/,
    );
    expectTensor(x, [1, 1, 1]);
  });
});

describe("nested arrays", () => {
  it("with rows of different lengths", () => {
    expectError(() => tensor([[1, 2], [3]]), ShapeError, /expected sequence of length 2 at dim 1 \(got 1/);
    expectError(() => tensor([[[1], [2]], [[3]]]), ShapeError, /expected sequence of length 2 at dim 1 \(got 1/);
  });

  it("with rows and numbers mixed", () => {
    thrownBy(() => tensor([[1, 2], 3]));
    thrownBy(() => tensor([1, [2, 3]]));
  });

  it("holding what is no number", () => {
    for (const value of ["a string", { length: 2 }, () => 1, undefined]) {
      thrownBy(() => tensor([value] as unknown as number[]));
      thrownBy(() => tensor([[1], [value]] as unknown as number[][]));
    }
  });
});

describe("sizes", () => {
  it.each([Number.NaN, -3, 1.5, Number.POSITIVE_INFINITY, 2 ** 31])("of %s", (size) => {
    expectError(() => zeros([2, size]), TensorError, /./);
    expectError(() => ones([size]), TensorError, /./);
    expectError(() => tensor([1]).expand(size, 1), TensorError, /./);
  });

  it("whose product overflows", () => {
    expectError(() => zeros([2 ** 20, 2 ** 20, 2 ** 20]), TensorError, /./);
    expectError(() => zeros([2 ** 16, 2 ** 16]), TensorError, /./);
  });

  it("that are no numbers", () => {
    thrownBy(() => zeros(["2"] as unknown as number[]));
    thrownBy(() => ones([null] as unknown as number[]));
  });
});

describe("dims and indices", () => {
  const outOfRange = /Dimension out of range \(expected to be in range of \[-2, 1\], but got -3\)/;

  it.each([
    ["sum", (x: Tensor) => x.sum(-3)],
    ["mean", (x: Tensor) => x.mean(-3)],
    ["max", (x: Tensor) => x.max(-3)],
    ["argmax", (x: Tensor) => x.argmax(-3)],
    ["softmax", (x: Tensor) => x.softmax(-3)],
    ["logSoftmax", (x: Tensor) => x.logSoftmax(-3)],
    ["transpose", (x: Tensor) => x.transpose(-3, 0)],
    ["select", (x: Tensor) => x.select(-3, 0)],
    ["narrow", (x: Tensor) => x.narrow(-3, 0, 1)],
    ["size", (x: Tensor) => x.size(-3)],
    ["cat", (x: Tensor) => cat([x, x], -3)],
  ] as const)("a negative dim out of range: %s", (_, use) => {
    expectError(() => use(ones([2, 3])), TensorError, outOfRange);
  });

  it("a dim twice, or one too many", () => {
    expectError(() => ones([2, 3]).sum([0, 0]), TensorError, /dim 0 appears multiple times in the list of dims/);
    expectError(
      () => ones([2, 3]).permute(0, 0),
      TensorError,
      /repeated dim in permute|duplicate dims are not allowed/,
    );
    expectError(() => ones([2, 3]).permute(0), TensorError, /permute/);
  });

  it("that are no integers", () => {
    for (const dim of [0.5, Number.NaN]) {
      expectError(() => ones([2, 3]).sum(dim), TensorError, /./);
      expectError(() => ones([2, 3]).select(0, dim), TensorError, /./);
      expectError(() => ones([2, 3]).narrow(0, dim, 1), TensorError, /./);
    }
  });

  it("an index out of range", () => {
    const x = ones([2, 3]);
    expectError(() => x.index(2), TensorError, /index 2 is out of bounds for dimension 0 with size 2/);
    expectError(() => x.index(0, -4), TensorError, /index -4 is out of bounds for dimension 1 with size 3/);
    expectError(() => x.index(0, 0, 0), TensorError, /too many indices for tensor of dimension 2/);
    expectError(() => x.index("::-1"), TensorError, /step must be greater than zero/);
    expectError(() => x.index("a:b"), TensorError, /./);
  });
});

describe("dtypes", () => {
  it("that do not exist", () => {
    expectError(() => tensor([1], { dtype: "float64" as "float32" }), DTypeError, /float64/);
    expectError(() => zeros([1], { dtype: "" as "float32" }), DTypeError, /./);
  });

  it("that cannot require grad", () => {
    expectError(() => tensor([1], { dtype: "int32", requiresGrad: true }), TensorError, /can require gradients/);
  });

  it("an operand that is no tensor", () => {
    const x = ones([2]);
    for (const other of ["1", {}, null, undefined, [1, 2]]) thrownBy(() => x.add(other as unknown as Tensor));
    thrownBy(() => matmul(x, 2 as unknown as Tensor));
    thrownBy(() => cat([x, 3 as unknown as Tensor]));
  });
});

describe("backward", () => {
  it("twice", () => {
    const x = ones([2], { requiresGrad: true });
    const y = x.exp().sum();
    y.backward();
    expectError(() => y.backward(), GradError, /Trying to backward through the graph a second time/);
    expectTensor(x.grad, [Math.E, Math.E]);
  });

  it("without anything that requires grad", () => {
    expectError(
      () => ones([1]).mul(2).backward(),
      GradError,
      /element 0 of tensors does not require grad and does not have a grad_fn/,
    );
  });

  it("of several elements without gradient", () => {
    expectError(
      () => ones([2], { requiresGrad: true }).mul(2).backward(),
      GradError,
      /grad can be implicitly created only for scalar outputs/,
    );
  });

  it("with something else for a gradient", () => {
    const y = ones([1], { requiresGrad: true }).mul(2);
    thrownBy(() => y.backward(3 as unknown as Tensor));
    thrownBy(() => y.backward("1" as unknown as Tensor));
  });

  it("of a value that was saved and then changed", () => {
    const x = ones([2], { requiresGrad: true }).mul(1);
    const y = x.mul(x).sum();
    x.add_(1);
    expectError(() => y.backward(), GradError, /modified by an inplace operation/);
  });
});

describe("in-place", () => {
  it("on a leaf that requires grad", () => {
    const x = ones([2], { requiresGrad: true });
    expectError(
      () => x.add_(1),
      GradError,
      /a leaf Variable that requires grad is being used in an in-place operation/,
    );
    expectError(
      () => x.index(0).zero_(),
      GradError,
      /a view of a leaf Variable that requires grad is being used in an in-place operation/,
    );
    expectTensor(x, [1, 1]);
    expect(x.version).toBe(0);
  });

  it("of a float into an integer", () => {
    const x = tensor([1, 2], { dtype: "int32" });
    expectError(() => x.mul_(0.5), TensorError, /result type Float can't be cast to the desired output type Int/);
    expectTensor(x, [1, 2]);
  });
});

describe("use after dispose", () => {
  it("raises for every way to read it", () => {
    const x = ones([2]);
    x.dispose();
    const uses = [
      () => x.tolist(),
      () => x.data(),
      () => x.add(1),
      () => ones([2]).add(x),
      () => x.add_(1),
      () => x.view(2),
      () => x.sum(),
    ];
    for (const use of uses) expectError(use, DisposedError, /dispose/i);
  });

  it("a second dispose is fine", () => {
    const x = ones([2]);
    x.dispose();
    expect(() => x.dispose()).not.toThrow();
  });

  it("`using` disposes at the end of the block", () => {
    let kept: Tensor;
    {
      using x = ones([2]);
      kept = x;
      expectTensor(x, [1, 1]);
    }
    expectError(() => kept.tolist(), DisposedError, /dispose/i);
  });

  it("of a leaf whose graph is still to be walked does not give wrong gradients", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const w = tensor([3, 4], { requiresGrad: true });
    const y = x.mul(w).sum();
    w.dispose();
    try {
      y.backward();
      expectTensor(x.grad, [3, 4]);
    } catch (error) {
      expect(error).toBeInstanceOf(TensorError);
    }
  });
});

describe("use after its scope", () => {
  it("raises for what fn did not return", () => {
    let inner: Tensor | undefined;
    const result = scope(() => {
      inner = ones([2]).mul(3);
      return inner.add(1);
    });
    expectTensor(result, [4, 4]);
    expectError(() => inner!.tolist(), DisposedError, /scope/i);
    expectError(() => inner!.add(1), DisposedError, /scope/i);
    expectTensor(result.mul(2), [8, 8]);
  });

  it("an exception ends the scope, and passes through", () => {
    const error = new Error("mine");
    let inner: Tensor | undefined;
    const thrown = thrownBy(() =>
      scope(() => {
        inner = ones([2]);
        throw error;
      }),
    );
    expect(thrown).toBe(error);
    expectError(() => inner!.tolist(), DisposedError, /scope/i);
  });

  it("what is returned in arrays and objects survives, with its graph", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const { list, sum } = scope(() => {
      const a = x.mul(2);
      const b = a.exp();
      return { list: [a, b], sum: a.add(b).sum() };
    });
    expectTensor(list[0], [2, 4]);
    expectTensor(list[1], [Math.exp(2), Math.exp(4)]);
    sum.backward();
    expectTensor(x.grad, [2 + 2 * Math.exp(2), 2 + 2 * Math.exp(4)]);
  });
});

describe("an async function", () => {
  const message = /async|promise/i;
  const later = (async () => ones([1])) as unknown as () => Tensor;
  const promising = () => Promise.resolve(ones([1])) as unknown as Tensor;

  it("is refused by noGrad and enableGrad, which restore the mode", () => {
    for (const guarded of [later, promising]) {
      expect(() => noGrad(guarded)).toThrow(message);
      expect(isGradEnabled()).toBe(true);
      expect(() => enableGrad(guarded)).toThrow(message);
      expect(isGradEnabled()).toBe(true);
    }
  });

  it("is refused by scope", () => {
    expect(() => scope(later)).toThrow(message);
    expect(() => scope(promising)).toThrow(message);
  });
});
