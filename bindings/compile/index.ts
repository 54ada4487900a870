/** Functions that are recorded once and replayed in one call into the core. */
import { anomaly } from "../autograd/anomaly.ts";
import { refuseAsync } from "../autograd/mode.ts";
import { withMemory, wrap } from "../core/dispatch.ts";
import { DisposedError } from "../core/errors.ts";
import { outOfMemory } from "../core/out-of-memory.ts";
import { recorder } from "../core/recording.ts";
import { leavesOf } from "../core/tree.ts";
import { core } from "../core/wasm.ts";
import { watcher } from "../core/watch.ts";
import type { Tensor } from "../tensor.ts";
import { finishCall, Program } from "./program.ts";
import { canRecord, record } from "./recording.ts";
import { formOf } from "./signature.ts";

/** A function made by `compile`. */
export interface Compiled<A extends readonly unknown[], R> {
  (...args: A): R;
  /** How many programs it holds: one for each kind of call that it has seen. */
  readonly programs: number;
  /** Gives the memory of its programs back. Calling it afterwards is an error. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** More kinds of calls than this, and the program that has not been used for longest goes. */
const MOST_PROGRAMS = 16;

/** Memory of the core: what is left of a function that has become garbage, which it must not refer to. */
interface Held {
  programs: Set<number>;
  /** Gradients of leaves that the programs share; 0: none yet. */
  group: number;
}

interface Programs {
  /** The one used last first. */
  list: Program[];
  readonly held: Held;
  /** The compiled function itself. */
  owner: unknown;
  disposed: boolean;
}

const registry: FinalizationRegistry<Held> | null =
  typeof FinalizationRegistry === "undefined" ? null : /* @__PURE__ */ new FinalizationRegistry<Held>(release);

function release({ programs, group }: Held): void {
  for (const program of programs) core.programFree(program);
  if (group) core.programGroupFree(group);
}

/** Takes the program that has not been used for longest away. */
function drop({ list, held }: Programs): void {
  const program = list.pop() as Program;
  held.programs.delete(program.pointer);
  program.dispose();
}

function call(programs: Programs, fn: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
  if (programs.disposed) throw new DisposedError("a compiled function was called after dispose()");
  const { list } = programs;
  // Part of the program of the function around it; or there is nothing to gain.
  if (recorder !== null || anomaly.isOn) return fn(...args);
  for (let i = 0; i < list.length; i++) {
    const tensors = list[i].match(args);
    if (!tensors) continue;
    const program = list[i];
    if (i > 0) list.unshift(...list.splice(i, 1));
    return watcher
      ? watcher.range("compiled function", "user_annotation", () => program.run(tensors))
      : program.run(tensors);
  }
  if (!canRecord()) return fn(...args);
  return first(programs, fn, args);
}

function first(programs: Programs, fn: (...args: unknown[]) => unknown, args: readonly unknown[]): unknown {
  const { held, list } = programs;
  if (held.group === 0) held.group = core.programGroup();
  if (held.group === 0) throw outOfMemory(0);
  const tensors: Tensor[] = leavesOf(args);
  const forms = args.map(formOf);
  let program: Program | null = null;
  const { recorded, finished } = record(fn, args, tensors, held.group, (found, outputs) => {
    const copies = outputs.map((p) => wrap(withMemory(() => core.toNursery(p))));
    return finishCall(found, tensors, copies, (gradients) => (program as Program).differentiateFirst(gradients));
  });
  program = new Program(forms, recorded, programs.owner);
  list.unshift(program);
  held.programs.add(program.pointer);
  if (list.length > MOST_PROGRAMS) drop(programs);
  return finished;
}

/**
 * A function that does what `fn` does, faster. Its first call runs `fn` and records what is computed: forward, backward,
 * update of the optimizer and all. Later calls with arguments of the same kind replay that in one call into the core, without
 * running `fn`.
 *
 * A program is made for each kind of call: shapes, dtypes and requiresGrad of the tensors among the arguments (also inside
 * arrays and plain objects), all other arguments by value, grad mode, and whether the modules that are called are training.
 * Settings of optimizers stay live, and random numbers are drawn anew. Results are fresh tensors. See docs/compile.md.
 * @throws {TypeError} not a function
 * @throws {TensorError} for an async function; in the first call, if `fn` reads elements (item(), data(), printing)
 * @see PyTorch torch.compile
 * @example
 * const model = new nn.Linear(2, 1);
 * const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
 * const step = compile((x: Tensor, y: Tensor) => {
 *   optimizer.zeroGrad();
 *   const loss = nn.functional.mseLoss(model(x), y);
 *   loss.backward();
 *   optimizer.step();
 *   return loss;
 * });
 * for (let i = 0; i < 3; i++) step(ones(4, 2), zeros(4, 1));
 * step.programs; // 1
 */
export function compile<A extends readonly unknown[], R>(fn: (...args: A) => R): Compiled<A, R> {
  refuseAsync(fn, "compile");
  const programs: Programs = { list: [], held: { programs: new Set(), group: 0 }, owner: null, disposed: false };
  const run = fn as unknown as (...args: unknown[]) => unknown;
  const compiled = ((...args: unknown[]): unknown => call(programs, run, args)) as unknown as Compiled<A, R>;
  programs.owner = compiled;
  const dispose = (): void => {
    if (programs.disposed) return;
    programs.disposed = true;
    registry?.unregister(programs);
    while (programs.list.length > 0) drop(programs);
    release(programs.held);
  };
  Object.defineProperties(compiled, {
    programs: { get: () => programs.list.length },
    dispose: { value: dispose },
    [Symbol.dispose]: { value: dispose },
  });
  registry?.register(compiled, programs.held, programs);
  return compiled;
}
