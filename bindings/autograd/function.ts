/** Custom functions: `class Fn extends autograd.Function`. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { TensorBase } from "../core/base.ts";
import { whilePinned } from "../core/dispatch.ts";
import type { DType } from "../core/dtype.ts";
import { GradError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { warnOnce } from "../core/warn.ts";
import { i32 } from "../core/wasm.ts";
import { zeros } from "../ops/creation.ts";
import { writeThroughView } from "../ops/inplace.ts";
import { cast } from "../ops/promote.ts";
import { sumToSize } from "../ops/reduce.ts";
import { alias } from "../ops/view.ts";
import type { Tensor } from "../tensor.ts";
import { recordExternal } from "./external.ts";
import { FREED } from "./faults.ts";
import { type GraphNode, graphNode } from "./graph-node.ts";
import { isGradEnabled, withMode } from "./mode.ts";
import { type Gradients, wrapRecord } from "./node.ts";
import { SavedTensor } from "./saved.ts";

/**
 * The first argument of a custom function's forward and backward: what one call leaves for the other.
 * @example
 * class Square extends autograd.Function {
 *   static override forward(ctx, x) {
 *     ctx.saveForBackward(x);
 *     return x.mul(x);
 *   }
 *   static override backward(ctx, g) {
 *     return ctx.savedTensors[0].mul(2).mul(g);
 *   }
 * }
 * const x = tensor(3, { requiresGrad: true });
 * autograd.grad(Square.apply(x), x)[0].item(); // 6
 */
export class FunctionCtx {
  /** For each argument of apply whether it is a tensor that requires grad. */
  readonly needsInputGrad: readonly boolean[];
  /** @internal */
  _toSave: readonly (Tensor | null)[] = [];
  /** @internal */
  _dirty: readonly Tensor[] = [];
  /** @internal */
  _nonDifferentiable: readonly Tensor[] = [];
  /** @internal */
  _materialize = true;
  /** @internal */
  _node: GraphNode | null = null;
  /** @internal null: freed. */
  _saved: (SavedTensor | null)[] | null = [];

  // Anything else may be put here.
  // biome-ignore lint/suspicious/noExplicitAny: users' own properties have users' own types
  [property: string]: any;

  /** @internal */
  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad;
  }

  /** Keeps tensors for backward: inputs, outputs, others, and null. To be called once, in forward or setupContext. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    for (const t of tensors) {
      if (t === null || t === undefined || t instanceof TensorBase) continue;
      throw new TypeError(
        `saveForBackward can only save tensors and null, but got ${typeof t}; put other values on ctx itself`,
      );
    }
    this._toSave = tensors;
  }

  /**
   * What was saved, in order, inputs and outputs connected to their graph.
   * @throws {GradError} written to in place since, or freed with the graph
   */
  get savedTensors(): (Tensor | null)[] {
    const node = this._node;
    if (!this._saved) throw new GradError(FREED);
    if (!node) return [...this._toSave];
    return this._saved.map((t, i) => (t ? t.take(node, `${node.name()} needs saved tensor ${i}`) : null));
  }

  /** These inputs have been written in place; they must be returned as well. */
  markDirty(...tensors: Tensor[]): void {
    this._dirty = tensors;
  }

  /** These outputs do not require grad, although inputs do. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this._nonDifferentiable = tensors;
  }

  /** Whether backward gets zeros for outputs without a gradient (the default), or null. */
  setMaterializeGrads(value: boolean): void {
    this._materialize = value;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: users' functions take and return what they like
type Any = any;

/** What apply is called on: a class that has, or should have, a static forward and backward. */
interface FunctionClass {
  readonly name: string;
  forward?(...args: Any[]): Any;
  backward?(...args: Any[]): Any;
  setupContext?(...args: Any[]): unknown;
}

/** The arguments of apply: those of forward, without its ctx unless there is a setupContext. */
export type ApplyArguments<C> = C extends { forward(...args: infer P): unknown }
  ? C extends { setupContext(...args: Any[]): unknown }
    ? P
    : P extends [Any, ...infer Rest]
      ? Rest
      : Any[]
  : Any[];

/** What forward returns. */
export type Applied<C> = C extends { forward(...args: Any[]): infer R } ? R : Any;

/**
 * A function with a derivative of its own. A subclass has static methods `forward(ctx, ...args)` and
 * `backward(ctx, ...gradOutputs)`, and is used as `Fn.apply(...args)`; with `setupContext(ctx, inputs, output)` its forward
 * has no ctx. forward runs with nothing recorded. backward gets one gradient for each thing that forward returned, and returns
 * one for each argument of apply, or null.
 * @throws {GradError} in backward(): a wrong number or shape of gradients
 * @see PyTorch torch.autograd.Function
 * @example
 * class Square extends autograd.Function {
 *   static forward(ctx, x) {
 *     ctx.saveForBackward(x);
 *     return x.mul(x);
 *   }
 *   static backward(ctx, g) {
 *     return g.mul(ctx.savedTensors[0]).mul(2);
 *   }
 * }
 * Square.apply(tensor(3, { requiresGrad: true })); // tensor(9., grad_fn=<SquareBackward>)
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's form, which users extend
export class CustomFunction {
  /** Calls forward, and records the function if an argument requires grad. */
  static apply<C extends FunctionClass>(this: C, ...args: ApplyArguments<C>): Applied<C> {
    // biome-ignore lint/complexity/noThisInStatic: the class that apply was called on
    return new Application(this, args).run(args);
  }
}

