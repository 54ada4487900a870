import { describe, expect, it } from "vitest";
import { manualSeed, nn, noGrad, ones, optim, type Tensor, tensor } from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor } from "../support/expect.ts";

/** Own parameters, children and a buffer, assigned in this order. */
class Block extends nn.Module {
  scale = new nn.Parameter(tensor([2, 3]));
  fc = new nn.Linear(2, 2);
  plain = ones([5]);
  bias = new nn.Parameter(tensor([1]));

  override forward(x: Tensor): Tensor {
    return this.fc(x).mul(this.scale).add(this.bias) as Tensor;
  }
}

class Net extends nn.Module {
  block = new Block();
  head = new nn.Linear(2, 1, { bias: false });

  override forward(x: Tensor): Tensor {
    return this.head(this.block(x)) as Tensor;
  }
}

function names(pairs: Iterable<[string, unknown]>): string[] {
  return [...pairs].map(([name]) => name);
}

describe("parameters and buffers", () => {
  it("258 namedParameters: own before children's, in order of assignment, joined by dots", () => {
    expect(names(new Net().namedParameters())).toEqual([
      "block.scale",
      "block.bias",
      "block.fc.weight",
      "block.fc.bias",
      "head.weight",
    ]);
    expect(names(new nn.Sequential(new nn.Linear(1, 2), new nn.ReLU(), new nn.Linear(2, 1)).namedParameters())).toEqual(
      ["0.weight", "0.bias", "2.weight", "2.bias"],
    );
  });

  it("258 each parameter once", () => {
    const shared = new nn.Linear(2, 2);
    const model = new nn.Sequential(shared, new nn.ReLU(), shared);
    expect([...model.parameters()].length).toBe(2);
    expect([...model.parameters()][0]).toBe(shared.weight);
    expect(names(model.namedParameters())).toEqual(["0.weight", "0.bias"]);
  });

  it("259 assigning registers parameters and modules, not plain tensors", () => {
    const net = new Net() as Net & { extra?: unknown; more?: unknown };
    net.extra = new nn.Parameter(tensor([1]));
    net.more = new nn.Linear(1, 1);
    const all = names(net.namedParameters());
    expect(all).toContain("extra");
    expect(all).toContain("more.weight");
    expect(all.some((name) => name.includes("plain"))).toBe(false);
    expect(Object.keys(net.stateDict()).some((name) => name.includes("plain"))).toBe(false);
    expectTensor(net.block.plain, [1, 1, 1, 1, 1]);
  });

  it("259 buffers are in stateDict if persistent, never in parameters", () => {
    const net = new nn.Linear(1, 1);
    net.registerBuffer("mean", tensor([5]));
    net.registerBuffer("scratch", tensor([6]), { persistent: false });
    expect(names(net.namedParameters())).toEqual(["weight", "bias"]);
    expect(names(net.namedBuffers())).toEqual(["mean", "scratch"]);
    expect([...net.buffers()].length).toBe(2);
    expect(Object.keys(net.stateDict()).sort()).toEqual(["bias", "mean", "weight"]);
    const { mean } = net as unknown as { mean: Tensor };
    expectTensor(mean, [5]);
    expect(mean.requiresGrad).toBe(false);
  });

  it("260 names must be strings, without dots, not taken", () => {
    const net = new nn.Linear(1, 1);
    expect(() => net.registerBuffer("a.b", tensor([1]))).toThrow(/buffer name can't contain "\."/);
    expect(() => net.registerBuffer("", tensor([1]))).toThrow(/buffer name can't be empty string/);
    expect(() => net.registerBuffer("forward", tensor([1]))).toThrow(/attribute 'forward' already exists/);
    expect(() => net.registerBuffer(3 as unknown as string, tensor([1]))).toThrow(/buffer name should be a string/);
    expect(() => net.registerParameter("a.b", new nn.Parameter(tensor([1])))).toThrow(
      /parameter name can't contain "\."/,
    );
    expect(() => net.addModule("a.b", new nn.ReLU())).toThrow(/module name can't contain "\."/);
    expect(() => net.addModule("weight", new nn.ReLU())).toThrow(/attribute 'weight' already exists/);
  });
});

describe("stateDict", () => {
  it("261 tensors are detached and share memory", () => {
    const net = new nn.Linear(2, 1);
    const state = net.stateDict();
    expect(Object.keys(state)).toEqual(["weight", "bias"]);
    expect(state.weight.requiresGrad).toBe(false);
    const before = net.weight.tolist() as number[][];
    net(ones([1, 2]))
      .sum()
      .backward();
    new optim.SGD(net.parameters(), { lr: 1 }).step();
    expectTensor(state.weight, [[before[0][0] - 1, before[0][1] - 1]]);
  });

  it("261 shared modules appear under every name", () => {
    const shared = new nn.Linear(1, 1);
    expect(Object.keys(new nn.Sequential(shared, shared).stateDict())).toEqual([
      "0.weight",
      "0.bias",
      "1.weight",
      "1.bias",
    ]);
  });

  it("262 loadStateDict copies into the same parameters", () => {
    const net = new nn.Linear(2, 1);
    const { weight } = net;
    const source = { weight: tensor([[5, 6]]), bias: tensor([7]) };
    net.loadStateDict(source);
    expect(net.weight).toBe(weight);
    expectTensor(weight, [[5, 6]], EXACT);
    expect(weight.requiresGrad).toBe(true);
    expect(weight.isLeaf).toBe(true);
    source.weight.fill_(0);
    expectTensor(weight, [[5, 6]], EXACT);
  });

  it("262 errors are collected", () => {
    const net = new nn.Linear(2, 2);
    const before = net.weight.tolist();
    expect(() => net.loadStateDict({ weight: ones([3, 2]), x: ones([1]) })).toThrow(
      'Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: "bias". \n\tUnexpected key(s) in state_dict: "x". \n\tsize mismatch for weight: copying a param with shape torch.Size([3, 2]) from checkpoint, the shape in current model is torch.Size([2, 2]).',
    );
    expect(net.weight.tolist()).toEqual(before);
  });

  it("262 strict: false forgives missing and unexpected keys, never a wrong size", () => {
    const net = new nn.Linear(2, 1);
    const { missingKeys, unexpectedKeys } = net.loadStateDict(
      { weight: tensor([[5, 6]]), x: ones([1]) },
      { strict: false },
    );
    expect(missingKeys).toEqual(["bias"]);
    expect(unexpectedKeys).toEqual(["x"]);
    expectTensor(net.weight, [[5, 6]]);
    expect(() => net.loadStateDict({ weight: ones([2, 2]) }, { strict: false })).toThrow(/size mismatch for weight/);
  });

  it("263 Linear has weight (out, in) and bias", () => {
    const state = new nn.Linear(3, 2).stateDict();
    expectShape(state.weight, [2, 3]);
    expectShape(state.bias, [2]);
    expect(Object.keys(new nn.Linear(3, 2, { bias: false }).stateDict())).toEqual(["weight"]);
  });
});

describe("modes and flags", () => {
  it("264 train and eval set `training` down the tree and return the module", () => {
    const net = new Net();
    expect(net.training).toBe(true);
    expect(net.eval()).toBe(net);
    expect([...net.modules()].map((m) => m.training)).toEqual([false, false, false, false]);
    expect(net.train()).toBe(net);
    expect(net.block.fc.training).toBe(true);
    net.train(false);
    expect(net.head.training).toBe(false);
    expect(() => net.train("yes" as unknown as boolean)).toThrow(/training mode is expected to be boolean/);
  });

  it("267 requiresGrad_ and zeroGrad go over all parameters", () => {
    const net = new Net();
    expect(net.requiresGrad_(false)).toBe(net);
    expect([...net.parameters()].every((p) => !p.requiresGrad)).toBe(true);
    net.requiresGrad_();
    net(ones([1, 2]))
      .sum()
      .backward();
    expect([...net.parameters()].every((p) => p.grad !== null)).toBe(true);
    net.zeroGrad();
    expect([...net.parameters()].every((p) => p.grad === null)).toBe(true);
  });

  it("267 frozen parameters get no gradient, gradients still pass through", () => {
    const net = new Net();
    net.head.requiresGrad_(false);
    const x = ones([1, 2], { requiresGrad: true });
    net(x).sum().backward();
    expect(net.head.weight.grad).toBeNull();
    expect(x.grad).not.toBeNull();
    expect(net.block.fc.weight.grad).not.toBeNull();
  });
});

describe("trees", () => {
  it("calling a module is calling forward", () => {
    const net = new nn.Linear(2, 1);
    net.loadStateDict({ weight: tensor([[1, 2]]), bias: tensor([3]) });
    expectTensor(net(tensor([[10, 20]])), [[53]]);
    expectTensor(net.forward(tensor([[10, 20]])), [[53]]);
    expectTensor(
      new Net()(ones([4, 2]))
        .sum(0)
        .mul(0),
      [0],
    );
  });

  it("268 Sequential keeps order, and can be indexed and changed", () => {
    const [a, b, c, d] = [new nn.Linear(1, 1), new nn.ReLU(), new nn.Linear(1, 1), new nn.ReLU()];
    const net = new nn.Sequential(a, b);
    expect(net.append(d)).toBe(net);
    net.insert(2, c);
    expect([...net.children()].map((m) => [a, b, c, d].indexOf(m as typeof a))).toEqual([0, 1, 2, 3]);
    expect(net.pop(1)).toBe(b);
    net.extend(new nn.Sequential(b));
    expect([...net.children()].map((m) => [a, b, c, d].indexOf(m as typeof a))).toEqual([0, 2, 3, 1]);
    expect(names(net.namedParameters())).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  });

  it("268 what is no module is refused", () => {
    expect(() => new nn.Sequential(3 as unknown as nn.Module)).toThrow(/is not a Module subclass/);
  });

  it("269 forward hooks", () => {
    const net = new nn.Linear(1, 1);
    net.loadStateDict({ weight: tensor([[2]]), bias: tensor([0]) });
    const order: string[] = [];
    const pre = net.registerForwardPreHook((module, [x]) => {
      expect(module).toBe(net);
      order.push("pre");
      return [(x as Tensor).add(1)];
    });
    const post = net.registerForwardHook((_module, [x], y) => {
      order.push("post");
      expectTensor(x as Tensor, [[4]]);
      return (y as Tensor).mul(10);
    });
    net.registerForwardHook(() => {
      order.push("last");
    });
    expectTensor(net(tensor([[3]])), [[80]]);
    expect(order).toEqual(["pre", "post", "last"]);
    pre.remove();
    post.remove();
    expectTensor(net(tensor([[3]])), [[6]]);
    expect(order).toEqual(["pre", "post", "last", "last"]);
  });

  it("269 prepended hooks come first", () => {
    const net = new nn.ReLU();
    const order: number[] = [];
    for (const n of [1, 2]) {
      net.registerForwardHook(() => {
        order.push(n);
      });
    }
    net.registerForwardHook(
      () => {
        order.push(3);
      },
      { prepend: true },
    );
    net(ones([1]));
    expect(order).toEqual([3, 1, 2]);
  });

  it("269 full backward hooks", () => {
    const net = new nn.Linear(2, 1, { bias: false });
    net.loadStateDict({ weight: tensor([[2, 3]]) });
    const x = ones([1, 2], { requiresGrad: true });
    const seen: unknown[] = [];
    const handle = net.registerFullBackwardHook((_module, gradInput, gradOutput) => {
      seen.push(gradInput[0]!.tolist(), gradOutput[0]!.tolist());
      return [gradInput[0]!.mul(10)];
    });
    net(x).mul(5).backward();
    expect(seen).toEqual([[[10, 15]], [[5]]]);
    expectTensor(x.grad, [[100, 150]]);
    expectTensor(net.weight.grad, [[5, 5]]);
    handle.remove();
    net(x).backward();
    expectTensor(x.grad, [[102, 153]]);
  });

  it("269 full backward pre-hooks may replace the output's gradient", () => {
    const net = new nn.Linear(1, 1, { bias: false });
    net.loadStateDict({ weight: tensor([[2]]) });
    net.registerFullBackwardPreHook((_module, gradOutput) => [gradOutput[0]!.mul(10)]);
    const x = ones([1, 1], { requiresGrad: true });
    net(x).backward();
    expectTensor(x.grad, [[20]]);
    expectTensor(net.weight.grad, [[10]]);
  });

  it("270 apply, children, modules and lookups by path", () => {
    const net = new Net();
    const seen: nn.Module[] = [];
    expect(
      net.apply((m) => {
        seen.push(m);
      }),
    ).toBe(net);
    expect(seen.length).toBe(4);
    expect(seen[3]).toBe(net);
    expect([...net.children()].length).toBe(2);
    expect([...net.modules()].length).toBe(4);
    expect(names(net.namedModules())).toEqual(["", "block", "block.fc", "head"]);
    expect(net.getSubmodule("block.fc")).toBe(net.block.fc);
    expect(net.getParameter("block.fc.weight")).toBe(net.block.fc.weight);
    net.block.registerBuffer("mean", tensor([5]));
    expectTensor(net.getBuffer("block.mean"), [5]);
    expect(() => net.getSubmodule("block.nothing")).toThrow(/has no attribute `nothing`/);
    const shared = new nn.ReLU();
    expect([...new nn.Sequential(shared, shared).modules()].length).toBe(2);
  });
});

describe("parameters", () => {
  it("274 Linear starts within 1/sqrt(fanIn), with PyTorch's values for a seed", () => {
    manualSeed(0);
    const net = new nn.Linear(3, 2);
    expectTensor(net.weight, [
      [-0.004322517663240433, 0.3097158372402191, -0.4751853346824646],
      [-0.4248946011066437, -0.2223689705133438, 0.15482072532176971],
    ]);
    expectTensor(net.bias, [-0.011439144611358643, 0.45777493715286255]);
    const wide = new nn.Linear(100, 50);
    for (const p of wide.parameters()) expect(p.abs().max().item() <= 0.1).toBe(true);
    expect(wide.weight.abs().max().item()).toBeGreaterThan(0.09);
  });

  it("275 a Parameter is a leaf, also when made from a non-leaf", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const p = new nn.Parameter(x.mul(2));
    expect(p.isLeaf).toBe(true);
    expect(p.requiresGrad).toBe(true);
    expectTensor(p, [2, 4]);
    p.mul(3).sum().backward();
    expectTensor(p.grad, [3, 3]);
    expect(x.grad).toBeNull();
    expect(new nn.Parameter(tensor([1]), { requiresGrad: false }).requiresGrad).toBe(false);
    expect(noGrad(() => new nn.Parameter(tensor([1]))).requiresGrad).toBe(true);
  });
});
