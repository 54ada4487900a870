import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { Arena, randomNumbers, SIZES } from "./arena.ts";
import { compileKernels, targets } from "./compile.ts";

interface Kernels {
  memory: WebAssembly.Memory;
  // biome-ignore format: as in the kernel
  sgd(
    p: number, g: number, buf: number, n: number, lr: number, momentum: number, dampening: number, weightDecay: number,
    nesterov: boolean, maximize: boolean, firstStep: boolean,
  ): void;
  // biome-ignore format: as in the kernel
  adam(
    p: number, g: number, m: number, v: number, vmax: number, n: number, lr: number, beta1: number, beta2: number,
    eps: number, weightDecay: number, decoupled: boolean, maximize: boolean, biasCorrection1: number,
    biasCorrection2Sqrt: number,
  ): void;
}

interface Options {
  lr?: number;
  momentum?: number;
  dampening?: number;
  weight_decay?: number;
  nesterov?: boolean;
  maximize?: boolean;
  betas?: [number, number];
  eps?: number;
  amsgrad?: boolean;
}

interface Run {
  kind: "sgd" | "adam" | "adamw";
  options: Options;
  before: number[];
  steps: { grad: number[]; after: number[]; state: Record<string, number[]> }[];
}

const runs: Run[] = JSON.parse(readFileSync(new URL("../data/optim.json", import.meta.url), "utf8"));

describe.each(targets)("optimizer steps, %s build", (target) => {
  let kernels: Kernels;
  let arena: Arena;

  beforeAll(async () => {
    kernels = await compileKernels<Kernels>("optim.entry.ts", target);
    arena = new Arena(kernels.memory);
  }, 120_000);

  interface Parameter {
    n: number;
    p: number;
    state: Record<string, number>;
    step(grad: ArrayLike<number>): void;
  }

  /** A parameter that lies as in a view, and its optimizer. */
  function parameter(kind: Run["kind"], o: Options, before: ArrayLike<number>): Parameter {
    arena.reset();
    const n = before.length;
    const p = arena.f32(before, 4);
    const g = arena.reserve(n * 4, 8);
    let t = 0;
    const step = (grad: ArrayLike<number>, update: () => void): void => {
      new Float32Array(kernels.memory.buffer, g, n).set(grad);
      t++;
      update();
    };
    if (kind === "sgd") {
      const { lr = 1e-3, momentum = 0, dampening = 0, weight_decay: decay = 0 } = o;
      const buf = momentum ? arena.reserve(n * 4, 12) : 0;
      const flags = [o.nesterov ?? false, o.maximize ?? false] as const;
      const update = (): void => kernels.sgd(p, g, buf, n, lr, momentum, dampening, decay, ...flags, t === 1);
      return { n, p, state: { momentum_buffer: buf }, step: (grad) => step(grad, update) };
    }
    const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weight_decay: decay = kind === "adamw" ? 0.01 : 0 } = o;
    const zeros = new Float32Array(n);
    const [m, v, vmax] = [arena.f32(zeros, 4), arena.f32(zeros, 8), o.amsgrad ? arena.f32(zeros, 12) : 0];
    const update = (): void => {
      const [c1, c2] = betas.map((beta) => 1 - beta ** t);
      const flags = [kind === "adamw", o.maximize ?? false] as const;
      kernels.adam(p, g, m, v, vmax, n, lr, ...betas, eps, decay, ...flags, c1, Math.sqrt(c2));
    };
    const state = { exp_avg: m, exp_avg_sq: v, max_exp_avg_sq: vmax };
    return { n, p, state, step: (grad) => step(grad, update) };
  }

  /**
   * PyTorch fuses multiply-adds, the plain build rounds twice. So every step may add a rounding or two, each relative
   * to what is added up there: the gradient, and the values before.
   */
  class Check {
    readonly #largest: number[];
    #steps = 0;

    constructor(before: ArrayLike<number>) {
      this.#largest = Array.from(before, Math.abs);
    }

    step(actual: Float32Array, expected: number[], grad: number[], what: string): void {
      this.#steps++;
      actual.forEach((x, i) => {
        const largest = Math.max(this.#largest[i], Math.abs(expected[i]), Math.abs(grad[i]));
        const error = Math.abs(x - expected[i]);
        if (!(error <= this.#steps * 2 ** -23 * largest)) throw new Error(`${what}[${i}] is ${x}, not ${expected[i]}`);
        this.#largest[i] = largest;
      });
    }
  }

  it.each(runs)("$kind $options, as PyTorch", ({ kind, options, before, steps }) => {
    const moved = parameter(kind, options, before);
    const arrays = new Map([["p", { at: moved.p, check: new Check(before) }]]);
    for (const name of Object.keys(steps[0].state)) {
      arrays.set(name, { at: moved.state[name], check: new Check(before.map(() => 0)) });
    }
    steps.forEach(({ grad, after, state }, t) => {
      moved.step(grad);
      arena.checkGuards();
      for (const [name, { at, check }] of arrays) {
        check.step(arena.readF32(at, moved.n), name === "p" ? after : state[name], grad, `step ${t + 1}: ${name}`);
      }
    });
  });

  it.each(SIZES)("%i elements are treated alike, wherever they stand, and no others", (n) => {
    const random = randomNumbers(n);
    const [before, grad] = [0, 0].map(() => Float32Array.from({ length: n }, () => random() - 0.5));
    const options = { lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.1, amsgrad: true };
    for (const kind of ["sgd", "adamw"] as const) {
      const whole = parameter(kind, options, before);
      whole.step(grad);
      whole.step(grad);
      arena.checkGuards();
      const after = arena.readF32(whole.p, n);
      for (const i of [0, n - 1, n - 2, n >> 1].filter((i) => i >= 0 && i < n)) {
        const alone = parameter(kind, options, before.slice(i, i + 1));
        alone.step(grad.slice(i, i + 1));
        alone.step(grad.slice(i, i + 1));
        expect(arena.readF32(alone.p, 1)[0]).toBe(after[i]);
      }
    }
  });

  it("an infinite parameter without weight decay stays infinite", () => {
    for (const kind of ["sgd", "adam"] as const) {
      const one = parameter(kind, { lr: 0.1 }, [Number.POSITIVE_INFINITY, Number.NaN, 1]);
      one.step([1, 1, Number.NaN]);
      const expected = [Number.POSITIVE_INFINITY, Number.NaN, Number.NaN];
      expect([...arena.readF32(one.p, 3)]).toEqual(expected);
    }
  });

  it("a NaN enters the maximum of AMSGrad", () => {
    const one = parameter("adam", { amsgrad: true }, [1, 1]);
    one.step([Number.NaN, 2]);
    expect([...arena.readF32(one.state.max_exp_avg_sq, 2)].map(Number.isNaN)).toEqual([true, false]);
  });
});