/** The shape and dtype of an output, for zeros in the place of a gradient that did not come; null for what is no tensor. */
type Meta = { shape: number[]; dtype: DType } | null;

/** One call of apply, and what its derivative must know of it. */
class Application {
  private readonly type: FunctionClass;
  private readonly name: string;
  private readonly ctx: FunctionCtx;
  /** By argument whether it is a tensor; by tensor its shape. */
  private readonly areTensors: boolean[];
  private readonly shapes: number[][];
  /** By output. */
  private metas: Meta[] = [];

  constructor(type: FunctionClass, args: readonly unknown[]) {
    this.type = type;
    this.name = `${type.name}Backward`;
    this.areTensors = args.map(isTensor);
    this.shapes = args.filter(isTensor).map((t) => t.shape);
    this.ctx = new FunctionCtx(args.map((a) => isTensor(a) && a.requiresGrad));
  }

  run(args: readonly unknown[]): Any {
    const { ctx } = this;
    const recorded = isGradEnabled() && ctx.needsInputGrad.includes(true);
    const result = withMode(false, () => this.forward(args), `${this.type.name}.apply`);
    const outputs: unknown[] = Array.isArray(result) ? [...result] : [result];
    whilePinned(() => this.finish(args.filter(isTensor), outputs, recorded));
    return Array.isArray(result) ? outputs : outputs[0];
  }

  private forward(args: readonly unknown[]): unknown {
    const { type, ctx } = this;
    if (!type.forward) throw new GradError("You must implement the forward function for custom autograd.Function.");
    if (!type.setupContext) return type.forward(ctx, ...args);
    const output: unknown = type.forward(...args);
    type.setupContext(ctx, args, output);
    return output;
  }

