import { describe, expect, it } from "vitest";
import { nn, ones, type Tensor, tensor } from "../../bindings/index.ts";
import { expectShape, expectTensor } from "../support/expect.ts";

const [a, b, c] = [new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1)];

describe("Sequential", () => {
  it("runs its modules in order, numbered or named", () => {
    expectShape(new nn.Sequential(a, b, c)(ones(4, 2)), [4, 1]);
    const named = new nn.Sequential({ first: a, relu: b, last: c });
    expectTensor(named(ones(1, 2)), new nn.Sequential(a, b, c)(ones(1, 2)).tolist());
    expect(named.namedParameters().map(([name]) => name)).toEqual([
      "first.weight",
      "first.bias",
      "last.weight",
      "last.bias",
    ]);
    expect(new nn.Sequential()(3)).toBe(3);
  });

  it("is indexed, sliced and iterated over", () => {
    const net = new nn.Sequential(a, b, c);
    expect(net.length).toBe(3);
    expect(net[1]).toBe(b);
    expect(net.at(-1)).toBe(c);
    expect([...net]).toEqual([a, b, c]);
    expect([...net.slice(1)]).toEqual([b, c]);
    expect(() => net.at(3)).toThrow(/index 3 is out of range/);
    expect(() => net.pop(-4)).toThrow(/out of range/);
  });

  it("shows what is assigned to a position", () => {
    const net = new nn.Sequential(a, b);
    net[1] = new nn.Identity();
    expectTensor(net(ones(1, 2)), a(ones(1, 2)).tolist());
  });

  it("inserts at the end as well, and renumbers", () => {
    const net = new nn.Sequential(b).insert(0, a).insert(2, c);
    expect([...net]).toEqual([a, b, c]);
    expect(net.pop()).toBe(c);
    expect(net.namedChildren().map(([name]) => name)).toEqual(["0", "1"]);
  });
});

describe("lists and dicts", () => {
  it("ModuleList", () => {
    const list = new nn.ModuleList([a, b]);
    list.insert(1, c);
    list.extend([b]);
    expect([...list]).toEqual([a, c, b, b]);
    expect(list[1]).toBe(c);
    expect(list.at(-2)).toBe(b);
    expect(list.length).toBe(4);
    expect([...list.slice(0, 2)]).toEqual([a, c]);
    expect(list.pop(0)).toBe(a);
    expect(list.namedChildren().map(([name]) => name)).toEqual(["0", "1"]);
  });

  it("ModuleDict", () => {
    const dict = new nn.ModuleDict(new Map([["a", a as nn.Module]]));
    dict.set("b", b).update({ c });
    expect(dict.entries()).toEqual([
      ["a", a],
      ["b", b],
      ["c", c],
    ]);
    expect([...dict]).toEqual(["a", "b", "c"]);
    expect(dict.has("a") && !dict.has("z") && !dict.has("forward")).toBe(true);
    expect(dict.pop("b")).toBe(b);
    dict.set("a", c);
    expect(dict.values()).toEqual([c, c]);
    expect(new nn.ModuleDict(dict).keys()).toEqual(["a", "c"]);
    expect(() => dict.get("z")).toThrow(/no module is called 'z'/);
    expect(() => dict.set("keys", a)).toThrow(/attribute 'keys' already exists/);
    dict.clear();
    expect(dict.length).toBe(0);
  });

  it("ParameterList and ParameterDict make parameters of tensors", () => {
    const list = new nn.ParameterList([ones(2), new nn.Parameter(ones(3))]).append(ones(1));
    expect([...list].map((p) => p.shape)).toEqual([[2], [3], [1]]);
    expect(list[0] instanceof nn.Parameter).toBe(true);
    expect(list.at(-1).requiresGrad).toBe(true);
    const dict = new nn.ParameterDict({ w: ones(2) });
    dict.update([["v", ones(1)]]);
    expect(dict.keys()).toEqual(["w", "v"]);
    expect(dict.pop("w").shape).toEqual([2]);
    expect(() => dict.get("w")).toThrow(/no parameter is called 'w'/);
    expect(() => new nn.ParameterList([3 as unknown as Tensor])).toThrow(/number is not a Parameter/);
    expect(() => (list as unknown as (x: Tensor) => Tensor)(tensor([1]))).toThrow(/missing the required "forward"/);
  });
});
