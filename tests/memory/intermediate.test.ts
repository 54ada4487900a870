/** What a module of the library made on the way to its output is not set aside, unless somebody else has seen it. */
import { describe, expect, it } from "vitest";
import { current } from "../../bindings/core/generation.ts";
import { autograd, memory, nn, ones, optim, randn, type Tensor, zeros } from "../../bindings/index.ts";
import { unstressed } from "../support/stress.ts";

const F = nn.functional;

/** Elements enough for a chunk of their own. */
const WIDE = 10_000;

/** Bytes that are copied when the nursery is turned over. */
function bytesSetAside(): number {
  const turned = current;
  memory.collect();
  return turned.image?.totalBytes ?? 0;
}

function wide(...more: nn.Module[]): nn.Sequential {
  return new nn.Sequential(new nn.Tanh(), new nn.Tanh(), new nn.ReLU(), ...more);
}

function trained(model: nn.Module, input: Tensor = ones(WIDE).requiresGrad_()): Tensor {
  const output = model(input);
  output.sum().backward();
  return output;
}

describe("results inside of modules", () => {
  it("are left behind once the graph has been walked", () => {
    unstressed(() => {
      memory.collect();
      const input = ones(WIDE).requiresGrad_();
      const output = trained(wide(), input);
      // The input, its gradient and the output.
      expect(bytesSetAside()).toBeLessThan(3.5 * 4 * WIDE);
      expect(output.sum().item()).toBeCloseTo(WIDE * Math.tanh(Math.tanh(1)), -1);
      expect(input.sum().item()).toBe(WIDE);
      expect(input.grad?.at(0)).toBeCloseTo((1 - Math.tanh(1) ** 2) * (1 - Math.tanh(Math.tanh(1)) ** 2), 5);
    });
  });

  it("wait for a graph that has not been walked, or is to be walked again", () => {
    const input = ones(WIDE).requiresGrad_();
    const output = wide()(input).sum();
    memory.collect();
    output.backward({ retainGraph: true });
    memory.collect();
    output.backward();
    expect(input.grad?.at(0)).toBeCloseTo(2 * (1 - Math.tanh(1) ** 2) * (1 - Math.tanh(Math.tanh(1)) ** 2), 5);
  });

  it("do not stand in the way of an output whose own node may be walked again", () => {
    // More than comes back as a whole without a question.
    const large = ones(7 << 20);
    const input = ones(WIDE).requiresGrad_();
    const output = trained(new nn.Sequential(new nn.Tanh(), new nn.Tanh(), new nn.Flatten(0)), input);
    memory.collect();
    const doubled = output.mul(2);
    expect(doubled.at(0)).toBeCloseTo(2 * Math.tanh(Math.tanh(1)), 5);
    expect(() => doubled.sum().backward()).toThrow("backward through the graph a second time");
    expect(large.at(0)).toBe(1);
  });

  it("make no difference to what is learnt", () => {
    const losses = (seeing: boolean): number[] => {
      const layers = [
        new nn.Linear(20, 500),
        new nn.Tanh(),
        new nn.Linear(500, 100),
        new nn.ReLU(),
        new nn.Linear(100, 1),
      ];
      for (const p of layers.flatMap((layer) => layer.parameters())) nn.init.constant_(p, 0.01);
      const model = new nn.Sequential(...layers);
      if (seeing) model.registerForwardHook(() => undefined);
      const input = ones(30, 20);
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
      return Array.from({ length: 8 }, () => {
        optimizer.zeroGrad();
        const loss = F.mseLoss(model(input), ones(30, 1));
        loss.backward();
        optimizer.step();
        return loss.item() as number;
      });
    };
    expect(losses(false)).toEqual(losses(true));
  });
});

