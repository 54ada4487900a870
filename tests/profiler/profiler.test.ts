import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  add,
  autograd,
  manualSeed,
  matmul,
  memory,
  nn,
  ones,
  optim,
  profiler,
  rand,
  randn,
  type Tensor,
  tensor,
} from "../../bindings/index.ts";
import { STRESS } from "../support/stress.ts";

function model(): { step: () => number; parameters: Tensor[] } {
  manualSeed(0);
  const net = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 1));
  const optimizer = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
  const [x, y] = [randn(5, 3), randn(5, 1)];
  const step = (): number => {
    const loss = profiler.recordFunction("forward", () => nn.functional.mseLoss(net(x), y));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss.item();
  };
  return { step, parameters: [...net.parameters()] };
}

function counts(profile: profiler.Profile): Record<string, number> {
  return Object.fromEntries(profile.keyAverages().map(({ key, count }) => [key, count]));
}

const STEP = {
  forward: 1,
  "aten::addmm": 2,
  "aten::relu": 1,
  "aten::sub": 1,
  "aten::square": 1,
  "aten::mean": 1,
  "Optimizer.zero_grad#SGD.zero_grad": 1,
  MseLossBackward0: 1,
  PowBackward0: 1,
  SubBackward0: 1,
  AddmmBackward0: 2,
  ReluBackward0: 1,
  "torch::autograd::AccumulateGrad": 4,
  "Optimizer.step#SGD.step": 1,
};

describe("profile", () => {
  it("sees operations, derivatives, leaves, optimizers and named parts, each once", () => {
    const { step } = model();
    // The first step makes the momentum of four parameters.
    expect(counts(profiler.profile(step))).toEqual({ ...STEP, "aten::empty": 4, "aten::fill_": 4 });
    expect(counts(profiler.profile(step))).toEqual(STEP);
  });

  it("changes no result", () => {
    const [plain, watched] = [model(), model()];
    for (let i = 0; i < 3; i++) expect(profiler.profile(watched.step).result).toBe(plain.step());
    watched.parameters.forEach((p, i) => {
      expect(p.data()).toEqual(plain.parameters[i].data());
    });
  });

  it("sees derivatives that are recorded, with what they compute inside them", () => {
    const x = tensor([2], { requiresGrad: true });
    const profile = profiler.profile(() => autograd.grad(x.pow(3), [x], { createGraph: true })[0]);
    expect(profile.result.item()).toBe(12);
    const events = profile.events();
    const derivative = events.find(({ name }) => name === "PowBackward0") as profiler.ProfilerEvent;
    const inside = events.filter(({ depth }) => depth === derivative.depth + 1).map(({ name }) => name);
    expect(inside).toEqual(["aten::pow", "aten::mul", "aten::mul"]);
  });

  it("names operations in place, of other dtypes and draws as PyTorch does", () => {
    const run = (): void => {
      const x = rand(3);
      x.add_(1).mul_(x);
      x.gt(0.5).to("int32").bitwiseAnd(1);
      add(tensor([1], { dtype: "int32" }), tensor([0.5]));
    };
    expect(Object.keys(counts(profiler.profile(run)))).toEqual([
      "aten::empty",
      "aten::uniform_",
      "aten::add_",
      "aten::mul_",
      "aten::gt",
      "aten::_to_copy",
      "aten::bitwise_and",
      "aten::add",
    ]);
  });

  it("counts the bytes of results, and none for views", () => {
    const [a, b] = [ones(16, 8), ones(8, 4)];
    const averages = profiler.profile(() => matmul(a, b).view(-1)).keyAverages();
    expect(averages.map(({ key, cpuMemoryUsage }) => [key, cpuMemoryUsage])).toEqual([
      ["aten::matmul", 4 * 16 * 4],
      ["aten::view", 0],
    ]);
  });

  it("adds up: what runs inside lies inside, and times by themselves make up the whole", () => {
    const { step } = model();
    const profile = profiler.profile(() => profiler.recordFunction("all", step));
    const events = profile.events();
    const [all] = events;
    expect(all).toMatchObject({ name: "all", depth: 0 });
    const ends = [all.start + all.cpuTimeTotal];
    for (const { start, depth, cpuTimeTotal, selfCpuTimeTotal } of events.slice(1)) {
      ends.length = depth;
      expect(start + cpuTimeTotal).toBeLessThanOrEqual(ends[depth - 1] + 1e-6);
      expect(selfCpuTimeTotal).toBeLessThanOrEqual(cpuTimeTotal + 1e-6);
      ends.push(start + cpuTimeTotal);
    }
    const sum = profile.keyAverages().selfCpuTimeTotal;
    expect(sum).toBeCloseTo(all.cpuTimeTotal, 3);
    expect(all.cpuMemoryUsage).toBe(events.reduce((bytes, event) => bytes + event.selfCpuMemoryUsage, 0));
  });

  it("stops when the function throws, and reports the error", () => {
    const fail = (): Tensor => profiler.recordFunction("wrong", () => ones(2).add(ones(3)));
    expect(() => profiler.profile(fail)).toThrow(/size of tensor a \(2\) must match/);
    expect(counts(profiler.profile(() => ones(2).exp()))).toEqual({ "aten::empty": 1, "aten::exp": 1 });
  });

  it("refuses async functions and a profile inside a profile", () => {
    expect(() => profiler.profile(async () => 1)).toThrow(/async/);
    expect(() => profiler.profile(() => profiler.profile(() => 1))).toThrow(
      "Profiler is already enabled on this thread",
    );
    expect(profiler.profile(() => 1).result).toBe(1);
  });

  it("lets the nursery be turned over as usual", () => {
    const x = ones(1000);
    const before = memory.stats().usedBytes;
    profiler.profile(() => {
      for (let i = 0; i < 10_000; i++) x.add(i);
    });
    // The results alone are 40 MB.
    expect(memory.stats().usedBytes - before).toBeLessThan(8 * 2 ** 20);
  });

  describe("while everything moves", () => {
    beforeEach(() => memory.setStress(true));
    afterEach(() => memory.setStress(STRESS));

    it("sees the same", () => {
      const { step } = model();
      step();
      expect(counts(profiler.profile(step))).toEqual(STEP);
    });
  });
});

