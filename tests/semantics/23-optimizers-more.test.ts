import { describe, expect, it } from "vitest";
import { isGradEnabled, noGrad, optim, type Tensor, tensor, zeros } from "../../bindings/index.ts";
import { expectTensor } from "../support/expect.ts";
import { trained } from "../support/training.ts";

type Name = "AdamW" | "RMSprop" | "Adagrad" | "Adadelta" | "Adamax" | "NAdam" | "RAdam" | "Rprop" | "ASGD";
type Case = [item: number, name: Name, options: object, parameters: number[]];

/**
 * What PyTorch 1.13 gives in double precision; for NAdam the formula of item 240 in double precision, which is that of 2.x:
 * 1.13 has a factor μₜ too many in Mₜ₊₁.
 */
const CASES: Case[] = [
  [235, "AdamW", { lr: 0.1 }, [0.21371883, -1.2021092, -0.22216292]],
  [235, "AdamW", { lr: 0.1, weightDecay: 0.5 }, [0.018463318, -0.68968523, -0.24567341]],
  [235, "AdamW", { lr: 0.5, amsgrad: true }, [-1.1816759, 0.57509043, 0.063059951]],
  [236, "RMSprop", {}, [0.58641273, -1.5823432, 0.12583654]],
  [236, "RMSprop", { lr: 0.1, alpha: 0.9 }, [-0.14209134, -0.79904885, -0.16365481]],
  [236, "RMSprop", { lr: 0.1, centered: true }, [-0.49966751, -0.25361517, -0.16645145]],
  [236, "RMSprop", { lr: 0.05, momentum: 0.9 }, [-1.0509401, 0.7011012, 0.36846851]],
  [
    236,
    "RMSprop",
    { lr: 0.05, momentum: 0.9, centered: true, weightDecay: 0.1 },
    [-0.98353402, 0.71522522, 0.37207919],
  ],
  [237, "Adagrad", {}, [0.95653022, -1.956495, 0.45684194]],
  [237, "Adagrad", { lr: 0.5, lrDecay: 0.1, initialAccumulatorValue: 0.2 }, [-0.24805719, -0.66072419, -0.16583183]],
  [237, "Adagrad", { lr: 0.5, weightDecay: 0.2 }, [-0.33852077, -0.50118775, -0.16127482]],
  [238, "Adadelta", {}, [0.97338532, -1.9733658, 0.47355631]],
  [238, "Adadelta", { lr: 5, rho: 0.5, weightDecay: 0.1 }, [0.92191938, -1.9218036, 0.42282448]],
  [239, "Adamax", {}, [0.98398595, -1.9839799, 0.48403846]],
  [239, "Adamax", { lr: 0.1, betas: [0.5, 0.9], weightDecay: 0.1 }, [0.14982188, -1.1557202, -0.13724823]],
  [240, "NAdam", {}, [0.9871981, -1.9871956, 0.48722011]],
  [240, "NAdam", { lr: 0.1, momentumDecay: 0.1, weightDecay: 0.1 }, [0.41086968, -1.4021559, -0.012245057]],
  [241, "RAdam", {}, [0.98493537, -1.9650549, 0.48003313]],
  [241, "RAdam", { lr: 0.1, weightDecay: 0.1 }, [-0.23041963, 0.22904638, -0.46036063]],
  [242, "Rprop", {}, [0.83500915, -1.8350092, 0.33500915]],
  [242, "Rprop", { lr: 0.37, etas: [0.3, 1.5], stepSizes: [0.05, 0.6] }, [-0.48, -0.325, -0.1960625]],
  [243, "ASGD", {}, [0.7761384, -1.5124206, 0.2397108]],
  [243, "ASGD", { lr: 0.1, lambd: 0.1, alpha: 0.5, t0: 2, weightDecay: 0.1 }, [-0.24754887, -0.26295485, -0.16093346]],
];