  /** Gives the outputs their place in the graph, and replaces those that cannot stay what they are. */
  private finish(inputs: readonly Tensor[], outputs: unknown[], recorded: boolean): void {
    const { ctx } = this;
    checkDirty(ctx, inputs, outputs);
    this.metas = outputs.map((o) => (isTensor(o) ? { shape: o.shape, dtype: o.dtype } : null));
    const isDifferentiable = (o: unknown): o is Tensor =>
      recorded && isTensor(o) && o.isFloatingPoint() && !has(ctx._nonDifferentiable, o);
    const positions = outputs.map((_, k) => k).filter((k) => isDifferentiable(outputs[k]));
    const origins: Tensor[] = [];
    const written: { target: Tensor; value: Tensor }[] = [];
    const replaced = new Map<Tensor, Tensor>();
    outputs.forEach((o, k) => {
      if (!isTensor(o)) return;
      const isInput = has(inputs, o);
      const isDirty = isInput && has(ctx._dirty, o);
      let out = replaced.get(o) ?? null;
      if (isDifferentiable(o)) {
        out ??= isDirty ? writable(o) : result(o, isInput, positions.length > 1);
        if (isDirty && o.flag(TensorFlag.View)) {
          if (positions.length > 1) throw new GradError(SEVERAL);
          written.push({ target: o, value: unrecordedDetach(o) });
          origins.push(written[written.length - 1].value);
        } else {
          origins.push(out);
        }
      } else {
        out ??= constant(o, isInput && !isDirty);
      }
      replaced.set(o, out);
      outputs[k] = out;
    });
    if (origins.length === 0) return;
    const pointer = this.record(inputs, origins, positions);
    // A view that was written in place is part of its base: the base comes from the node, the view from the base.
    for (const { target, value } of written) writeThroughView(target, value, this.name);
    ctx._saved = ctx._toSave.map((t) => (t ? new SavedTensor(t, pointer) : null));
  }

  private record(inputs: readonly Tensor[], origins: readonly Tensor[], positions: readonly number[]): number {
    const { ctx } = this;
    const saves = ctx._toSave.some((t) => isTensor(t));
    const pointer = recordExternal(this.name, inputs, origins, saves, {
      backward: (gradOutputs) => this.backward(gradOutputs, positions),
      free() {
        if (!saves) return;
        ctx._saved = null;
        ctx._toSave = [];
      },
    });
    ctx._node = graphNode(pointer);
    return pointer;
  }

  private backward(arrived: Gradients, positions: readonly number[]): Gradients {
    const { type, ctx, metas } = this;
    if (!type.backward) {
      throw new GradError(
        "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.",
      );
    }
    const gradOutputs = metas.map((meta, k) => {
      const g = positions.includes(k) ? arrived[positions.indexOf(k)] : null;
      return g ?? (meta && ctx._materialize ? zeros(meta.shape, { dtype: meta.dtype }) : null);
    });
    const returned: unknown = type.backward(ctx, ...gradOutputs);
    return this.validated(Array.isArray(returned) ? returned : [returned]);
  }

  /** One gradient for each argument of apply, checked, to one for each tensor among them, fitted. */
  private validated(returned: readonly unknown[]): Gradients {
    const count = this.areTensors.length;
    const list = returned.slice(count).some((g) => !isAbsent(g)) ? returned : returned.slice(0, count);
    if (list.length !== count) {
      throw new GradError(
        `function ${this.name} returned an incorrect number of gradients (expected ${count}, got ${returned.length})`,
      );
    }
    const gradients: Gradients = [];
    list.forEach((g, i) => {
      if (!isAbsent(g) && !isTensor(g)) {
        throw new TypeError(`expected Variable or None (got ${typeof g}): ${this.name} returned it as gradient ${i}`);
      }
      if (this.areTensors[i])
        gradients.push(isAbsent(g) || !this.ctx.needsInputGrad[i] ? null : this.fitted(g, gradients.length));
      else if (!isAbsent(g)) {
        throw new GradError(
          `function ${this.name} returned a gradient different from None at position ${i + 1}, but the corresponding forward ` +
            "input was not a Variable",
        );
      }
    });
    return gradients;
  }

  private fitted(g: Tensor, input: number): Tensor {
    const [got, wanted] = [g.shape, this.shapes[input]];
    const missing = got.length - wanted.length;
    if (missing < 0 || wanted.some((size, i) => size !== 1 && size !== got[missing + i])) {
      throw new GradError(
        `Function ${this.name} returned an invalid gradient at index ${input} - got [${got.join(", ")}] but expected shape ` +
          `compatible with [${wanted.join(", ")}]`,
      );
    }
    return sumToSize(cast(g, "float32"), wanted);
  }
}

