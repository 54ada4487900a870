import { describe, expect, it } from "vitest";
import {
  cat,
  gather,
  indexSelect,
  maximum,
  minimum,
  noGrad,
  type Tensor,
  tensor,
  where,
  zerosLike,
} from "../../bindings/index.ts";
import { expectTensor, thrownBy } from "../support/expect.ts";
import { savedBy } from "../support/saved.ts";

const MODIFIED = /one of the variables needed for gradient computation has been modified by an inplace operation/;
const index = tensor([1, 0, 1], { dtype: "int32" });
const weight = tensor(
  [
    [2, 3],
    [5, 7],
  ],
  { requiresGrad: true },
);

type Case = [name: string, op: (x: Tensor) => Tensor];

const RESULT_ONLY: Case[] = [
  ["exp", (x) => x.exp()],
  ["sigmoid", (x) => x.sigmoid()],
  ["tanh", (x) => x.tanh()],
  ["relu", (x) => x.relu()],
  ["sqrt", (x) => x.sqrt()],
  ["softmax", (x) => x.softmax(1)],
  ["logSoftmax", (x) => x.logSoftmax(1)],
];

const INPUT_AND_RESULT: Case[] = [
  ["max()", (x) => x.max()],
  ["min()", (x) => x.min()],
  ["amax", (x) => x.amax(1)],
  ["amin", (x) => x.amin(0)],
];

const INPUT_ONLY: Case[] = [
  ["mul", (x) => x.mul(weight)],
  ["mul by itself", (x) => x.mul(x)],
  ["div", (x) => x.div(weight)],
  ["div as divisor", (x) => weight.div(x)],
  ["pow", (x) => x.pow(3)],
  ["matmul", (x) => x.matmul(weight)],
  ["matmul on the right", (x) => weight.matmul(x)],
  ["sin", (x) => x.sin()],
  ["cos", (x) => x.cos()],
  ["log", (x) => x.log()],
  ["abs", (x) => x.abs()],
  ["clamp", (x) => x.clamp(0, 2)],
  ["maximum", (x) => maximum(x, weight)],
  ["minimum", (x) => minimum(x, weight)],
  [
    "gather",
    (x) =>
      x.gather(
        1,
        tensor(
          [
            [0, 1],
            [1, 1],
          ],
          { dtype: "int32" },
        ),
      ),
  ],
];

const NOTHING: Case[] = [
  ["max(dim)", (x) => x.max(1).values],
  ["min(dim)", (x) => x.min(0).values],
  ["indexSelect", (x) => x.indexSelect(0, index)],
  ["where", (x) => where(tensor([true, false]), x, weight)],
  ["add", (x) => x.add(weight)],
  ["sub", (x) => x.sub(weight)],
  ["add of a number", (x) => x.add(2)],
  ["mul by a number", (x) => x.mul(2)],
  ["mul by a constant", (x) => x.mul(weight.detach())],
  ["neg", (x) => x.neg()],
  ["sum", (x) => x.sum()],
  ["sum(dim)", (x) => x.sum(1)],
  ["mean", (x) => x.mean()],
  ["mean(dim)", (x) => x.mean(0)],
  ["view", (x) => x.view(4)],
  ["reshape", (x) => x.t().reshape(4)],
  ["permute", (x) => x.permute(1, 0)],
  ["select", (x) => x.select(1, 0)],
  ["narrow", (x) => x.narrow(0, 1, 1)],
  ["expand", (x) => x.view(2, 2, 1).expand(2, 2, 3).contiguous()],
  ["cat", (x) => cat([x, x])],
  ["clone", (x) => x.clone()],
  ["copy_", (x) => zerosLike(x).copy_(x)],
];

function leaf(): Tensor {
  return tensor(
    [
      [0.5, 1],
      [1.5, 2],
    ],
    { requiresGrad: true },
  );
}

