import { describe, expect, it } from "vitest";
import {
  cumsum,
  fmod,
  nn,
  norm,
  prod,
  remainder,
  softmax,
  std,
  type Tensor,
  tensor,
  var as var_,
} from "../../bindings/index.ts";
import { EXACT, expectTensor } from "../support/expect.ts";

const int = (values: number[]): Tensor => tensor(values, { dtype: "int32" });

function expectTyped(t: Tensor, dtype: string, values: (number | boolean)[]): void {
  expect(t.dtype).toBe(dtype);
  expectTensor(t, values, EXACT);
}

describe("dtypes: further operators", () => {
  it("154 a roundingMode keeps int32", () => {
    expectTyped(int([7, -7]).div(int([2, 2]), { roundingMode: "floor" }), "int32", [3, -4]);
    expectTyped(int([7, -7]).div(2, { roundingMode: "trunc" }), "int32", [3, -3]);
    expectTyped(tensor([7, -7]).div(2, { roundingMode: "floor" }), "float32", [3, -4]);
  });

  it("154 remainder has the divisor's sign, fmod the dividend's", () => {
    expectTyped(remainder(int([7, -7, 7]), int([3, 3, -3])), "int32", [1, 2, -2]);
    expectTyped(fmod(int([7, -7, 7]), int([3, 3, -3])), "int32", [1, -1, 1]);
    expectTyped(remainder(tensor([-1.5]), 1), "float32", [0.5]);
    expectTyped(fmod(tensor([-1.5]), 1), "float32", [-0.5]);
  });

  it("155 prod and cumsum of integers give integers", () => {
    expect(prod(int([3, 4])).dtype).toBe("int32");
    expect(prod(int([3, 4])).item()).toBe(12);
    expectTyped(cumsum(int([1, 2, 3]), 0), "int32", [1, 3, 6]);
    expectTyped(cumsum(tensor([true, true, false]), 0), "int32", [1, 2, 2]);
  });

  it("155 softmax of integers gives float32 when asked, var, std and norm of integers raise", () => {
    expectTyped(softmax(int([3, 3]), 0, { dtype: "float32" }), "float32", [0.5, 0.5]);
    expect(() => var_(int([1, 2]))).toThrow(/var only support floating point|std and var only support/i);
    expect(() => std(int([1, 2]))).toThrow(/only support floating point/i);
    expect(() => norm(int([1, 2]))).toThrow(/floating point|dtype/i);
  });

  it("159 a target class out of range raises in nllLoss and embedding", () => {
    expect(() => nn.functional.nllLoss(tensor([[0, 0, 0]]), int([7]))).toThrow(/Target 7 is out of bounds\./);
    expect(() => nn.functional.embedding(int([3]), tensor([[1], [2]]))).toThrow(/index out of range in self/);
  });
});
