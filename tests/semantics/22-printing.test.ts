import { describe, expect, it } from "vitest";
import { nn, noGrad, ones, optim, type Tensor, tensor, zeros } from "../../bindings/index.ts";

const grad = { requiresGrad: true };
const int = { dtype: "int32" } as const;

/** Consecutive numbers from 0, divided by `by`. */
function counted(shape: number[], by = 1): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float32Array.from({ length: n }, (_, i) => i / by),
    { shape },
  );
}

describe("printing", () => {
  it.each([
    ["tensor([1., 2.])", () => tensor([1, 2])],
    ["tensor([1, 2], dtype=torch.int32)", () => tensor([1, 2], int)],
    ["tensor([ True, False])", () => tensor([true, false])],
    ["tensor([1., 2.], requires_grad=True)", () => tensor([1, 2], grad)],
    ["tensor([2., 4.], grad_fn=<MulBackward0>)", () => tensor([1, 2], grad).mul(2)],
    ["tensor([1., 2.])", () => tensor([1, 2], grad).detach()],
  ])("218 data and suffixes: %s", (text, make) => {
    expect(String(make())).toBe(text);
    expect(make().toString()).toBe(text);
  });

  it.each([
    ["tensor([])", () => zeros([0])],
    ["tensor([], size=(2, 0))", () => zeros([2, 0])],
    ["tensor([], size=(2, 0), requires_grad=True)", () => zeros([2, 0], grad)],
    ["tensor([], dtype=torch.int32)", () => zeros([0], int)],
    ["tensor([], size=(0, 3), dtype=torch.int32)", () => zeros([0, 3], int)],
    ["tensor([], dtype=torch.bool)", () => zeros([0], { dtype: "bool" })],
    ["tensor([], grad_fn=<MulBackward0>)", () => zeros([0], grad).mul(2)],
  ])("219 order of suffixes, empty tensors: %s", (text, make) => {
    expect(String(make())).toBe(text);
  });

  it.each([
    [[1, -20], "tensor([  1., -20.])"],
    [[1, 1001], "tensor([1.0000e+00, 1.0010e+03])"],
    [[1, 1000], "tensor([   1., 1000.])"],
    [[100000000], "tensor([100000000.])"],
    [[100000000.5, 0.5], "tensor([1.0000e+08, 5.0000e-01])"],
    [[200000000], "tensor([2.0000e+08])"],
    [[1.5, 1500], "tensor([   1.5000, 1500.0000])"],
    [[1.5, 1501], "tensor([1.5000e+00, 1.5010e+03])"],
    [[0.00005], "tensor([5.0000e-05])"],
    [[0.0001, 0.01], "tensor([1.0000e-04, 1.0000e-02])"],
    [[0, 0.5], "tensor([0.0000, 0.5000])"],
  ])("220 one format for the whole tensor: %s", (values, text) => {
    expect(String(tensor(values))).toBe(text);
  });

  it.each([
    [1e-5, "tensor(1.0000e-05)"],
    [1.23456e-30, "tensor(1.2346e-30)"],
    [3e38, "tensor(3.0000e+38)"],
  ])("221 scientific: %s", (value, text) => {
    expect(String(tensor(value))).toBe(text);
  });

  it.each([
    [0.12345, "tensor(0.1235)"],
    [0.03125, "tensor(0.0312)"],
    [0.09375, "tensor(0.0938)"],
    [[100005, 0.5], "tensor([1.0000e+05, 5.0000e-01])"],
    [2.00005, "tensor(2.0001)"],
    [0.99996, "tensor(1.0000)"],
  ])("222 rounding is of the exact value, ties to even: %s", (value, text) => {
    expect(String(tensor(value))).toBe(text);
  });

  it.each([
    [[0.1, -2.5, 3.25], "tensor([ 0.1000, -2.5000,  3.2500])"],
    [[NaN, Infinity, -Infinity, 1], "tensor([nan, inf, -inf, 1.])"],
    [[NaN, Infinity, 0.5], "tensor([   nan,    inf, 0.5000])"],
    [[0, 0], "tensor([0., 0.])"],
    [[NaN], "tensor([nan])"],
    [[-0], "tensor([-0.])"],
    [[-0, 0.5], "tensor([-0.0000, 0.5000])"],
  ])("223 elements are padded to the widest: %s", (values, text) => {
    expect(String(tensor(values))).toBe(text);
  });

  it("223 over all rows", () => {
    expect(
      String(
        tensor([
          [1.5, -100.25],
          [2, 3],
        ]),
      ),
    ).toBe("tensor([[   1.5000, -100.2500],\n        [   2.0000,    3.0000]])");
  });

  it("224 lines are at most 80 wide", () => {
    expect(String(counted([30]))).toBe(
      "tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,\n" +
        "        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,\n" +
        "        28., 29.])",
    );
    expect(String(counted([2, 12], 8))).toBe(
      "tensor([[0.0000, 0.1250, 0.2500, 0.3750, 0.5000, 0.6250, 0.7500, 0.8750, 1.0000,\n" +
        "         1.1250, 1.2500, 1.3750],\n" +
        "        [1.5000, 1.6250, 1.7500, 1.8750, 2.0000, 2.1250, 2.2500, 2.3750, 2.5000,\n" +
        "         2.6250, 2.7500, 2.8750]])",
    );
  });

  it("225 rows on lines of their own, blank lines between blocks", () => {
    expect(String(counted([2, 2]))).toBe("tensor([[0., 1.],\n        [2., 3.]])");
    expect(String(counted([2, 1, 2]))).toBe("tensor([[[0., 1.]],\n\n        [[2., 3.]]])");
    expect(String(counted([2, 1, 1, 2]))).toBe("tensor([[[[0., 1.]]],\n\n\n        [[[2., 3.]]]])");
  });

  it("226 more than 1000 elements are summarised", () => {
    expect(String(counted([1001]))).toBe("tensor([   0.,    1.,    2.,  ...,  998.,  999., 1000.])");
    expect(String(zeros([1001]))).toBe("tensor([0., 0., 0.,  ..., 0., 0., 0.])");
    expect(String(ones([1001, 2]))).toBe(
      "tensor([[1., 1.],\n        [1., 1.],\n        [1., 1.],\n        ...,\n        [1., 1.],\n        [1., 1.],\n        [1., 1.]])",
    );
    expect(String(counted([1000])).includes("...")).toBe(false);
  });

  it("226 the format is chosen from the shown elements only", () => {
    const x = zeros([2000]);
    x.setIndex([1000], 0.5);
    expect(String(x)).toBe("tensor([0., 0., 0.,  ..., 0., 0., 0.])");
  });

  it.each([
    ["tensor(9., grad_fn=<PowBackward0>)", () => tensor(3, grad).pow(2)],
    ["tensor(0.1000)", () => tensor(0.1)],
    ["tensor(True)", () => tensor(true)],
    ["tensor(7, dtype=torch.int32)", () => tensor(7, int)],
    ["tensor(nan)", () => tensor(NaN)],
    ["tensor(-0.5000)", () => tensor(-0.5)],
  ])("227 a 0-d tensor prints its number bare: %s", (text, make) => {
    expect(String(make())).toBe(text);
  });

  it("228 a suffix goes on a new line when the last one would pass 80", () => {
    expect(String(counted([11]).requiresGrad_().mul(1.5))).toBe(
      "tensor([ 0.0000,  1.5000,  3.0000,  4.5000,  6.0000,  7.5000,  9.0000, 10.5000,\n" +
        "        12.0000, 13.5000, 15.0000], grad_fn=<MulBackward0>)",
    );
    expect(String(counted([8]).requiresGrad_().mul(1.5))).toBe(
      "tensor([ 0.0000,  1.5000,  3.0000,  4.5000,  6.0000,  7.5000,  9.0000, 10.5000],\n       grad_fn=<MulBackward0>)",
    );
  });

  it("230 printing never changes a graph, and works on a freed one", () => {
    const x = tensor([1, 2], grad);
    const y = x.mul(x);
    const text = String(y);
    y.sum().backward();
    expect(String(y)).toBe(text);
    expect(text).toBe("tensor([1., 4.], grad_fn=<MulBackward0>)");
    expect(y.version).toBe(0);
    expect(x.grad!.tolist()).toEqual([2, 4]);
  });

  it("230 a view invalidated in noGrad prints as such", () => {
    const base = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      grad,
    ).mul(1);
    const view = noGrad(() => base.select(0, 0));
    base.mul_(2);
    expect(String(view)).toBe("tensor([2., 4.], grad_fn=<Invalid>)");
  });

  it("231 item() gives the exact float32 as a number", () => {
    expect(`${tensor(6.7).item()}`).toBe("6.699999809265137");
  });

  it("229 a Parameter prints its kind first", () => {
    const p = new nn.Parameter(tensor([1, 2]));
    expect(String(p)).toBe("Parameter containing:\ntensor([1., 2.], requires_grad=True)");
    expect(String(p.mul(2))).toBe("tensor([2., 4.], grad_fn=<MulBackward0>)");
  });

  it("229 modules print as a tree", () => {
    expect(String(new nn.Linear(2, 3))).toBe("Linear(in_features=2, out_features=3, bias=True)");
    expect(String(new nn.Linear(2, 3, { bias: false }))).toBe("Linear(in_features=2, out_features=3, bias=False)");
    const inner = new nn.Sequential(new nn.Linear(3, 1), new nn.ReLU());
    expect(String(new nn.Sequential(new nn.ReLU(), inner))).toBe(
      "Sequential(\n  (0): ReLU()\n  (1): Sequential(\n    (0): Linear(in_features=3, out_features=1, bias=True)\n    (1): ReLU()\n  )\n)",
    );
  });

  it("229 optimizers print their groups with sorted keys", () => {
    const text = String(new optim.SGD([zeros([1], grad)], { lr: 0.1, momentum: 0.9 }));
    const keys = text
      .split("\n")
      .filter((line) => line.startsWith("    "))
      .map((line) => line.trim().split(":")[0]);
    expect(text.startsWith("SGD (\nParameter Group 0\n")).toBe(true);
    expect(keys).toEqual([...keys].sort());
    expect(text).toContain("    lr: 0.1\n");
    expect(text).toContain("    momentum: 0.9\n");
    expect(text.endsWith("\n)")).toBe(true);
  });
});
