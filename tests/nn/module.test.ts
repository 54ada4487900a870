import { describe, expect, it } from "vitest";
import { nn, ones, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";

/** As in JavaScript, where nothing has types. */
type Loose = Record<string, unknown>;

class Net extends nn.Module {
  fc = new nn.Linear(2, 3);
  readonly #calls: Tensor[] = [];

  override forward(x: Tensor): Tensor {
    this.#calls.push(x);
    return this.fc(x);
  }

  get calls(): number {
    return this.#calls.length;
  }
}

describe("a module is a function", () => {
  it("and an instance of its classes", () => {
    const net = new Net();
    expect(typeof net).toBe("function");
    expect(net instanceof Net && net instanceof nn.Module).toBe(true);
    expect(net.constructor).toBe(Net);
    expect(net.constructor.name).toBe("Net");
    expect(new nn.Linear(1, 1) instanceof Net).toBe(false);
  });

  it("with class fields, private fields and accessors of its own", () => {
    const net = new Net();
    net(ones(4, 2));
    net.forward(ones(4, 2));
    expect(net.calls).toBe(2);
    expect(Object.keys(net).sort()).toEqual(["fc", "training"]);
  });

  it("has none of the properties of functions", () => {
    const net = new Net() as unknown as Loose;
    for (const name of ["name", "length", "call", "bind", "prototype", "arguments", "caller"])
      expect(net[name]).toBeUndefined();
    net.name = "mine";
    net.length = 3;
    expect([net.name, net.length]).toEqual(["mine", 3]);
  });

  it("takes several arguments and returns what forward returns", () => {
    class Pair extends nn.Module {
      override forward(a: Tensor, b?: Tensor): [Tensor, number] {
        return [b ?? a, b ? 2 : 1];
      }
    }
    const pair = new Pair();
    expect(pair(ones(1))[1]).toBe(1);
    expect(pair(ones(1), ones(1))[1]).toBe(2);
  });

  it("says so where forward is missing", () => {
    class Empty extends nn.Module {}
    expect(() => new Empty()(ones(1))).toThrow('Module [Empty] is missing the required "forward" function');
    expect(() => new nn.Module()()).toThrow(/Module \[Module\] is missing/);
  });

  it("is no list of arguments where an options object is expected", () => {
    expect(() => nn.functional.linear(new Net() as unknown as Tensor, ones(1, 1))).toThrow();
  });
});

describe("what a module consists of", () => {
  it("changes with its properties", () => {
    const net = new Net() as Net & Loose;
    expect(net.namedParameters().map(([name]) => name)).toEqual(["fc.weight", "fc.bias"]);
    net.scale = new nn.Parameter(ones(1));
    expect(net.namedParameters().map(([name]) => name)).toEqual(["scale", "fc.weight", "fc.bias"]);
    net.scale = null;
    net.fc = new nn.Linear(2, 1, { bias: false });
    expect(net.namedParameters().map(([name]) => name)).toEqual(["fc.weight"]);
    Reflect.deleteProperty(net, "fc");
    expect(net.parameters()).toEqual([]);
    expect(net.namedModules().map(([name]) => name)).toEqual([""]);
  });

  it("refuses a plain tensor where a parameter was", () => {
    const layer = new nn.Linear(2, 2);
    layer.parameters();
    (layer as unknown as Loose).weight = ones(2, 2);
    expect(() => layer.parameters()).toThrow(
      "cannot assign a Tensor as parameter 'weight' (nn.Parameter or null expected)",
    );
  });

  it("lists by prefix, and without the modules below", () => {
    const net = new Net();
    net.registerParameter("own", new nn.Parameter(ones(1)));
    net.registerBuffer("mean", zeros(1));
    expect(net.namedParameters("net").map(([name]) => name)).toEqual(["net.own", "net.fc.weight", "net.fc.bias"]);
    expect(net.namedParameters({ recurse: false }).map(([name]) => name)).toEqual(["own"]);
    expect(net.parameters(false).length).toBe(1);
    expect(net.namedBuffers({ prefix: "x" }).map(([name]) => name)).toEqual(["x.mean"]);
    expect(net.namedModules("net").map(([name]) => name)).toEqual(["net", "net.fc"]);
    expect(Object.keys(net.stateDict({ prefix: "model." }))).toContain("model.fc.weight");
  });

  it("keeps registered nulls out of the state", () => {
    const net = new Net();
    net.registerParameter("gain", null);
    net.registerBuffer("mean", null);
    expect(Object.keys(net.stateDict())).toEqual(["fc.weight", "fc.bias"]);
    (net as unknown as Loose).gain = new nn.Parameter(ones(2));
    (net as unknown as Loose).mean = zeros(2);
    expect(Object.keys(net.stateDict())).toEqual(["gain", "mean", "fc.weight", "fc.bias"]);
  });

  it("refuses what is neither", () => {
    const net = new Net();
    expect(() => net.registerBuffer("a", 3 as unknown as Tensor)).toThrow(
      /cannot assign 'number' object to buffer 'a'/,
    );
    expect(() => net.registerParameter("a", ones(1) as nn.Parameter)).toThrow(/object to parameter 'a'/);
    expect(() => net.addModule("a", ones(1) as unknown as nn.Module)).toThrow(/object is not a Module subclass/);
    expect(() => net.getParameter("fc.gain")).toThrow(/Linear has no attribute `gain`/);
    expect(() => net.getParameter("fc.forward")).toThrow(/`forward` is not an nn.Parameter/);
    expect(() => net.getBuffer("fc.weight")).toThrow(/`weight` is not a buffer/);
    expect(() => net.getSubmodule("fc.weight")).toThrow(/`weight` is not an nn.Module/);
  });
});

describe("state", () => {
  it("goes from one model to another", () => {
    const [a, b] = [new Net(), new Net()];
    expect(b.loadStateDict(a.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    for (const [name, t] of Object.entries(a.stateDict())) expectTensor(b.stateDict()[name], t.tolist());
  });

  it("is not touched unless all of it fits", () => {
    const net = new Net();
    const before = net.fc.bias?.tolist();
    expect(() => net.loadStateDict({ "fc.weight": ones(1), "fc.bias": ones(3) })).toThrow(
      /size mismatch for fc.weight/,
    );
    expect(net.fc.bias?.tolist()).toEqual(before);
    expect(() => net.loadStateDict({ "fc.weight": 1 as unknown as Tensor }, false)).toThrow(
      /While copying the parameter named "fc.weight", expected torch.Tensor or Tensor-like object/,
    );
    expect(() => net.loadStateDict(null as unknown as nn.StateDict)).toThrow(/Expected state_dict to be dict-like/);
  });

  it("with keepVars is made of the parameters themselves", () => {
    const net = new Net();
    expect(net.stateDict({ keepVars: true })["fc.weight"]).toBe(net.fc.weight);
    expect(net.stateDict()["fc.weight"].requiresGrad).toBe(false);
  });

  it("does not depend on the model being alive", () => {
    const state = new Net().stateDict();
    for (let i = 0; i < 50; i++) ones(300, 300).mul(2);
    expect(state["fc.weight"].shape).toEqual([3, 2]);
    expect(Number.isFinite(state["fc.weight"].sum().item())).toBe(true);
  });
});

describe("backward hooks", () => {
  it("see all inputs and outputs at once", () => {
    class Both extends nn.Module {
      override forward(a: Tensor, n: number, b: Tensor): [Tensor, Tensor] {
        return [a.mul(b), a.add(b).mul(n)];
      }
    }
    const both = new Both();
    const seen: unknown[] = [];
    both.registerFullBackwardHook((_module, gradInput, gradOutput) => {
      seen.push(
        gradInput.map((g) => g?.tolist() ?? null),
        gradOutput.map((g) => g?.tolist() ?? null),
      );
    });
    const [a, b] = [tensor([2], { requiresGrad: true }), tensor([5], { requiresGrad: true })];
    const [product, sum] = both(a, 3, b);
    product.add(sum.mul(10)).sum().backward();
    expect(seen).toEqual([
      [[35], null, [32]],
      [[1], [10]],
    ]);
    expectTensor(a.grad, [35]);
    expectTensor(b.grad, [32]);
  });

  it("run where no input requires grad, and may then return nothing", () => {
    const layer = new nn.Linear(1, 1, false);
    let calls = 0;
    const handle = layer.registerFullBackwardHook((_module, gradInput) => {
      expect(gradInput).toEqual([null]);
      calls++;
    });
    layer(ones(1, 1)).backward();
    expect(calls).toBe(1);
    handle.remove();
    layer.registerFullBackwardHook((_module, _gradInput, gradOutput) => gradOutput);
    expect(() => layer(ones(1, 1)).backward()).toThrow(/no input requires gradient should always return None/);
  });

  it("must return as many gradients as they got", () => {
    const layer = new nn.ReLU();
    layer.registerFullBackwardHook(() => []);
    const x = ones([2], { requiresGrad: true });
    expect(() => layer(x).sum().backward()).toThrow(/invalid number of gradients, got 0, but expected 1/);
  });

  it("run in the walk for second derivatives as well", () => {
    const square = new nn.Identity();
    square.registerFullBackwardHook((_module, [g]) => [g!.mul(2)]);
    const x = tensor([3], { requiresGrad: true });
    square(x).pow(2).sum().backward({ createGraph: true });
    expectTensor(x.grad, [12]);
    const g = x.grad!;
    x.grad = null;
    g.sum().backward();
    expectTensor(x.grad, [8]);
  });
});

describe("printing, as PyTorch prints", () => {
  it("trees", () => {
    const model = new nn.Sequential(
      new nn.Linear(784, 128),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(0.25),
      new nn.Sequential(new nn.Linear(128, 10, { bias: false }), new nn.LogSoftmax({ dim: 1 })),
      new nn.Flatten(),
      new nn.Identity(),
    );
    expect(String(model)).toBe(`Sequential(
  (0): Linear(in_features=784, out_features=128, bias=True)
  (1): ReLU(inplace=True)
  (2): Dropout(p=0.25, inplace=False)
  (3): Sequential(
    (0): Linear(in_features=128, out_features=10, bias=False)
    (1): LogSoftmax(dim=1)
  )
  (4): Flatten(start_dim=1, end_dim=-1)
  (5): Identity()
)`);
    expect(String(new nn.Sequential())).toBe("Sequential()");
    expect(String(new Net())).toBe("Net(\n  (fc): Linear(in_features=2, out_features=3, bias=True)\n)");
  });

  it("collections", () => {
    const linear = (): nn.Linear => new nn.Linear(1, 2);
    expect(String(new nn.ModuleDict({ a: linear() }))).toBe(
      "ModuleDict(\n  (a): Linear(in_features=1, out_features=2, bias=True)\n)",
    );
    expect(String(new nn.ModuleList([linear(), linear(), new nn.ReLU()]))).toBe(
      "ModuleList(\n  (0-1): 2 x Linear(in_features=1, out_features=2, bias=True)\n  (2): ReLU()\n)",
    );
    expect(String(new nn.ParameterList([zeros(2, 3)]))).toBe(
      "ParameterList(  (0): Parameter containing: [torch.float32 of size 2x3])",
    );
  });

  it("parameters", () => {
    expect(String(new nn.Parameter(tensor([1, 2])))).toBe(
      "Parameter containing:\ntensor([1., 2.], requires_grad=True)",
    );
  });
});

describe("Parameter", () => {
  it("has memory of its own", () => {
    const source = tensor([1, 2]);
    const parameter = new nn.Parameter(source);
    source.fill_(7);
    expectTensor(parameter, [1, 2]);
    expect(parameter instanceof nn.Parameter).toBe(true);
    expect(new nn.Parameter(tensor([1], { dtype: "int32" }), false).dtype).toBe("int32");
    expect(() => new nn.Parameter(tensor([1], { dtype: "int32" }))).toThrow(/floating point/);
    expect(() => new nn.Parameter([1] as unknown as Tensor)).toThrow(/must be Tensor, not array/);
  });

  it("stays where it is while results come and go", () => {
    const parameter = new nn.Parameter(tensor([1, 2, 3]));
    for (let i = 0; i < 60; i++) ones(300, 300).mul(i);
    expectTensor(parameter.mul(2), [2, 4, 6]);
  });
});
