import { describe, expect, it } from "vitest";
import { arange, gather, indexSelect, mean, nn, ones, softmax, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

const int = (values: number[]): Tensor => tensor(values, { dtype: "int32" });
const bool = (values: boolean[]): Tensor => tensor(values, { dtype: "bool" });

function expectTyped(t: Tensor, dtype: string, values: (number | boolean)[]): void {
  expect(t.dtype).toBe(dtype);
  expectTensor(t, values, EXACT);
}

describe("dtypes", () => {
  it("153 promotion goes bool < int32 < float32", () => {
    expectTyped(int([1, 2]).add(tensor([0.5, 0.5])), "float32", [1.5, 2.5]);
    expectTyped(bool([true, false]).add(int([1, 2])), "int32", [2, 2]);
    expectTyped(bool([true, false]).mul(tensor([0.5, 0.5])), "float32", [0.5, 0]);
    expectTyped(int([1, 2]).mul(int([3, 4])), "int32", [3, 8]);
  });

  it("153 numbers and 0-d tensors count only by category", () => {
    expectTyped(int([1, 2]).add(1), "int32", [2, 3]);
    expectTyped(int([1, 2]).add(1.5), "float32", [2.5, 3.5]);
    expectTyped(bool([true, false]).add(1), "int32", [2, 1]);
    expectTyped(tensor([1, 2]).add(1), "float32", [2, 3]);
    expectTyped(tensor([1, 2]).add(tensor(1, { dtype: "int32" })), "float32", [2, 3]);
    expectTyped(int([1, 2]).add(tensor(1, { dtype: "int32" })), "int32", [2, 3]);
    expectTyped(int([1, 2]).mul(tensor(true, { dtype: "bool" })), "int32", [1, 2]);
  });

  it("154 div of integers gives float32", () => {
    expectTyped(int([7, -7]).div(int([2, 2])), "float32", [3.5, -3.5]);
    expectTyped(int([7, -7]).div(2), "float32", [3.5, -3.5]);
  });

  it("155 unary float functions and softmax of integers give float32", () => {
    expectTyped(int([0, 4]).sqrt(), "float32", [0, 2]);
    expectTyped(int([0]).exp(), "float32", [1]);
    expectTyped(int([0]).sin(), "float32", [0]);
    expectTyped(bool([true]).log(), "float32", [0]);
    expectTyped(softmax(int([3, 3]), 0), "float32", [0.5, 0.5]);
    expect(int([1, 2]).neg().dtype).toBe("int32");
    expect(int([1, -2]).abs().dtype).toBe("int32");
    expectTyped(int([-1, 2]).relu(), "int32", [0, 2]);
  });

  it("155 sum of bool or int gives an integer", () => {
    const counted = bool([true, true, false]).sum();
    expect(counted.dtype).toBe("int32");
    expect(counted.item()).toBe(2);
    const total = int([3, 4]).sum();
    expect(total.dtype).toBe("int32");
    expect(total.item()).toBe(7);
  });

  it("155 mean of integers raises", () => {
    const message =
      /mean\(\): could not infer output dtype\. Input dtype must be either a floating point or complex dtype\. Got: Int/;
    expect(() => mean(int([1, 2]))).toThrow(message);
    expect(() => int([1, 2]).mean(0)).toThrow(message);
  });

  it("156 bool + bool is logical or, bool - bool and -bool raise", () => {
    expectTyped(bool([true, true, false]).add(bool([true, false, false])), "bool", [true, true, false]);
    expectTyped(bool([true, true]).mul(bool([true, false])), "bool", [true, false]);
    expect(() => bool([true]).sub(bool([true]))).toThrow(
      /Subtraction, the `-` operator, with two bool tensors is not supported/,
    );
    expect(() => bool([true]).neg()).toThrow(/Negation, the `-` operator, on a bool tensor is not supported/);
  });

  it("156 an integer to a negative integer power raises", () => {
    expect(() => int([2]).pow(-1)).toThrow(/Integers to negative integer powers are not allowed/);
    expectTyped(int([2, 3]).pow(2), "int32", [4, 9]);
    expectTyped(int([4]).pow(0.5), "float32", [2]);
  });

  it("157 float to int truncates toward zero, to bool is != 0", () => {
    expectTyped(tensor([1.9, -1.9, 0.5]).int(), "int32", [1, -1, 0]);
    expectTyped(tensor([0, -0, 0.1, NaN]).bool(), "bool", [false, false, true, true]);
    expectTyped(int([0, 3]).bool(), "bool", [false, true]);
    expectTyped(bool([true, false]).float(), "float32", [1, 0]);
    expectTyped(bool([true, false]).int(), "int32", [1, 0]);
    expectTyped(tensor([2.7]).to("int32"), "int32", [2]);
  });

  it("157 to the same dtype returns the tensor itself", () => {
    const x = tensor([1.5]);
    expect(x.to("float32")).toBe(x);
    expect(x.float()).toBe(x);
    const i = int([1]);
    expect(i.int()).toBe(i);
    expect(i.to("float32") === i).toBe(false);
  });

  it("158 gradients through a promotion come back in the source's dtype", () => {
    const x = tensor([1.5, 2], { requiresGrad: true });
    const y = x.mul(int([2, 3]));
    expect(y.dtype).toBe("float32");
    y.sum().backward();
    expect(x.grad!.dtype).toBe("float32");
    expectTensor(x.grad, [2, 3]);
  });

  it("159 indices are integer tensors", () => {
    const x = tensor([1, 2, 3]);
    expectTensor(indexSelect(x, 0, int([2, 0])), [3, 1]);
    expect(() => indexSelect(x, 0, tensor([0.5]))).toThrow(
      /Expected dtype int32.*for index|index_select\(\): Expected/,
    );
    expect(() => gather(x, 0, tensor([0.5]))).toThrow(/Expected dtype int64 for index|Expected dtype int32 for index/);
  });

  it("159 out of range raises before anything changes", () => {
    const x = tensor([1, 2, 3], { requiresGrad: true });
    expect(() => indexSelect(x, 0, int([0, 3]))).toThrow(/index out of range in self/);
    expect(() => gather(x, 0, int([5]))).toThrow(/index 5 is out of bounds for dimension 0 with size 3/);
    expect(() => x.select(0, 3)).toThrow(
      /index 3 out of range for tensor of size \[3\] at dimension 0|index 3 is out of bounds for dimension 0 with size 3/,
    );
    expect(() => x.index(-4)).toThrow(/index -4 is out of bounds for dimension 0 with size 3/);
    expect(() => x.narrow(0, 2, 2)).toThrow(/start \(2\) \+ length \(2\) exceeds dimension size \(3\)/);
    const y = x.mul(1);
    expect(() => y.setIndex([7], 0)).toThrow(/index 7 is out of bounds for dimension 0 with size 3/);
    expectTensor(y, [1, 2, 3]);
    expect(y.version).toBe(0);
  });

  it("159 a class out of range raises", () => {
    const logits = ones([2, 3]);
    expect(() => nn.functional.crossEntropy(logits, int([0, 7]))).toThrow(/Target 7 is out of bounds\./);
    expectTensor(arange(0, 3, { dtype: "int32" }), [0, 1, 2], EXACT);
  });
});
