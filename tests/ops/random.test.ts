import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  bernoulli,
  Generator,
  getRngState,
  initialSeed,
  manualSeed,
  multinomial,
  noGrad,
  normal,
  ones,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  seed,
  setRngState,
  type Tensor,
  tensor,
  zeros,
} from "../../bindings/index.ts";
import { EXACT, expectShape, expectTensor } from "../support/expect.ts";

/** What PyTorch drew: all of it, or the first and the last five of more than 150. */
interface Draw {
  op: string;
  n: number;
  values: number[];
  low: number;
  high: number;
  mean: number;
  std: number;
  p: number | number[];
  value: number;
  rate: number;
  weights: number[] | number[][];
  samples: number;
}

interface Sequence {
  name: string;
  seed: number;
  draws: Draw[];
}

const sequences: Sequence[] = JSON.parse(readFileSync(new URL("../data/random.json", import.meta.url), "utf8"));

function run(d: Draw): Tensor {
  switch (d.op) {
    case "uniform":
      return zeros(d.n).uniform_(d.low, d.high);
    case "normal":
      return zeros(d.n).normal_({ mean: d.mean, std: d.std });
    case "randint":
      return randint(d.low, d.high, [d.n]);
    case "randperm":
      return randperm(d.n);
    case "bernoulli":
      return zeros(d.n)
        .bernoulli_(d.p as number)
        .mul(d.value);
    case "bernoulliEach":
      return bernoulli(tensor(d.p));
    case "exponential":
      return zeros(d.n).exponential_(d.rate);
    default:
      return multinomial(tensor(d.weights), d.samples, true).reshape([-1]);
  }
}