/** The keys of the state after one step, as PyTorch spells them. */
const STATE: [name: Name, options: object, keys: string[]][] = [
  ["AdamW", {}, ["exp_avg", "exp_avg_sq", "step"]],
  ["RMSprop", { momentum: 0.9, centered: true }, ["grad_avg", "momentum_buffer", "square_avg", "step"]],
  ["RMSprop", {}, ["square_avg", "step"]],
  ["Adagrad", {}, ["step", "sum"]],
  ["Adadelta", {}, ["acc_delta", "square_avg", "step"]],
  ["Adamax", {}, ["exp_avg", "exp_inf", "step"]],
  ["NAdam", {}, ["exp_avg", "exp_avg_sq", "mu_product", "step"]],
  ["RAdam", {}, ["exp_avg", "exp_avg_sq", "step"]],
  ["Rprop", {}, ["prev", "step", "step_size"]],
  ["ASGD", {}, ["ax", "eta", "mu", "step"]],
];

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("further optimizers", () => {
  for (const [item, name, options, parameters] of CASES) {
    it(`${item} ${name} ${JSON.stringify(options)}`, () => {
      expectTensor(
        trained((params) => new optim[name](params, options)),
        parameters,
        { rtol: 1e-4, atol: 1e-5 },
      );
    });
  }

  for (const [name, options, keys] of STATE) {
    it(`250 the state of ${name} ${JSON.stringify(options)}`, () => {
      const p = zeros([2], { requiresGrad: true });
      const optimizer = new optim[name]([p], options);
      p.sum().backward();
      optimizer.step();
      expect(Object.keys(optimizer.stateDict().state[0]).sort()).toEqual(keys);
    });
  }

  it("249 errors at construction", () => {
    expect(() => new optim.Adadelta([leaf(1)], { rho: 1.1 })).toThrow(/Invalid rho value: 1\.1/);
    expect(() => new optim.RMSprop([leaf(1)], { alpha: -1 })).toThrow(/Invalid alpha value: -1/);
    expect(() => new optim.Rprop([leaf(1)], { etas: [1, 0.5] })).toThrow(/Invalid eta values: 1(\.0)?, 0\.5/);
  });
});

describe("LBFGS", () => {
  /** A closure that gives the value and gradient of sum([1, 2, 3]·p²). */
  function bowl(p: Tensor): () => Tensor {
    return () => {
      p.grad = null;
      const loss = p
        .mul(p)
        .mul(tensor([1, 2, 3]))
        .sum();
      loss.backward();
      return loss;
    };
  }

  /** Rosenbrock's valley, whose minimum is at (1, 1). */
  function valley(p: Tensor): () => Tensor {
    return () => {
      p.grad = null;
      const [x, y] = [p.select(0, 0), p.select(0, 1)];
      const a = y.sub(x.mul(x));
      const b = x.sub(1);
      const loss = a.mul(a).mul(100).add(b.mul(b));
      loss.backward();
      return loss;
    };
  }

  it("244 step returns the first loss, and keeps to maxIter", () => {
    for (const lineSearchFn of [null, "strong_wolfe"] as const) {
      const p = leaf(1, -2, 0.5);
      const optimizer = new optim.LBFGS([p], { lr: 0.5, maxIter: 3, ...(lineSearchFn && { lineSearchFn }) });
      expectTensor(optimizer.step(bowl(p)) as Tensor, 9.75);
      expectTensor(optimizer.step(bowl(p)) as Tensor, 1.818339, { rtol: 1e-4 });
      expectTensor(p, [0.205706, -0.1898909, 0.0514349], { rtol: 1e-3 });
    }
  });

  it("244 the strong Wolfe search finds the valley's minimum", () => {
    const p = leaf(-1.2, 1);
    const optimizer = new optim.LBFGS([p], { lineSearchFn: "strong_wolfe" });
    const losses = [1, 2, 3, 4].map(() => (optimizer.step(valley(p)) as Tensor).item());
    expect(losses[0]).toBeCloseTo(24.2, 4);
    expect(losses[1]).toBeLessThan(1);
    expect(losses[3]).toBeLessThan(1e-8);
    expectTensor(p, [1, 1], { atol: 1e-3 });
  });

  it("244 one group only, a closure is required, and runs with grad enabled", () => {
    expect(() => new optim.LBFGS([{ params: [leaf(1)] }, { params: [leaf(2)] }])).toThrow(
      /LBFGS doesn't support per-parameter options/,
    );
    const p = leaf(1, 1, 1);
    const optimizer = new optim.LBFGS([p]);
    expect(() => (optimizer as unknown as { step(): void }).step()).toThrow();
    let mode = false;
    noGrad(() =>
      optimizer.step(() => {
        mode = isGradEnabled();
        return bowl(p)();
      }),
    );
    expect(mode).toBe(true);
  });

  it("250 the state is all under 0", () => {
    const p = leaf(1, 2, 3);
    const q = leaf(1, 2, 3);
    const optimizer = new optim.LBFGS([p, q], { maxIter: 2 });
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = p.mul(q).sum().pow(2);
      loss.backward();
      return loss;
    });
    expect(Object.keys(optimizer.stateDict().state)).toEqual(["0"]);
  });
});
