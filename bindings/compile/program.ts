/** A recorded call that can be run again. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { Replayed, Settings } from "../../assembly/abi/program.ts";
import { Status } from "../../assembly/abi/status.ts";
import { backward } from "../autograd/backward.ts";
import { recordExternal } from "../autograd/external.ts";
import { isGradEnabled, isInferenceModeEnabled, noGrad } from "../autograd/mode.ts";
import type { Gradients } from "../autograd/node.ts";
import { TensorBase } from "../core/base.ts";
import { failure, whilePinned, withMemory, wrap } from "../core/dispatch.ts";
import { GradError } from "../core/errors.ts";
import { address, DISPOSED, turnover } from "../core/generation.ts";
import { outOfMemory } from "../core/out-of-memory.ts";
import { inForm } from "../core/tree.ts";
import { core, i32, setDoublesAt, setList, status } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import type { Captured, Recorded } from "./recording.ts";
import { type Form, fits } from "./signature.ts";

/** What a call found: the tensors among its arguments. */
export type Arguments = Tensor[];

export class Program {
  readonly #forms: readonly Form[];
  readonly #recorded: Recorded;
  readonly #gradMode: boolean = isGradEnabled();
  readonly #inference: boolean = isInferenceModeEnabled();
  readonly #checked: readonly Captured[];
  /** Leaves whose gradient each replay clears or makes. */
  readonly #owners: readonly Captured[];
  #runs = 0;
  #disposed = false;

  /** @param owner lives as long as a graph may come back to this program: its end frees the memory */
  constructor(
    forms: readonly Form[],
    recorded: Recorded,
    readonly owner: unknown,
  ) {
    this.#forms = forms;
    this.#recorded = recorded;
    this.#checked = recorded.captured;
    this.#owners = recorded.captured.filter((c) => c.clearsGrad || (c.usesGrad && c.grad === 0));
  }

  get pointer(): number {
    return this.#recorded.pointer;
  }

  /** The tensors of a call that this program fits; null if it does not. */
  match(args: readonly unknown[]): Arguments | null {
    if (args.length !== this.#forms.length) return null;
    if (this.#gradMode !== isGradEnabled() || this.#inference !== isInferenceModeEnabled()) return null;
    const tensors: Tensor[] = [];
    for (let i = 0; i < args.length; i++) if (!fits(this.#forms[i], args[i], tensors)) return null;
    const view = i32();
    for (const { t, p, requiresGrad, grad, usesGrad, clearsGrad } of this.#checked) {
      if (t._g === DISPOSED) return null;
      const flags = view[(p + TensorField.DType) >>> 2] >>> 16;
      if (((flags & TensorFlag.RequiresGrad) !== 0) !== requiresGrad) return null;
      if (!usesGrad || clearsGrad) continue;
      if (view[(p + TensorField.Grad) >>> 2] !== grad || keepsGrad(t)) return null;
    }
    for (const holds of this.#recorded.guards) if (!holds()) return null;
    return tensors;
  }

  /** Runs it, and returns what the function would return. */
  run(args: readonly Tensor[]): unknown {
    const { pointer, settings, callouts, effects } = this.#recorded;
    // Whoever holds a gradient keeps its value.
    for (const { t } of this.#owners) if (t instanceof TensorBase && t.known()?.gradView) t.dropGrad();
    for (const { t, clearsGrad } of this.#owners) if (clearsGrad && keepsGrad(t)) (t as Tensor).dropGrad();
    const first = core.programSettings(pointer);
    settings.forEach((now, i) => {
      setDoublesAt(first + i * Settings.COUNT * 8, now());
    });
    this.#runs++;
    let at = this.#start(args);
    for (let k = 0; at > 0; k++) {
      callouts[k]();
      at = core.replay(pointer, at);
    }
    if (at === Replayed.Failed) throw this.#failure(args);
    const list = outputsInList(this.#recorded.outputCount);
    for (const effect of effects) effect();
    return this.finish(
      args,
      list.map((p) => wrap(p)),
    );
  }

  #start(args: readonly Tensor[]): number {
    const { pointer } = this.#recorded;
    const call = (): number => {
      const list = args.map((t) => address(t));
      list.push(0);
      setList(list);
      return core.replay(pointer, 0);
    };
    const at = call();
    if (at !== Replayed.Turnover) return at;
    turnover();
    return whilePinned(call);
  }

  #failure(args: readonly Tensor[]): Error {
    return status() === Status.OutOfMemory ? outOfMemory(0) : failure("compile", args);
  }

  /** Gives the arguments their gradients and makes the value that is returned. */
  finish(args: readonly Tensor[], outputs: readonly Tensor[]): unknown {
    const run = this.#runs;
    return finishCall(this.#recorded, args, outputs, (gradients) => this.#differentiate(gradients, run));
  }

  /** The derivative of the call that was recorded. */
  differentiateFirst(gradOutputs: Gradients): Gradients {
    return this.#differentiate(gradOutputs, 0);
  }

  #differentiate(gradOutputs: Gradients, run: number): Gradients {
    const { pointer, derivative } = this.#recorded;
    if (derivative === null) return [];
    if (this.#disposed)
      throw new GradError("compile: backward() through a compiled function that has been disposed of");
    if (run !== this.#runs) {
      throw new GradError(
        "compile: backward() through an earlier call of a compiled function, whose intermediate results a later call has " +
          "overwritten. Call backward() before the next call, or compile a function that calls backward() itself.",
      );
    }
    if (isGradEnabled()) {
      throw new GradError(
        "compile: the derivative of a compiled function has no derivative of its own; compile a function that computes both.",
      );
    }
    derivative.seeds.forEach((seed, i) => {
      const g = gradOutputs[i];
      if (g) core.copyElements(address(g), seed);
      else core.fillElements(seed, 0);
    });
    if (core.replay(pointer, -1) !== Replayed.Done) throw this.#failure([]);
    return derivative.gradients.map((g) => wrap(withMemory(() => core.toNursery(g))));
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    core.programFree(this.#recorded.pointer);
  }
}

function keepsGrad(t: Captured["t"]): boolean {
  return t instanceof TensorBase && Boolean(t.known()?.grad);
}

function outputsInList(count: number): number[] {
  const at = (core.argsAddress() + 96) >>> 2;
  const view = i32();
  return Array.from({ length: count }, (_, i) => view[at + i]);
}

/** What a call returns, given fresh copies of the program's outputs. */
export function finishCall(
  recorded: Omit<Recorded, "pointer">,
  args: readonly Tensor[],
  outputs: readonly Tensor[],
  differentiate: (gradients: Gradients) => Gradients,
): unknown {
  const { result, derivative, inputGrads, written } = recorded;
  for (const { at, own } of written) noGrad(() => args[at].copy_(wrap(own)));
  for (const { at, gradient } of inputGrads) {
    const t = args[at];
    if (t.isLeaf) {
      if (!core.accumulateGrad(address(t), gradient)) throw outOfMemory(0);
    } else backward(t, wrap(withMemory(() => core.toNursery(gradient))));
  }
  if (derivative) {
    const inputs = [...derivative.inputs.map((i) => args[i]), ...derivative.leaves];
    const roots = derivative.outputs.map((i) => outputs[i]);
    recordExternal("CompiledFunctionBackward", inputs, roots, true, { backward: differentiate });
  }
  return inForm(
    result.value,
    result.places.map(({ kind, at }) => (kind === "output" ? outputs : kind === "input" ? args : result.outside)[at]),
  );
}
