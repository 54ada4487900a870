/**
 * Pointwise functions that the core does not have, as nodes of the graph: their elements are computed in double precision
 * here, or by other operations outside of the graph, and their derivatives are written with the library's operations.
 */
import { Op } from "../../assembly/abi/op.ts";
import { isGradEnabled } from "../autograd/mode.ts";
import { defineRule } from "../autograd/rules.ts";
import { callN } from "../core/dispatch.ts";
import { TensorError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { setName, setScalars } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { tensor } from "./creation.ts";
import { broadcastTensors } from "./expand.ts";

/** The gradient of one input, from that of the result, the inputs and the numbers that were attributes. */
export type Derivative = (g: Tensor, inputs: readonly Tensor[], s0: number, s1: number) => Tensor;

const known: Evaluated[] = [];

/** A function with its derivatives by each input; null where there is none. */
export class Evaluated {
  private readonly code: number;
  readonly printed: string;
  readonly derivatives: readonly (Derivative | null)[];

  /** `printed` is the name of its nodes. */
  constructor(printed: string, ...derivatives: (Derivative | null)[]) {
    this.printed = printed;
    this.derivatives = derivatives;
    this.code = known.push(this) - 1;
  }

  /** `result`, which carries no gradient yet, becomes the result of the inputs. */
  attach(
    inputs: readonly Tensor[],
    result: Tensor,
    s0: number = 0,
    s1: number = 0,
    printed: string = this.printed,
  ): Tensor {
    if (!isGradEnabled()) return result;
    setScalars(s0, s1);
    setName(nameCode(printed));
    return callN(Op.Evaluated, [...inputs, result], [this.code], printed);
  }

  /** Each element by itself, in double precision. */
  map(input: Tensor, f: (x: number) => number, s0: number = 0, s1: number = 0): Tensor {
    return this.attach([input], mapElements(input, f), s0, s1);
  }

  /** Pairs of elements; the operands broadcast. */
  zip(a: Tensor, b: Tensor, f: (x: number, y: number) => number, printed?: string): Tensor {
    return this.attach([a, b], zipElements(a, b, f), 0, 0, printed);
  }
}

defineRule(Op.Evaluated, (g, n) => {
  const { derivatives } = known[n.list(0)];
  const inputs = derivatives.map((_, i) => n.input(i));
  return [...derivatives.map((d, i) => (d && n.needs(i) ? d(g, inputs, n.s0, n.s1) : null)), null];
});

/** A new tensor of the same shape and dtype, outside of the graph. */
export function mapElements(input: Tensor, f: (x: number) => number): Tensor {
  const x = input.data();
  for (let i = 0; i < x.length; i++) x[i] = f(x[i]);
  return tensor(x, { shape: input.shape, dtype: input.dtype });
}

/** The same of two operands of one dtype that broadcast. */
export function zipElements(a: Tensor, b: Tensor, f: (x: number, y: number) => number): Tensor {
  const [left, right] = broadcastTensors(a.detach(), b.detach());
  const [x, y] = [left.data(), right.data()];
  for (let i = 0; i < x.length; i++) x[i] = f(x[i], y[i]);
  return tensor(x, { shape: left.shape, dtype: a.dtype });
}

/** A derivative that PyTorch does not have either. */
export function noDerivative(what: string): Derivative {
  return () => {
    throw new TensorError(`the derivative for '${what}' is not implemented.`);
  };
}