describe("versions", () => {
  it("85 every in-place op returns the tensor itself and raises its version by one", () => {
    const x = tensor([1, 2]);
    expect(x.version).toBe(0);
    const other = tensor([3, 4]);
    const ops = [
      () => x.add_(1),
      () => x.sub_(other),
      () => x.mul_(2),
      () => x.div_(other),
      () => x.zero_(),
      () => x.fill_(3),
      () => x.copy_(other),
    ];
    ops.forEach((op, i) => {
      expect(op()).toBe(x);
      expect(x.version).toBe(i + 1);
    });
    expectTensor(x, [3, 4]);
    expect(other.version).toBe(0);
  });

  it("85 views and detached aliases share the counter, clones do not", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const row = x.select(0, 0);
    const flat = x.view(4);
    const alias = x.detach();
    const copy = x.clone();
    row.add_(1);
    for (const t of [x, row, flat, alias]) expect(t.version).toBe(1);
    expect(copy.version).toBe(0);
    x.add_(1);
    expect(row.version).toBe(2);
    copy.add_(1);
    expect(x.version).toBe(2);
  });

  it("86 backward compares the version of what it saved, and says what and where", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const h = x.add(1);
    const y = h.mul(h).sum();
    h.add_(1);
    const { message } = thrownBy(() => y.backward());
    expect(message).toMatch(MODIFIED);
    expect(message).toContain("[torch.FloatTensor [2]]");
    expect(message).toMatch(/which is output 0 of AddBackward0, is at version 1; expected version 0 instead/);
    expect(x.grad).toBeNull();
  });

  it.each(RESULT_ONLY)("87 %s saves its result", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: false, result: true });
  });

  it.each(INPUT_AND_RESULT)("87 %s saves its input and its result", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: true, result: true });
  });

  it.each(INPUT_ONLY)("87 %s saves its inputs", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: true, result: false });
  });

  it.each(NOTHING)("87 %s saves neither its input nor its result", (_, op) => {
    expect(savedBy(leaf(), op)).toEqual({ input: false, result: false });
  });

  it("87 indexSelect and gather save their indices, where its condition", () => {
    const x = leaf();
    const select = tensor([0, 1], { dtype: "int32" });
    const selected = indexSelect(x, 0, select);
    select.fill_(0);
    expect(() => selected.sum().backward()).toThrow(MODIFIED);
    const pick = tensor([[0], [1]], { dtype: "int32" });
    const gathered = gather(x, 1, pick);
    pick.fill_(0);
    expect(() => gathered.sum().backward()).toThrow(MODIFIED);
    const condition = tensor([true, false]);
    const chosen = where(condition, x, weight);
    condition.fill_(true);
    expect(() => chosen.sum().backward()).toThrow(MODIFIED);
  });

  it("87 max(dim) saves its indices", () => {
    const { values, indices } = leaf().max(1);
    indices.fill_(0);
    expect(() => values.sum().backward()).toThrow(MODIFIED);
  });

  it("88 mul saves a factor only if the other requires grad", () => {
    const x = leaf();
    const constant = tensor([
      [1, 2],
      [3, 4],
    ]);
    const h = x.mul(1);
    const y = h.mul(constant);
    h.zero_();
    y.sum().backward();
    expectTensor(x.grad, [
      [1, 2],
      [3, 4],
    ]);
    const z = x.mul(constant);
    constant.add_(1);
    expect(() => z.sum().backward()).toThrow(MODIFIED);
  });

  it("89 exp minds a change of its result, sin one of its input", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const a = x.mul(1);
    const grown = a.exp();
    a.add_(1);
    grown.sum().backward();
    expectTensor(x.grad, [Math.E, Math.E ** 2]);
    const shifted = x.exp();
    shifted.add_(1);
    expect(() => shifted.sum().backward()).toThrow(MODIFIED);
    x.grad = null;
    const wave = x.sin();
    wave.add_(1);
    wave.sum().backward();
    expectTensor(x.grad, [Math.cos(1), Math.cos(2)]);
    const b = x.mul(1);
    const late = b.sin();
    b.add_(1);
    expect(() => late.sum().backward()).toThrow(MODIFIED);
  });

  it("89 a change in noGrad counts as much", () => {
    const y = tensor([1, 2], { requiresGrad: true }).exp();
    noGrad(() => y.add_(1));
    expect(() => y.sum().backward()).toThrow(MODIFIED);
  });
});