describe("what somebody has seen stays", () => {
  const TANH = Math.tanh(1);

  it.each([
    [
      "a hook",
      (keep: (t: Tensor) => unknown) => {
        const model = wide();
        model[0].registerForwardHook((_module, _inputs, output) => {
          keep(output as Tensor);
        });
        return model;
      },
    ],
    [
      "a module of the user",
      (keep: (t: Tensor) => unknown) => {
        class Spy extends nn.Module {
          override forward(x: Tensor): Tensor {
            keep(x);
            return x.mul(1);
          }
        }
        return new nn.Sequential(new nn.Tanh(), new Spy(), new nn.ReLU());
      },
    ],
    [
      "a module of the library with a forward of the user's",
      (keep: (t: Tensor) => unknown) => {
        class Spy extends nn.Tanh {
          override forward(x: Tensor): Tensor {
            const y = super.forward(x);
            keep(y);
            return y;
          }
        }
        return new nn.Sequential(new Spy(), new nn.ReLU());
      },
    ],
    [
      "a module with a forward of its own",
      (keep: (t: Tensor) => unknown) => {
        const spy = new nn.Tanh();
        spy.forward = (x: Tensor) => {
          const y = x.tanh();
          keep(y);
          return y;
        };
        return new nn.Sequential(spy, new nn.ReLU());
      },
    ],
  ])("%s", (_, make) => {
    const seen: Tensor[] = [];
    trained(make((t) => seen.push(t)));
    memory.collect();
    memory.collect();
    expect(seen).toHaveLength(1);
    expect(seen[0].mul(2).at(WIDE - 1)).toBeCloseTo(2 * TANH, 5);
  });

  it("an activation given to a layer", () => {
    const seen: Tensor[] = [];
    const activation = (x: Tensor): Tensor => {
      seen.push(x);
      return x.relu();
    };
    const layer = new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 64, dropout: 0, activation });
    const stack = new nn.TransformerEncoder(layer, 2);
    stack(randn(50, 4, 16))
      .sum()
      .backward();
    const before = seen.map((t) => t.detach().sum().item());
    memory.collect();
    expect(seen.map((t) => t.detach().sum().item())).toEqual(before);
  });

  it("what a part of a layer sees that somebody has overridden", () => {
    const seen: Tensor[] = [];
    class Spy extends nn.TransformerEncoderLayer {
      protected override feedforward(x: Tensor): Tensor {
        seen.push(x);
        return super.feedforward(x);
      }
    }
    const layer = new Spy(16, 2, { dimFeedforward: 64, dropout: 0 });
    layer(randn(200, 4, 16))
      .sum()
      .backward();
    const own = new nn.TransformerEncoderLayer(16, 2, { dimFeedforward: 64, dropout: 0 });
    Object.assign(own, {
      feedforward: (x: Tensor) => {
        seen.push(x);
        return x.mul(1);
      },
    });
    own(randn(200, 4, 16))
      .sum()
      .backward();
    const before = seen.map((t) => t.detach().sum().item());
    memory.collect();
    expect(seen.map((t) => t.detach().sum().item())).toEqual(before);
    expect(before).toHaveLength(2);
  });

  it("hooks for saved tensors", () => {
    const seen: Tensor[] = [];
    const output = autograd.graph.savedTensorsHooks(
      (t) => {
        seen.push(t);
        return t;
      },
      (t) => t,
      () => wide()(ones(WIDE).requiresGrad_()),
    );
    output.sum().backward();
    memory.collect();
    expect(seen.length).toBeGreaterThan(0);
    for (const t of seen) expect(Number(t.at(0))).toBeGreaterThan(0);
  });

  it("outputs that are views, or the input itself", () => {
    const model = new nn.Sequential(new nn.Tanh(), new nn.Unflatten(0, [100, 100]), new nn.Flatten(0));
    const input = ones(WIDE).requiresGrad_();
    const output = trained(model, input);
    const same = trained(new nn.Sequential(new nn.Identity(), new nn.Identity()), input);
    memory.collect();
    expect(output.at(WIDE - 1)).toBeCloseTo(TANH, 5);
    expect(same.at(WIDE - 1)).toBe(1);
  });

  it("tensors that come back while a module runs", () => {
    const x = ones(WIDE);
    const old = x.mul(3);
    memory.collect();
    trained(wide(), old.detach().requiresGrad_());
    memory.collect();
    expect(old.at(WIDE - 1)).toBe(3);
    expect(x.at(WIDE - 1)).toBe(1);
  });

  it("positions that a pooling layer returns", () => {
    const input = zeros(1, 40, 32, 32).requiresGrad_();
    const [values, positions] = F.maxPool2d(input, 2, { returnIndices: true });
    values.sum().backward();
    memory.collect();
    expect(positions.at(40 * 16 * 16 - 1)).toBe(30 * 32 + 30);
  });

  it("all outputs of a module that has several", () => {
    const lstm = new nn.LSTM(64, 128, { numLayers: 2 });
    const [output, [h, c]] = lstm(randn(20, 8, 64));
    const before = [output, h, c].map((t) => t.detach().sum().item());
    output.sum().backward();
    memory.collect();
    expect([output, h, c].map((t) => t.detach().sum().item())).toEqual(before);
  });
});