function isTensor(value: unknown): value is Tensor {
  return value instanceof TensorBase;
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

/** Whether a tensor is among others, maybe by another wrapper. */
function has(list: readonly unknown[], t: Tensor): boolean {
  return list.some((other) => other === t || (isTensor(other) && address(other) === address(t)));
}

function checkDirty(ctx: FunctionCtx, inputs: readonly Tensor[], outputs: readonly unknown[]): void {
  for (const t of ctx._dirty) {
    if (!has(outputs, t)) {
      throw new GradError(
        "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified " +
          "inplace must all be outputs of the Function.",
      );
    }
    if (has(inputs, t)) continue;
    warnOnce(
      "markDirty",
      "Only input Tensors should be given to ctx.markDirty(). If a Tensor is not an input, there is no need to pass it to markDirty().",
    );
  }
}

const SEVERAL =
  "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. " +
  "This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for " +
  "example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that " +
  "returns a single Tensor and a second one that does the other operations).";

/** An input that forward has written to: it becomes the output, unless the graph forbids it. */
function writable(t: Tensor): Tensor {
  const refuse = (what: string): never => {
    throw new GradError(`${what} that requires grad has been used in an in-place operation.`);
  };
  if (t.flag(TensorFlag.View)) {
    const base = wrapRecord(i32()[(address(t) + TensorField.Base) >>> 2]);
    if (base.requiresGrad && base.isLeaf) refuse("a view of a leaf Variable");
  } else if (t.requiresGrad && t.isLeaf) {
    refuse("a leaf Variable");
  }
  return t;
}

/** What forward returned, as an output of the node; an input that it returned as it was is a view of it from now on. */
function result(t: Tensor, isInput: boolean, isOneOfSeveral: boolean): Tensor {
  const out = isInput ? withMode(false, () => alias(t), "apply") : t;
  if (out.flag(TensorFlag.View)) {
    out.setFlag(TensorFlag.NoGradView, false);
    out.setFlag(TensorFlag.CustomView | (isOneOfSeveral ? TensorFlag.MultiView : 0), true);
  }
  return out;
}

/** What forward returned, as something without a gradient. */
function constant(t: Tensor, isInput: boolean): Tensor {
  if (isInput) return t.requiresGrad ? unrecordedDetach(t) : withMode(false, () => alias(t), "apply");
  if (!t.requiresGrad) return t;
  return t.flag(TensorFlag.View) ? unrecordedDetach(t) : t.detach_();
}

function unrecordedDetach(t: Tensor): Tensor {
  return withMode(false, () => t.detach(), "apply");
}

const TWICE = "trying to differentiate twice a function that was marked with @once_differentiable";

/**
 * Marks a custom function's backward as one that cannot be differentiated itself: it runs with nothing recorded, and a second
 * walk that reaches it raises.
 * @see PyTorch torch.autograd.function.once_differentiable
 * @example
 * class Double extends autograd.Function {
 *   static override forward(ctx, x) {
 *     return x.mul(2);
 *   }
 *   static override backward = autograd.function.onceDifferentiable((ctx, g) => g.mul(2));
 * }
 * const x = tensor(3, { requiresGrad: true });
 * autograd.grad(Double.apply(x), x)[0].item(); // 2
 */
export function onceDifferentiable<A extends readonly Any[], R extends Tensor | null | (Tensor | null)[]>(
  backward: (ctx: Any, ...gradOutputs: A) => R,
): (ctx: Any, ...gradOutputs: A) => R {
  return function (this: unknown, ctx: Any, ...gradOutputs: A): R {
    const returned = withMode(false, () => backward.call(this, ctx, ...gradOutputs), "onceDifferentiable");
    const sources = gradOutputs.filter((g): g is Tensor => isTensor(g) && g.requiresGrad);
    if (!isGradEnabled() || sources.length === 0) return returned;
    const refuse = (g: Tensor | null): Tensor | null => {
      if (!isTensor(g)) return g;
      const out = g.detach();
      recordExternal("OnceDifferentiableBackward", sources, [out], false, {
        backward(): never {
          throw new GradError(TWICE);
        },
      });
      return out;
    };
    return (Array.isArray(returned) ? returned.map(refuse) : refuse(returned)) as R;
  };
}
