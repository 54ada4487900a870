import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import type * as Library from "../../bindings/index.ts";
import { bits } from "./support.ts";

const BINDINGS = new URL("../../bindings/index.ts", import.meta.url).href;

/** The library on an instance of its own, which nobody has asked for threads yet. */
async function fresh(): Promise<typeof Library> {
  vi.resetModules();
  return import("../../bindings/index.ts");
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("setNumThreads", () => {
  it("is at one until told otherwise, and takes what PyTorch takes", async () => {
    const { getNumThreads, setNumThreads } = await fresh();
    expect(getNumThreads()).toBe(1);
    setNumThreads(3);
    expect(getNumThreads()).toBe(3);
    setNumThreads(1);
    expect(getNumThreads()).toBe(1);
    const wrong = (value: unknown) => () => setNumThreads(value as number);
    expect(wrong(0)).toThrow("set_num_threads expects a positive integer");
    expect(wrong(-1)).toThrow(RangeError);
    expect(wrong(1.5)).toThrow("set_num_threads expects an int, but got 1.5");
    expect(wrong("2")).toThrow("set_num_threads expects an int, but got string");
    expect(wrong(undefined)).toThrow(TypeError);
    expect(wrong(257)).toThrow("at most 256 threads, got 257");
    expect(getNumThreads()).toBe(1);
  });

  it("leaves every tensor as it is: old and new, in graphs, parameters and what optimizers keep", async () => {
    const train = async (change: (lib: typeof Library, step: number) => void): Promise<number[][]> => {
      const lib = await fresh();
      const { manualSeed, nn, optim, randn } = lib;
      manualSeed(1);
      const model = new nn.Sequential(new nn.Linear(8, 16), new nn.Tanh(), new nn.Linear(16, 1));
      const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
      const x = randn(32, 8);
      const kept = [];
      for (let step = 0; step < 6; step++) {
        optimizer.zeroGrad();
        const loss = model(x).sub(1).pow(2).mean();
        // In the middle of a graph that waits for its walk, with results of earlier generations at hand.
        change(lib, step);
        loss.backward();
        optimizer.step();
        kept.push(loss.detach(), randn(3));
        lib.memory.collect();
      }
      return [...kept, ...model.parameters()].map(bits);
    };
    const alone = await train(() => {});
    const moved = await train(({ setNumThreads }, step) => {
      if (step === 2) setNumThreads(2);
      if (step === 4) setNumThreads(1);
    });
    expect(moved).toEqual(alone);
  });

  it("inside a hook, while a walk is under way", async () => {
    const { ones, setNumThreads } = await fresh();
    const x = ones(5).requiresGrad_();
    const y = x.mul(2);
    y.registerHook((g) => {
      setNumThreads(2);
      return g.mul(3);
    });
    y.sin().sum().backward();
    expect(x.grad?.div(ones(5).mul(2).cos()).sub(6).abs().amax().item()).toBeLessThan(1e-5);
  });

  it("sees memory that has grown", async () => {
    const { memory, ones, setNumThreads, zeros } = await fresh();
    const before = ones(1000);
    setNumThreads(2);
    const { wasmBytes } = memory.stats();
    const count = wasmBytes / 2;
    const large = zeros(count).add(3);
    expect(memory.stats().wasmBytes).toBeGreaterThan(2 * count);
    expect(large.data()[count - 1]).toBe(3);
    expect(large.amin().item()).toBe(3);
    expect(before.sum().item()).toBe(1000);
    expect(before.data().buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("is refused memory beyond the limit as ever", async () => {
    const { memory, OutOfMemoryError, setNumThreads, zeros } = await fresh();
    setNumThreads(2);
    memory.setLimit(2 ** 24);
    expect(() => zeros(2 ** 23).add(1)).toThrow(OutOfMemoryError);
    expect(zeros(10).add(1).sum().item()).toBe(10);
  });
});

describe("where there are no threads, setNumThreads says why and changes nothing:", () => {
  async function refusal(): Promise<string> {
    const { getNumThreads, ones, setNumThreads } = await fresh();
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const x = ones(4);
    setNumThreads(2);
    setNumThreads(4);
    expect(getNumThreads()).toBe(1);
    expect(x.sum().item()).toBe(4);
    expect(warn).toHaveBeenCalledTimes(1);
    return String(warn.mock.calls[0][0]);
  }

  it("a runtime without workers", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    expect(await refusal()).toBe("setNumThreads(2): this runtime has no threads. Everything goes on with one thread.");
  });

  it("a page that is not isolated", async () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    vi.stubGlobal("Worker", class {});
    vi.stubGlobal("crossOriginIsolated", false);
    expect(await refusal()).toMatch(/Cross-Origin-Opener-Policy: same-origin/);
  });
});

describe("a program with idle threads", () => {
  it("ends by itself", () => {
    const program = `
      import { matmul, ones, setNumThreads } from ${JSON.stringify(BINDINGS)};
      setNumThreads(2);
      const a = ones(300, 300);
      console.log(matmul(a, a).sum().item());
      setTimeout(() => console.log("done"), 200);
    `;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      { encoding: "utf8", cwd: fileURLToPath(new URL("../..", import.meta.url)), timeout: 100_000 },
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual(["27000000", "done", ""]);
    expect(status).toBe(0);
  });
});
