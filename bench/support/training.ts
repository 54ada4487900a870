import type { Tensor } from "tapegrad";
import { NotAvailable, type Sides, type Task, type Variant } from "../harness/case.ts";
import { uniform } from "../harness/data.ts";
import type { Tapegrad } from "../peers/tapegrad.ts";

/** Fills a module's parameters, in their order, with given numbers. */
export function setParameters(tg: Tapegrad, parameters: Iterable<Tensor>, values: Float32Array[]): void {
  let next = 0;
  for (const parameter of parameters) {
    const data = tg.tensor(values[next++], { shape: [...parameter.shape] });
    tg.noGrad(() => {
      parameter.copy_(data);
    });
  }
}

/** Numbers for a module with many parameters: of parameter i, uniform from seed + i, bounded by 1/√(inputs of a unit). */
export function seedParameters(tg: Tapegrad, parameters: Iterable<Tensor>, seed: number): void {
  const all = [...parameters];
  const values = all.map(({ shape }, i) => {
    const count = shape.reduce((product, size) => product * size, 1);
    return uniform(count, seed + i, 1 / Math.sqrt(count / (shape.length > 1 ? shape[0] : 1)));
  });
  setParameters(tg, all, values);
}

/** The function that makes a recorded step; a library without it cannot take part in what needs it. */
export function compile(tg: Tapegrad, fn: () => Tensor): () => Tensor {
  return part<(fn: () => Tensor) => () => Tensor>(tg, "compile")(fn);
}

/** A part of the library that not every version has, by its path: `part(tg, "nn", "Conv2d")`. */
export function part<T>(tg: Tapegrad, ...path: string[]): T {
  let value: unknown = tg;
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name];
  if (value === undefined) throw new NotAvailable(`tapegrad has no ${path.join(".")}`);
  return value as T;
}

/** Learning rate that makes the first losses differ visibly from side to side if an optimizer or a gradient is wrong. */
const CHECKED_RATE = 1e-2;

/**
 * Learning rate while the clock runs: as much work, but thousands of repetitions on one batch do not drive the loss to
 * zero and the gradients into denormals, which no real training sees.
 */
export const TIMED_RATE = 1e-6;

const CHECKED_STEPS = 5;

/** Makes a task of training steps from a way to build them; checks the first losses. */
export function training(
  build: (rate: number) => () => unknown,
  loss: (result: unknown) => number,
  checkedSteps: number = CHECKED_STEPS,
): Task {
  return {
    run: build(TIMED_RATE),
    check: () => {
      const step = build(CHECKED_RATE);
      return Array.from({ length: checkedSteps }, () => loss(step()));
    },
  };
}

/** `training` for steps that answer with a promise of their loss. */
export function asyncTraining(build: (rate: number) => () => Promise<number>): Task {
  return {
    run: build(TIMED_RATE),
    check: async () => {
      const step = build(CHECKED_RATE);
      const losses: number[] = [];
      for (let i = 0; i < CHECKED_STEPS; i++) losses.push(await step());
      return losses;
    },
  };
}

/** tapegrad's three ways to run a training step: eagerly, compiled, and inside `scope`. */
export function tapegradSteps<V extends Variant>(
  build: (tg: Tapegrad, variant: V, rate: number) => () => Tensor,
): Required<Pick<Sides<V>, "tapegrad" | "compiled" | "scoped">> {
  const loss = (result: unknown): number => (result as Tensor).item() as number;
  return {
    tapegrad: (tg, variant) => training((rate) => build(tg, variant, rate), loss),
    compiled: (tg, variant) => training((rate) => compile(tg, build(tg, variant, rate)), loss),
    scoped: (tg, variant) =>
      training(
        (rate) => {
          const step = build(tg, variant, rate);
          const item = (): number => step().item() as number;
          return () => tg.scope(item);
        },
        (result) => result as number,
      ),
  };
}
