import { afterAll, describe, expect, test } from "vitest";
import { autograd, memory, nn, noGrad, optim, randint, randn, type Tensor, tensor } from "../../bindings/index.ts";
import { expectSame, type Twin } from "./twins.ts";

// Graphs that were left behind do not wait for their turn in what comes next.
afterAll(() => memory.collect());

const F = nn.functional;

type MakeOptimizer = (model: nn.Module) => optim.Optimizer;

const adam: MakeOptimizer = (model) => new optim.Adam(model.parameters(), { lr: 0.01 });

function classifier(model: nn.Module, make: MakeOptimizer = adam): Twin {
  const optimizer = make(model);
  return {
    model,
    step: (x, y) => {
      optimizer.zeroGrad();
      const loss = F.crossEntropy(model(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    },
  };
}

function regression(model: nn.Module, make: MakeOptimizer = adam): Twin {
  const optimizer = make(model);
  return {
    model,
    step: (x, y) => {
      optimizer.zeroGrad();
      const loss = F.mseLoss(model(x), y);
      loss.backward();
      optimizer.step();
      return loss;
    },
  };
}

const points = (batch: number, size: number, classes: number) => (): Tensor[] => [
  randn(batch, size),
  randint(0, classes, [batch]),
];

const mlp = (): nn.Module => new nn.Sequential(new nn.Linear(6, 8), new nn.ReLU(), new nn.Linear(8, 3));

describe("training steps give the bits of eager ones", () => {
  test("moons: hinge loss with a penalty, by hand", () => {
    const programs = expectSame(() => {
      const model = new nn.Sequential(
        new nn.Linear(2, 16),
        new nn.ReLU(),
        new nn.Linear(16, 16),
        new nn.ReLU(),
        new nn.Linear(16, 1),
      );
      const parameters = model.parameters();
      const optimizer = new optim.SGD(parameters, { lr: 0.1 });
      const x = randn(100, 2);
      const y = randn(100, 1).sign();
      return {
        model,
        step: () => {
          optimizer.zeroGrad();
          const hinge = model(x).mul(y).neg().add(1).relu().mean();
          const squares = parameters.map((p) => p.mul(p).sum()).reduce((total, square) => total.add(square));
          const loss = hinge.add(squares.mul(1e-4));
          loss.backward();
          optimizer.step();
          return loss;
        },
      };
    });
    expect(programs).toBe(1);
  });

  test("a CNN with batch norm, dropout and pooling", () => {
    const programs = expectSame(
      () =>
        classifier(
          new nn.Sequential(
            new nn.Conv2d(1, 4, 3, { padding: 1 }),
            new nn.BatchNorm2d(4),
            new nn.ReLU(),
            new nn.MaxPool2d(2),
            new nn.Conv2d(4, 6, 3),
            new nn.GELU(),
            new nn.AvgPool2d(2),
            new nn.Flatten(),
            new nn.Dropout(0.3),
            new nn.Linear(24, 3),
          ),
        ),
      () => [randn(5, 1, 12, 12), randint(0, 3, [5])],
    );
    expect(programs).toBe(1);
  });

  test("an LSTM, and a GRU", () => {
    for (const Layer of [nn.LSTM, nn.GRU]) {
      class Net extends nn.Module {
        rnn: nn.Module = new Layer(3, 5, { batchFirst: true });
        fc = new nn.Linear(5, 2);
        override forward(x: Tensor): Tensor {
          const [out] = this.rnn(x);
          return this.fc(out.select(1, -1));
        }
      }
      const programs = expectSame(
        () => classifier(new Net()),
        () => [randn(4, 6, 3), randint(0, 2, [4])],
      );
      expect(programs).toBe(1);
    }
  });

  test("attention, layer norm, embedding", () => {
    class Block extends nn.Module {
      table = new nn.Embedding(11, 8);
      norm = new nn.LayerNorm(8);
      q = new nn.Linear(8, 8);
      kv = new nn.Linear(8, 16);
      out = new nn.Linear(8, 11);
      override forward(words: Tensor): Tensor {
        const x = this.norm(this.table(words));
        const [k, v] = this.kv(x).chunk(2, -1);
        const heads = (t: Tensor): Tensor => t.reshape([3, 5, 2, 4]).transpose(1, 2);
        const scores = heads(this.q(x)).matmul(heads(k).transpose(-2, -1)).div(2).softmax(-1);
        return this.out(x.add(scores.matmul(heads(v)).transpose(1, 2).reshape([3, 5, 8])).tanh());
      }
    }
    const programs = expectSame(
      () => {
        const model = new Block();
        const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
        return {
          model,
          step: (words, next) => {
            optimizer.zeroGrad();
            const loss = F.crossEntropy(model(words).reshape([15, 11]), next.reshape([15]));
            loss.backward();
            nn.utils.clipGradNorm_(model.parameters(), 0.5);
            optimizer.step();
            return loss;
          },
        };
      },
      () => [randint(0, 11, [3, 5]), randint(0, 11, [3, 5])],
    );
    expect(programs).toBe(1);
  });

  test("a layer of a Transformer", () => {
    const programs = expectSame(
      () =>
        regression(
          new nn.TransformerEncoderLayer(8, 2, {
            dimFeedforward: 16,
            dropout: 0.1,
            batchFirst: true,
          }) as unknown as nn.Module,
        ),
      () => [randn(2, 5, 8), randn(2, 5, 8)],
    );
    expect(programs).toBe(1);
  });

  const makers: [string, MakeOptimizer][] = [
    ["SGD with momentum", (m) => new optim.SGD(m.parameters(), { lr: 0.1, momentum: 0.9, nesterov: true })],
    ["SGD with weight decay", (m) => new optim.SGD(m.parameters(), { lr: 0.1, weightDecay: 0.1, maximize: true })],
    ["Adam with amsgrad", (m) => new optim.Adam(m.parameters(), { lr: 0.01, amsgrad: true, weightDecay: 0.1 })],
    ["AdamW", (m) => new optim.AdamW(m.parameters(), { lr: 0.01 })],
    ["RMSprop", (m) => new optim.RMSprop(m.parameters(), { lr: 0.01, momentum: 0.5, centered: true })],
    ["NAdam", (m) => new optim.NAdam(m.parameters(), { lr: 0.01 })],
    ["RAdam", (m) => new optim.RAdam(m.parameters(), { lr: 0.01 })],
    ["Adagrad", (m) => new optim.Adagrad(m.parameters(), { lr: 0.1, lrDecay: 0.1 })],
    ["Adadelta", (m) => new optim.Adadelta(m.parameters())],
    ["Adamax", (m) => new optim.Adamax(m.parameters())],
    ["ASGD", (m) => new optim.ASGD(m.parameters(), { lr: 0.1, t0: 3 })],
    ["Rprop", (m) => new optim.Rprop(m.parameters())],
  ];
  test.each(makers)("%s", (_, make) => {
    expect(expectSame(() => classifier(mlp(), make), points(7, 6, 3), 12)).toBe(1);
  });

  test("groups with settings of their own", () => {
    const programs = expectSame(
      () =>
        classifier(
          mlp(),
          (m) =>
            new optim.Adam(
              [{ params: m.parameters().slice(0, 2), lr: 0.1 }, { params: m.parameters().slice(2) }] as never,
              { lr: 0.01 },
            ),
        ),
      points(7, 6, 3),
    );
    expect(programs).toBe(1);
  });

  test("learning rates that a scheduler, or anybody, changes", () => {
    const programs = expectSame(
      () => {
        const model = mlp();
        const optimizer = new optim.SGD(model.parameters(), { lr: 0.5, momentum: 0.9 });
        const scheduler = new optim.lrScheduler.StepLR(optimizer, 3, 0.5);
        return {
          ...classifier(model, () => optimizer),
          between: (i) => {
            scheduler.step();
            if (i === 10) optimizer.paramGroups[0].weightDecay = 0.01;
          },
        };
      },
      points(7, 6, 3),
    );
    expect(programs).toBe(1);
  });

  test("gradients gathered over several calls", () => {
    const programs = expectSame(
      () => {
        const model = mlp();
        const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
        return {
          model,
          step: (x, y) => {
            const loss = F.crossEntropy(model(x), y);
            loss.div(3).backward();
            return loss;
          },
          between: (i) => {
            if (i % 3 !== 2) return;
            optimizer.step();
            optimizer.zeroGrad();
          },
        };
      },
      points(7, 6, 3),
    );
    // One for the first gradient, one for those that are added to it.
    expect(programs).toBe(2);
  });

  test("zeros in the place of gradients", () => {
    const programs = expectSame(() => {
      const model = new nn.Linear(3, 2);
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      const x = randn(4, 3);
      return {
        model,
        step: () => {
          optimizer.zeroGrad({ setToNone: false });
          const loss = model(x).square().mean();
          loss.backward();
          optimizer.step();
          return loss;
        },
      };
    });
    expect(programs).toBe(2);
  });

  test("training and evaluation have programs of their own", () => {
    const programs = expectSame(
      () => {
        const model = new nn.Sequential(new nn.Linear(6, 8), new nn.BatchNorm1d(8), new nn.Dropout(0.5));
        const { step } = regression(model);
        return { model, step, between: (i) => void model.train(i % 4 !== 2) };
      },
      () => [randn(7, 6), randn(7, 8)],
    );
    expect(programs).toBe(2);
  });

  test("shapes have programs of their own", () => {
    const programs = expectSame(
      () => classifier(mlp()),
      (i) => points(i % 4 === 3 ? 2 : 7, 6, 3)(),
    );
    expect(programs).toBe(2);
  });

  test("a second optimizer, frozen parameters, an average of the weights", () => {
    const programs = expectSame(
      () => {
        const [body, head] = [new nn.Linear(6, 8), new nn.Linear(8, 3)];
        const average = new nn.Linear(8, 3);
        const model = new nn.ModuleList([body, head, average]);
        average.requiresGrad_(false);
        const optimizers = [body, head].map((m) => new optim.Adam(m.parameters(), { lr: 0.01 }));
        return {
          model,
          step: (x, y) => {
            for (const o of optimizers) o.zeroGrad();
            const loss = F.crossEntropy(head(body(x).tanh()), y);
            loss.backward();
            for (const o of optimizers) o.step();
            noGrad(() => {
              average.parameters().forEach((p, i) => {
                p.mul_(0.9).add_(head.parameters()[i], { alpha: 0.1 });
              });
            });
            return [loss, average(body(x)).detach()];
          },
          between: (i) => void body.requiresGrad_(i < 10),
        };
      },
      points(7, 6, 3),
    );
    expect(programs).toBe(2);
  });

  test("a penalty on gradients", () => {
    const programs = expectSame(
      () => {
        const model = new nn.Sequential(new nn.Linear(3, 5), new nn.Tanh(), new nn.Linear(5, 1));
        const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
        return {
          model,
          step: (given) => {
            optimizer.zeroGrad();
            const x = given.detach().requiresGrad_();
            const y = model(x).sum();
            const [slope] = tensorGrad(y, x);
            const loss = y.square().add(slope.square().sum());
            const grads = tensorGrad(loss, ...model.parameters());
            noGrad(() => {
              model.parameters().forEach((p, i) => {
                p.sub_(grads[i], { alpha: 0.01 });
              });
            });
            return loss.detach();
          },
        };
      },
      () => [randn(4, 3)],
    );
    expect(programs).toBe(1);
  });

  test("tensors that the function makes and writes to", () => {
    const programs = expectSame(
      () => {
        const model = new nn.Linear(3, 3);
        return {
          model,
          step: (x) =>
            noGrad(() => {
              const sum = tensor([1, 2, 3]);
              const rows: Tensor[] = [];
              for (let i = 0; i < 3; i++) {
                sum.add_(model(x).mean(0));
                rows.push(sum.clone());
                sum.narrow(0, i, 1).fill_(i);
              }
              model.bias?.copy_(sum);
              return rows;
            }),
        };
      },
      () => [randn(4, 3)],
      6,
    );
    expect(programs).toBe(1);
  });
});

function tensorGrad(y: Tensor, ...inputs: Tensor[]): Tensor[] {
  return autograd.grad(y, inputs, { createGraph: true });
}
