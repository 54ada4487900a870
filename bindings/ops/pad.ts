/** Tensors made larger, or smaller, at their ends. */
import { named } from "../core/args.ts";
import { ShapeError, TensorError } from "../core/errors.ts";
import { nameCode, savingInputs } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { tensor } from "./creation.ts";
import { integer, rowMajor, shapeText } from "./geometry.ts";
import { selectAt } from "./indexing.ts";
import { narrow } from "./slice.ts";
import { embed } from "./strided.ts";

export type PadMode = "constant" | "reflect" | "replicate" | "circular";

export interface PadOptions {
  mode?: PadMode;
  /** What a constant padding is filled with; 0 by default. */
  value?: number | boolean | null;
}

/** How much a dimension grows (shrinks if negative) at its start and its end. */
interface Side {
  dim: number;
  size: number;
  before: number;
  after: number;
}

/** Amounts come in pairs, that of the last dimension first. */
function sidesOf(input: Tensor, pad: readonly number[]): Side[] {
  const { shape } = input;
  for (const amount of pad) integer(amount, "pad", "pad");
  if (pad.length % 2 !== 0) throw new ShapeError(`Padding length must be divisible by 2, got ${pad.length}`);
  if (pad.length > 2 * shape.length) {
    throw new ShapeError(
      `Padding length too large: should be no more than twice the number of dimensions of the input. Got ${pad.length} for ` +
        `${shape.length} dimensions`,
    );
  }
  return Array.from({ length: pad.length / 2 }, (_, i) => {
    const dim = shape.length - 1 - i;
    return { dim, size: shape[dim], before: pad[2 * i], after: pad[2 * i + 1] };
  });
}

function checkSize({ dim, size, before, after }: Side): void {
  if (size + before + after >= 0) return;
  throw new ShapeError(
    `The input size ${size}, plus negative padding ${before} and ${after} resulted in a negative output size, which is invalid. ` +
      `Check dimension ${dim} of your input.`,
  );
}

/**
 * Dimensions padded with one number; negative amounts cut off. `pad` holds two amounts for each dimension, before and after,
 * beginning with the last dimension.
 * @throws {ShapeError} an odd number of amounts, too many, or more cut off than there is
 * @example constantPadNd(tensor([1, 2]), [1, 0], 9).tolist() // [9, 1, 2]
 */
export function constantPadNd(
  input: Tensor,
  pad: readonly number[],
  value?: number | boolean | PadOptions | null,
): Tensor {
  const filling = named<PadOptions>("constantPadNd", [value], ["value"]).value ?? 0;
  const sides = sidesOf(input, pad);
  sides.forEach(checkSize);
  const cut = sides.reduce((t, side) => {
    // What both ends cut off together is there, but one end may ask for more than is left without the other's growth.
    const start = Math.min(Math.max(-side.before, 0), side.size);
    const end = Math.max(side.size - Math.max(-side.after, 0), start);
    return start === 0 && end === side.size ? t : narrow(t, side.dim, start, end - start);
  }, input);
  if (sides.every(({ before, after }) => before <= 0 && after <= 0)) return clone(cut);
  const shape = input.shape;
  for (const { dim, size, before, after } of sides) shape[dim] = size + before + after;
  const strides = rowMajor(shape);
  const offset = sides.reduce((sum, { dim, before }) => sum + Math.max(before, 0) * strides[dim], 0);
  const at = { shape: cut.shape, strides, offset: cut.numel() === 0 ? 0 : offset };
  return embed(cut, shape, at, Number(filling), "pad");
}

type Filling = Exclude<PadMode, "constant">;

const NODES: Record<Filling, readonly number[]> = {
  reflect: /* @__PURE__ */ nodes("ReflectionPad"),
  replicate: /* @__PURE__ */ nodes("ReplicationPad"),
  circular: /* @__PURE__ */ nodes("CopySlices"),
};

/** Names by how many dimensions are padded. */
function nodes(kind: string): number[] {
  return [1, 2, 3].map((n) => nameCode(kind === "CopySlices" ? kind : `${kind}${n}DBackward0`));
}

/** Where position `i`, which may lie outside of 0 ... size - 1, takes its element from. */
const SOURCES: Record<Filling, (i: number, size: number) => number> = {
  reflect: (i, size) => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i),
  replicate: (i, size) => Math.min(Math.max(i, 0), size - 1),
  circular: (i, size) => (i + size) % size,
};

function checkAmounts(input: Tensor, mode: Filling, side: Side): void {
  const { dim, size, before, after } = side;
  const place = `padding (${before}, ${after}) at dimension ${dim} of input ${shapeText(input.shape)}`;
  checkSize(side);
  if (mode === "reflect" && (before >= size || after >= size)) {
    throw new ShapeError(`Padding size should be less than the corresponding input dimension, but got: ${place}`);
  }
  if (mode === "circular" && (before > size || after > size)) {
    throw new ShapeError(`Padding value causes wrapping around more than once: ${place}`);
  }
  if (size === 0) throw new ShapeError(`pad: expected a non-empty dimension to take elements from, but got: ${place}`);
}

/**
 * Dimensions padded at both ends: with one number, with the elements beyond a mirror at the last one, with the last one, or
 * with those of the other end. `pad` holds two amounts for each dimension, before and after, beginning with the last
 * dimension; negative ones cut off.
 * @throws {ShapeError} an odd number of amounts, too many, or more than the mode can take from the dimension
 * @example
 * nn.functional.pad(tensor([[1, 2, 3]]), [1, 1]).tolist(); // [[0, 1, 2, 3, 0]]
 * nn.functional.pad(tensor([[1, 2, 3]]), [1, 1], "reflect").tolist(); // [[2, 1, 2, 3, 2]]
 */
export function pad(
  input: Tensor,
  pad: readonly number[],
  mode?: PadMode | PadOptions,
  value?: number | boolean | null | PadOptions,
): Tensor {
  const options = named<PadOptions>("pad", [mode, value], ["mode", "value"]);
  const kind = options.mode ?? "constant";
  if (kind === "constant") return constantPadNd(input, pad, { value: options.value });
  if (!Object.hasOwn(SOURCES, kind)) throw new TensorError(`Unrecognised padding mode ${kind}`);
  if (options.value) throw new TensorError(`Padding mode "${kind}" doesn't take in value argument`);
  const sides = sidesOf(input, pad);
  const { ndim } = input;
  if (sides.length === 0 || sides.length > 3 || (ndim !== sides.length + 1 && ndim !== sides.length + 2)) {
    throw new ShapeError(
      "Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now: n dimensions of padding take an input of " +
        `n + 1 or n + 2 dimensions, but got ${sides.length} and shape ${shapeText(input.shape)}`,
    );
  }
  for (const side of sides) checkAmounts(input, kind, side);
  const node = NODES[kind][sides.length - 1];
  const changed = sides.filter(({ before, after }) => before !== 0 || after !== 0);
  if (changed.length === 0) return clone(input);
  return changed.reduce((t, { dim, size, before, after }) => {
    const positions = Int32Array.from({ length: size + before + after }, (_, i) => SOURCES[kind](i - before, size));
    const taken = selectAt(t, dim, tensor(positions), node);
    return kind === "circular" ? taken : savingInputs(taken);
  }, input);
}
