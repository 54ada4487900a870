import { expect } from "vitest";
import { compile, manualSeed, type nn, type Tensor } from "../../bindings/index.ts";

/** Something to train: a step, and whatever must come out alike. */
export interface Twin {
  step(...args: Tensor[]): Tensor | Tensor[];
  model: nn.Module;
  /** Between steps, outside of what is compiled. */
  between?(i: number): void;
}

const bytes = (t: Tensor | null): string => (t ? `${t.dtype} ${t.shape} ${t.data()}` : "null");

/** Everything that training changes. */
export function stateOf(model: nn.Module): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries(model.stateDict()).map(([key, t]) => [key, bytes(t)]),
    ...model.namedParameters().map(([key, p]) => [`${key}.grad`, bytes(p.grad)]),
  ]);
}

/** Runs one twin eagerly and the other compiled, and expects the same bits of both. Returns how many programs it took. */
export function expectSame(build: () => Twin, batches: (i: number) => Tensor[] = () => [], steps = 20): number {
  const run = (compiled: boolean): { losses: string[]; state: Record<string, string>; programs: number } => {
    manualSeed(7);
    const { step, model, between } = build();
    const replayed = compile(step);
    const losses: string[] = [];
    for (let i = 0; i < steps; i++) {
      const loss = (compiled ? replayed : step)(...batches(i));
      losses.push((Array.isArray(loss) ? loss : [loss]).map(bytes).join(";"));
      between?.(i);
    }
    const { programs } = replayed;
    const state = stateOf(model);
    replayed.dispose();
    return { losses, state, programs };
  };
  const eager = run(false);
  const compiled = run(true);
  expect(compiled.losses).toEqual(eager.losses);
  expect(compiled.state).toEqual(eager.state);
  return compiled.programs;
}
