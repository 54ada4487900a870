/** Anomaly mode: the stack of the forward call for each node, and an error where a derivative gives NaN. */
import { GradError } from "../core/errors.ts";
import { type ModeGuard, refuseAsync, refusePromise } from "./mode.ts";
import { extrasAt, type Gradients, nameAt, nodeExtras, type SavedNode, type Trace } from "./node.ts";
import { observe, observing } from "./observe.ts";

export interface AnomalyOptions {
  /** Raise where a derivative gives NaN; false: only keep stacks. Default: true. */
  checkNan?: boolean;
}

/** How deep stacks are kept: the user's own line is seldom at the top. */
const STACK_DEPTH = 50;

class Anomaly {
  isOn = false;
  private checkNan = true;
  /** Ends watching, where it was turned on for good. */
  private stop: (() => void) | null = null;
  /** The node whose derivative is being computed, and maybe recorded. */
  private inducing: Trace | null = null;

  run<T>(checkNan: boolean, fn: () => T): T {
    const before = { isOn: this.isOn, checkNan: this.checkNan };
    Object.assign(this, { isOn: true, checkNan });
    try {
      return observing((node) => this.keepStack(node), fn);
    } finally {
      Object.assign(this, before);
    }
  }

  /** Turns it on or off for good; returns how to undo that. */
  set(isOn: boolean, checkNan: boolean): () => void {
    const before = { isOn: this.isOn, checkNan: this.checkNan };
    this.stop?.();
    this.stop = isOn ? observe((node) => this.keepStack(node)) : null;
    Object.assign(this, { isOn, checkNan });
    return () => this.set(before.isOn, before.checkNan);
  }

  private keepStack(node: SavedNode): void {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = STACK_DEPTH;
    const stack = (new Error().stack ?? "").replace(/^.*\n?/, "");
    Error.stackTraceLimit = limit;
    nodeExtras(node.pointer).trace ??= { stack, name: nameAt(node.pointer), parent: this.inducing };
  }

  /** Runs a node's derivative: reports where the node came from if it fails, and looks for NaN in what it gives. */
  watch(node: SavedNode, run: () => Gradients): Gradients {
    const outer = this.inducing;
    const trace = extrasAt(node.pointer)?.trace ?? null;
    this.inducing = trace;
    try {
      const gradients = run();
      if (this.checkNan) refuseNan(node, gradients);
      return gradients;
    } catch (error) {
      report(nameAt(node.pointer), trace);
      throw error;
    } finally {
      this.inducing = outer;
    }
  }
}

function refuseNan(node: SavedNode, gradients: Gradients): void {
  for (const [i, g] of gradients.entries()) {
    if (!g?.isFloatingPoint() || !g.data().some(Number.isNaN)) continue;
    throw new GradError(`Function '${nameAt(node.pointer)}' returned nan values in its ${i}th output.`);
  }
}

function report(name: string, trace: Trace | null): void {
  if (!trace) {
    console.warn(
      `Error detected in ${name}. No forward pass information available. Enable detect anomaly during forward pass for more ` +
        "information.",
    );
    return;
  }
  let text = `Error detected in ${name}. Stack of the forward call that caused the error:\n${trace.stack}`;
  for (let parent = trace.parent; parent; parent = parent.parent) {
    text += `\n\nThe previous calculation was induced by ${parent.name}. Stack of the forward call that induced it:\n${parent.stack}`;
  }
  console.warn(text);
}

export const anomaly: Anomaly = /* @__PURE__ */ new Anomaly();

/**
 * Runs `fn`, which should hold both the forward calls and backward(). A derivative that gives NaN raises, and an error of
 * backward() is preceded by a warning with the stack of the forward call that it comes from. It makes everything slower: for
 * finding mistakes only.
 * @throws {GradError} "Function 'SqrtBackward0' returned nan values in its 0th output."
 * @throws {TensorError} for an async function
 * @see PyTorch torch.autograd.detect_anomaly
 * @example
 * const x = tensor([-1], { requiresGrad: true });
 * autograd.detectAnomaly(() => x.sqrt().sum().backward()); // throws Function 'SqrtBackward0' returned nan values
 */
export function detectAnomaly<T>(fn: () => T, options: AnomalyOptions = {}): T {
  refuseAsync(fn, "detectAnomaly");
  return anomaly.run(options.checkNan ?? true, () => refusePromise(fn(), "detectAnomaly"));
}

/**
 * Turns anomaly mode on or off for good, or until the guard that is returned is disposed of.
 * @see detectAnomaly
 * @example
 * using _ = autograd.setDetectAnomaly(true);
 * autograd.isAnomalyEnabled(); // true
 */
export function setDetectAnomaly(mode: boolean, options: AnomalyOptions = {}): ModeGuard {
  if (typeof mode !== "boolean") throw new TypeError(`setDetectAnomaly: expected a boolean, got ${typeof mode}`);
  const undo = anomaly.set(mode, options.checkNan ?? true);
  return { [Symbol.dispose]: undo };
}

/** Whether anomaly mode is on. @example autograd.isAnomalyEnabled() // false */
export function isAnomalyEnabled(): boolean {
  return anomaly.isOn;
}