describe("PyTorch's numbers", () => {
  for (const { name, seed, draws } of sequences) {
    it(`${name}, seed ${seed}`, () => {
      manualSeed(seed);
      for (const draw of draws) {
        const t = run(draw);
        const all = [...t.data()];
        const shown = draw.n > 150 ? [...all.slice(0, 5), ...all.slice(-5)] : all;
        expect(t.numel()).toBe(draw.n);
        // Normals and exponentials go through logarithms and angles of our own.
        if (["normal", "exponential"].includes(draw.op)) {
          expectTensor(tensor(shown), draw.values, { rtol: 2e-6, atol: 1e-6 });
        } else {
          expect(shown).toEqual(draw.values);
        }
      }
    });
  }

  it("draws in the order of memory", () => {
    const expected = [
      [0.49625659, 0.08847743, 0.30742282],
      [0.7682218, 0.13203049, 0.63407868],
    ];
    manualSeed(0);
    expectTensor(zeros(3, 2).t().uniform_(), expected, { rtol: 1e-6 });
    manualSeed(0);
    expectTensor(randLike(zeros(3, 2).t()), expected, { rtol: 1e-6 });
  });

  it("draws normals one by one where they do not lie in order", () => {
    manualSeed(0);
    const column = zeros(5, 4).t().normal_().select(1, 0);
    expectTensor(column, [1.540996, -0.2934289, -2.1787894, 0.5684313], { rtol: 1e-5 });
  });

  it("fills the part that a view shows, and nothing else", () => {
    manualSeed(0);
    const t = zeros(3, 3);
    t.narrow(1, 1, 1).uniform_();
    expectTensor(
      t,
      [
        [0, 0.49625659, 0],
        [0, 0.7682218, 0],
        [0, 0.08847743, 0],
      ],
      { rtol: 1e-6 },
    );
  });

  it("normal with a mean or a deviation for each element", () => {
    manualSeed(0);
    expectTensor(normal(tensor([1, 2, 3]), 2), [4.081992, 1.4131422, -1.3575788], { rtol: 1e-5 });
    expectTensor(normal(1, tensor([1, 2, 3])), [1.5684313, -1.1690447, -3.1957865], { rtol: 1e-5 });
    expectShape(normal(tensor([[1], [2]]), tensor([1, 1, 1])), [2, 3]);
  });

  it("multinomial with replacement, one at a time", () => {
    manualSeed(5);
    const weights = tensor([0.3, 0.7]);
    const places = Array.from({ length: 20 }, () => multinomial(weights, 1, true).item());
    expect(places).toEqual([1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]);
    expectTensor(rand(2), [0.5819, 0.359], { atol: 5e-5 });
  });

  it("multinomial without replacement", () => {
    manualSeed(0);
    expectTensor(multinomial(tensor([0.1, 3, 0, 2.5, 1]), 3), [1, 3, 4], EXACT);
    const all = multinomial(rand(4, 6), 6).tolist() as number[][];
    for (const row of all) expect([...row].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe("the generator", () => {
  it("goes on from a state", () => {
    manualSeed(3);
    randn(1);
    const state = getRngState();
    const first = [...randn(3).data(), ...rand(700).data()];
    setRngState(state);
    expect([...randn(3).data(), ...rand(700).data()]).toEqual(first);
    expect(() => setRngState(new Uint8Array(3))).toThrow(/expected the \d+ bytes/);
  });

  it("seeds itself from what nobody can foresee", () => {
    const a = seed();
    const first = [...rand(4).data()];
    expect(initialSeed()).toBe(a);
    expect(seed()).not.toBe(a);
    expect([...rand(4).data()]).not.toEqual(first);
    manualSeed(a);
    expect([...rand(4).data()]).toEqual(first);
  });

  it("several generators do not disturb each other", () => {
    const own = new Generator().manualSeed(0);
    manualSeed(0);
    const [a, b] = [rand(2, { generator: own }), rand(2)];
    expectTensor(a, b.tolist(), EXACT);
    expectTensor(rand(2, { generator: own }), rand(2).tolist(), EXACT);
    expect(own.initialSeed()).toBe(0);
  });

  it("refuses seeds that are no integers", () => {
    expect(() => manualSeed(0.5)).toThrow(/expected an integer/);
    expect(() => manualSeed("1" as unknown as number)).toThrow(/expected an integer/);
    const high = rand(3, { generator: new Generator(2n ** 64n - 1n) });
    expectTensor(rand(3, { generator: new Generator(-1) }), high.tolist(), EXACT);
  });
});

describe("shapes, dtypes and graphs", () => {
  it("sizes come spread or as an array", () => {
    expectShape(rand(2, 3), [2, 3]);
    expectShape(randn([4]), [4]);
    expectShape(rand(), []);
    expectShape(rand({ size: [1, 2], requiresGrad: true }), [1, 2]);
    expectShape(rand(0, 3), [0, 3]);
    expect(() => rand(-1)).toThrow(/negative dimension/);
  });

  it("like another tensor", () => {
    const like = zeros([2, 2], { dtype: "int32" });
    expect(randintLike(like, 5).dtype).toBe("int32");
    expect(randintLike(zeros(2), 3, 5).dtype).toBe("float32");
    expect(randnLike(ones(3), { requiresGrad: true }).requiresGrad).toBe(true);
    expect(() => randLike(like)).toThrow(/not implemented for 'Int'/);
    for (const x of randintLike(zeros(100), { low: -2, high: 3 }).data()) expect(x >= -2 && x < 3).toBe(true);
  });

  it("integers of every range", () => {
    expect(randint(0, 2, [3], { dtype: "bool" }).dtype).toBe("bool");
    const wide = randint(-(2 ** 31), 2 ** 31 - 1, [200]).data();
    expect(wide.some((x) => x < 0) && wide.some((x) => x > 0)).toBe(true);
    for (const x of zeros([100], { dtype: "int32" }).random_().data()) expect(x >= 0).toBe(true);
    for (const x of zeros(100).random_(3, 5).data()) expect(x === 3 || x === 4).toBe(true);
    expect(() => randint(5, 5, [1])).toThrow(/'from' to be less than 'to', but got from=5 >= to=5/);
    expect(() => randint(0.5, 5, [1])).toThrow(/expected an integer/);
    expect(() => randint(0, 2 ** 40, [1])).toThrow(/out of bounds for int/);
  });

  it("written in place, the version goes up and no gradient passes", () => {
    const x = ones([3], { requiresGrad: true });
    const y = x.mul(2);
    const before = y.version;
    y.uniform_();
    expect(y.version).toBeGreaterThan(before);
    expect(y.gradFn?.name()).toBe("UniformBackward0");
    y.sum().backward();
    expectTensor(x.grad, [0, 0, 0], EXACT);
    expect(() => x.normal_()).toThrow(/a leaf Variable that requires grad is being used in an in-place operation/);
    const { version } = x;
    noGrad(() => x.normal_());
    expect(x.version).toBe(version + 1);
    expect(x.requiresGrad).toBe(true);
  });

  it("bernoulli", () => {
    expectTensor(bernoulli(tensor([0, 1, 0, 1])), [0, 1, 0, 1], EXACT);
    const rows = zeros(2, 2).bernoulli_(tensor([0, 1]));
    expect(rows.tolist()).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(zeros([4], { dtype: "bool" }).bernoulli_(1).tolist()).toEqual([true, true, true, true]);
    expect(() => bernoulli(tensor([1.5]))).toThrow(/Expected p_in >= 0 && p_in <= 1/);
    expect(() => bernoulli(ones(1), -0.1)).toThrow(/expects p to be in \[0, 1\]/);
  });

  it("refuses what makes no distribution", () => {
    expect(() => zeros(1).uniform_(2, 1)).toThrow(/found from=2 > to=1/);
    expect(() => zeros(1).normal_(0, -1)).toThrow(/normal expects std >= 0\.0, but found std -1/);
    expect(() => zeros(1).exponential_(0)).toThrow(/lambda > 0\.0/);
    expect(() => zeros([1], { dtype: "int32" }).normal_()).toThrow(/not implemented for 'Int'/);
    expect(() => multinomial(tensor([0, 0]), 1)).toThrow(/sum of probabilities <= 0/);
    expect(() => multinomial(tensor([1, -1]), 1)).toThrow(/element < 0/);
    expect(() => multinomial(tensor([1, 1]), 3)).toThrow(/without replacement/);
    expect(() => randperm(-1)).toThrow(/n must be non-negative/);
  });
});
