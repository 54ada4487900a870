/** Writing element by element at positions along a dimension. */
import { Combine } from "../../assembly/abi/combine.ts";
import { Op } from "../../assembly/abi/op.ts";
import type { SavedNode } from "../autograd/node.ts";
import { defineRule } from "../autograd/rules.ts";
import { named, normalDim } from "../core/args.ts";
import { TensorBase } from "../core/base.ts";
import { callN } from "../core/dispatch.ts";
import { DTypeError, ShapeError, TensorError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import { setInt, setName } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { tensor, zeros } from "./creation.ts";
import { expand } from "./expand.ts";
import { rowMajor, sameShape, shapeText } from "./geometry.ts";
import { checkIndex, gather } from "./indexing.ts";
import { inPlace } from "./inplace.ts";
import { cast } from "./promote.ts";
import { embed } from "./strided.ts";
import { fromVector, toVector } from "./view.ts";
import { where } from "./where.ts";

const OF_VALUE: number = /* @__PURE__ */ nameCode("ScatterBackward1");

/** Checked operands of one scatter; all have at least one dimension. */
export interface Call {
  target: Tensor;
  dim: number;
  index: Tensor;
  source: Tensor;
  caller: string;
}

/** The value of a source that is a number, for each index. */
function spread(value: number | boolean, index: Tensor, like: Tensor): Tensor {
  return expand(tensor(Number(value), { dtype: like.dtype }), index.shape);
}

/** @internal Null if there is nothing to write. */
export function prepare(
  target: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | number | boolean,
  caller: string,
): Call | null {
  checkIndex(index, caller);
  const d = normalDim(dim, target.ndim);
  if (index.numel() === 0) return null;
  const [self, positions] = [toVector(target), toVector(index)];
  const values =
    source instanceof TensorBase ? toVector(source as Tensor) : spread(source as number, positions, target);
  if (values.dtype !== target.dtype) {
    throw new DTypeError(
      `${caller}(): Expected self.dtype to be equal to src.dtype, got ${target.dtype} and ${values.dtype}`,
    );
  }
  const [own, wanted, given] = [self.shape, positions.shape, values.shape];
  if (wanted.length !== own.length || given.length !== own.length) {
    const which = wanted.length !== own.length ? "self" : "src";
    throw new ShapeError(
      `Index tensor must have the same number of dimensions as ${which} tensor: got index ${shapeText(index.shape)}, ` +
        `self ${shapeText(own)} and src ${shapeText(given)}`,
    );
  }
  if (wanted.some((size, i) => size > given[i] || (i !== d && size > own[i]))) {
    throw new ShapeError(
      `Expected index ${shapeText(wanted)} to be smaller than self ${shapeText(own)} apart from dimension ${d} and to be ` +
        `smaller size than src ${shapeText(given)}`,
    );
  }
  return { target: self, dim: d, index: positions, source: values, caller };
}

/** @internal */
export function combined(call: Call, mode: Combine, node = 0): Tensor {
  setInt(call.dim);
  if (node !== 0) setName(node);
  const name = `${call.caller} (dim ${call.dim})`;
  const inputs = [call.target, call.index, call.source];
  return mode === Combine.Add ? callN(Op.ScatterAdd, inputs, [], name) : callN(Op.Scatter, inputs, [mode], name);
}

/** Writes into the target itself. */
function combinedInPlace(target: Tensor, call: Call | null, mode: Combine, node: number): Tensor {
  if (call === null) return target;
  setInt(call.dim);
  if (node !== 0) setName(node);
  const [op, list] = mode === Combine.Add ? [Op.ScatterAdd, []] : [Op.Scatter, [mode]];
  const again = (self: Tensor): Tensor => combined({ ...call, target: self }, mode, node);
  inPlace(op, call.target, [call.index, call.source], `${call.caller} (dim ${call.dim})`, again, list);
  return target;
}

export interface ScatterOptions {
  src?: Tensor;
  /** A number, in place of `src`. */
  value?: number | boolean;
  /** What becomes of the elements that are there: "add" or "multiply" instead of being overwritten. */
  reduce?: "add" | "multiply";
}

/** What to write, and the combination. */
function scatterArguments(
  given: unknown,
  options: ScatterOptions | undefined,
  caller: string,
): [Tensor | number, Combine] {
  const all = named<ScatterOptions>(caller, [given, options], ["src"]);
  const source = all.src ?? all.value;
  if (source === undefined) throw new TypeError(`${caller}(): missing argument 'src' or 'value'`);
  if (all.reduce === undefined) return [source as Tensor, Combine.Replace];
  if (all.reduce === "add") return [source as Tensor, Combine.Add];
  if (all.reduce === "multiply") return [source as Tensor, Combine.Multiply];
  throw new TensorError("reduce argument must be either add or multiply.");
}

function nameFor(source: unknown): number {
  return source instanceof TensorBase ? 0 : OF_VALUE;
}

/**
 * A copy of `input` with out[index[i][j]][j] = src[i][j] for dim 0, likewise for others. Of equal positions the last one
 * counts. `src` may be a number.
 * @throws {IndexError} a position out of range
 * @example scatter(zeros(3), 0, tensor([2, 0], { dtype: "int32" }), tensor([5, 6])).tolist() // [6, 0, 5]
 */
export function scatter(
  input: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean | ScatterOptions,
  options?: ScatterOptions,
): Tensor {
  const [source, mode] = scatterArguments(src, options, "scatter");
  const call = prepare(input, dim, index, source, "scatter");
  return call ? fromVector(combined(call, mode, nameFor(source)), input) : clone(input);
}

/** `scatter` into the tensor itself. */
export function scatter_(
  input: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number | boolean | ScatterOptions,
  options?: ScatterOptions,
): Tensor {
  const [source, mode] = scatterArguments(src, options, "scatter_");
  return combinedInPlace(input, prepare(input, dim, index, source, "scatter_"), mode, nameFor(source));
}

/**
 * `input` with `src` added at the positions of `index` along a dimension; repeated positions add up.
 * @throws {IndexError} a position out of range
 * @example scatterAdd(zeros(3), 0, tensor([0, 0, 2], { dtype: "int32" }), ones(3)).tolist() // [2, 0, 1]
 */
export function scatterAdd(input: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  const call = prepare(input, dim, index, src, "scatterAdd");
  return call ? fromVector(combined(call, Combine.Add), input) : clone(input);
}

/** `scatterAdd` into the tensor itself. */
export function scatterAdd_(input: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  return combinedInPlace(input, prepare(input, dim, index, src, "scatterAdd_"), Combine.Add, 0);
}

/** The gradient of a source that is larger than its index: zeros beyond. */
function asSource(g: Tensor, source: Tensor): Tensor {
  const [own, given] = [source.shape, g.shape];
  if (sameShape(own, given)) return g;
  return embed(g, own, { shape: given, strides: rowMajor(own), offset: 0 }, 0, "scatter");
}

defineRule(Op.ScatterAdd, (g, n) => {
  const source = n.needs(2) ? asSource(gather(g, n.int(0), n.input(1)), n.input(2)) : null;
  return [g, null, source];
});

/** Of overwriting: what was overwritten gets nothing. */
defineRule(Op.Scatter, (g, n) => {
  const mode = n.list(0);
  if (mode === Combine.Multiply) return productRule(g, n);
  if (mode !== Combine.Replace) return extremeRule(g, n);
  const [dim, index] = [n.int(0), n.input(1)];
  return [
    n.needs(0) ? scatter(g, dim, index, 0) : null,
    null,
    n.needs(2) ? asSource(gather(g, dim, index), n.input(2)) : null,
  ];
});

/** The part of the source that has an index. */
function indexed(source: Tensor, index: Tensor): Tensor {
  return index.shape.reduce<Tensor>((t, size, d) => (size === t.size(d) ? t : t.narrow(d, 0, size)), source);
}

/**
 * The product of all other factors: the result over the factor, or, where a factor is zero, the product that leaves it out.
 * A second zero makes all of them zero. (torch/csrc/autograd/FunctionsManual.cpp, scatter_reduce_backward.)
 */
function productRule(g: Tensor, n: SavedNode): (Tensor | null)[] {
  const [dim, index, self] = [n.int(0), n.input(1), n.input(0)];
  const source = indexed(n.input(2), index);
  const times = (target: Tensor, values: Tensor): Tensor => scatter(target, dim, index, values, { reduce: "multiply" });
  const safeSelf = where(self.eq(0), 1, self);
  const ofSelf = n.needs(0) ? g.mul(times(safeSelf, source)).div(safeSelf) : null;
  if (!n.needs(2)) return [ofSelf, null, null];
  const isZero = source.eq(0);
  const zeroCount = gather(scatterAdd(zeros(self.shape), dim, index, cast(isZero, "float32")), dim, index);
  const isOnlyZero = isZero.logicalAnd(zeroCount.eq(1));
  const without = times(self, where(isOnlyZero, 1, source));
  const others = gather(g.mul(n.output()), dim, index).div(where(isZero, 1, source));
  const ofSource = where(isOnlyZero, gather(g.mul(without), dim, index), others);
  return [ofSelf, null, asSource(ofSource, n.input(2))];
}

/** All that are as large as the result share the gradient. */
function extremeRule(g: Tensor, n: SavedNode): (Tensor | null)[] {
  const [dim, index, self, result] = [n.int(0), n.input(1), n.input(0), n.output()];
  const source = indexed(n.input(2), index);
  const isSelf = cast(self.eq(result), "float32");
  const isSource = cast(source.eq(gather(result, dim, index)), "float32");
  const share = g.div(scatterAdd(isSelf, dim, index, isSource));
  return [isSelf.mul(share), null, asSource(isSource.mul(gather(share, dim, index)), n.input(2))];
}