describe("recordFunction", () => {
  it("only runs its function when there is no profile", () => {
    expect(profiler.recordFunction("part", () => 3)).toBe(3);
    expect(() => profiler.recordFunction("part", async () => 3)).toThrow(/async/);
  });

  it("ends with its function also when that throws", () => {
    const profile = profiler.profile(() => {
      try {
        profiler.recordFunction("outer", () => {
          throw new Error("no");
        });
      } catch {}
      return profiler.recordFunction("next", () => 1);
    });
    expect(profile.events().map(({ name, depth }) => [name, depth])).toEqual([
      ["outer", 0],
      ["next", 0],
    ]);
  });
});

describe("the table", () => {
  const profile = profiler.profile(() => {
    const x = ones(1024);
    x.exp().exp();
    return x.neg();
  });

  it("has PyTorch's columns and lines", () => {
    const lines = profile.keyAverages().table().split("\n");
    const columns =
      "Name  Self CPU %  Self CPU  CPU total %  CPU total  CPU time avg  CPU Mem  Self CPU Mem  # of Calls";
    expect(lines[1].trim().split(/ {2,}/)).toEqual(columns.split("  "));
    expect(lines[0]).toMatch(/^(-+ {2}){9}$/);
    expect([lines[2], lines[6]]).toEqual([lines[0], lines[0]]);
    expect(lines.slice(3, 6).map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      "aten::empty",
      "aten::exp",
      "aten::neg",
    ]);
    const cells = lines[4].trim().split(/ {2,}/);
    // On edge platforms clocks stand still while a program computes; PyTorch prints a share of nothing as NaN.
    const total = profile.keyAverages().reduce((sum, { selfCpuTimeTotal }) => sum + selfCpuTimeTotal, 0);
    expect(cells[1]).toMatch(total > 0 ? /^\d+\.\d\d%$/ : /^NaN$/);
    expect(cells[2]).toMatch(/^\d+\.\d{3}(us|ms|s)$/);
    expect(cells.slice(6)).toEqual(["8.00 Kb", "8.00 Kb", "2"]);
    expect(lines[7]).toMatch(/^Self CPU time total: \d+\.\d{3}(us|ms|s)$/);
  });

  it("is sorted and cut as asked", () => {
    const names = (text: string): string[] => [...text.matchAll(/aten::\w+/g)].map(([name]) => name);
    expect(names(profile.keyAverages().table({ sortBy: "count", rowLimit: 1 }))).toEqual(["aten::exp"]);
    expect(names(profile.keyAverages().table({ rowLimit: -1 }))).toHaveLength(3);
    expect(() => profile.keyAverages().table({ sortBy: "cuda" as never })).toThrow(/cannot sort by 'cuda'/);
    const times = profile.keyAverages().sort((a, b) => b.selfCpuTimeTotal - a.selfCpuTimeTotal);
    expect(names(String(profile))).toEqual(times.map(({ key }) => key));
  });
});

describe("the trace", () => {
  it("holds complete events that tracing tools read", () => {
    const { step } = model();
    const profile = profiler.profile(step);
    const { traceEvents } = JSON.parse(profile.exportChromeTrace());
    const complete = traceEvents.filter(({ ph }: { ph: string }) => ph === "X");
    expect(complete.map(({ name }: { name: string }) => name)).toEqual(profile.events().map(({ name }) => name));
    for (const { ts, dur, pid, tid, cat } of complete) {
      expect(ts).toBeGreaterThanOrEqual(0);
      expect(dur).toBeGreaterThanOrEqual(0);
      expect([pid, tid]).toEqual([1, 1]);
      expect(["cpu_op", "user_annotation"]).toContain(cat);
    }
    expect(traceEvents.find(({ name }: { name: string }) => name === "process_name").ph).toBe("M");
  });
});
