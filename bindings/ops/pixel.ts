/** Channels and pixels exchanged. */

import { Op } from "../../assembly/abi/op.ts";
import { isOptions } from "../core/args.ts";
import { ShapeError } from "../core/errors.ts";
import { nameCode } from "../core/names.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import { integer, product, rowMajor, shapeText } from "./geometry.ts";
import { permute, transpose } from "./permute.ts";
import { makeView, reshape } from "./view.ts";

const NAMES = {
  shuffle: /* @__PURE__ */ nameCode("PixelShuffleBackward0"),
  unshuffle: /* @__PURE__ */ nameCode("PixelUnshuffleBackward0"),
};

/** Sizes in front of the last three: batch dimensions. */
function imageSizes(input: Tensor, caller: string): { batch: number[]; sizes: number[] } {
  const { shape } = input;
  if (shape.length < 3) {
    throw new ShapeError(
      `${caller} expects input to have at least 3 dimensions, but got input with ${shape.length} dimension(s)`,
    );
  }
  return { batch: shape.slice(0, -3), sizes: shape.slice(-3) };
}

/** Moves dimensions behind the batch and then merges them into `sizes`. */
function regrouped(
  input: Tensor,
  cut: number[],
  order: number[],
  sizes: number[],
  batch: number[],
  node: number,
): Tensor {
  const leading = batch.map((_, i) => i);
  const moved = permute(reshape(input, [...batch, ...cut]), [...leading, ...order.map((d) => d + batch.length)]);
  const shape = [...batch, ...sizes];
  return makeView(Op.View, clone(moved), shape, rowMajor(shape), 0, [], "reshape", node);
}

/**
 * Channels turned into pixels: [..., C·r², H, W] becomes [..., C, H·r, W·r]
 * (Shi et al., Real-Time Single Image and Video Super-Resolution, 2016).
 * @throws {ShapeError} channels that are no multiple of r²
 * @example nn.functional.pixelShuffle(zeros(1, 8, 3, 3), 2).shape // [1, 2, 6, 6]
 */
export function pixelShuffle(input: Tensor, upscaleFactor: number | { upscaleFactor: number }): Tensor {
  const r = factorOf(upscaleFactor, "upscaleFactor", "pixel_shuffle");
  const { batch, sizes } = imageSizes(input, "pixel_shuffle");
  const [c, h, w] = sizes;
  if (c % (r * r) !== 0) {
    throw new ShapeError(
      "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but " +
        `input.size(-3)=${c} is not divisible by ${r * r}`,
    );
  }
  const channels = c / (r * r);
  const cut = [channels, r, r, h, w];
  return regrouped(input, cut, [0, 3, 1, 4, 2], [channels, h * r, w * r], batch, NAMES.shuffle);
}

/**
 * Pixels turned into channels, the inverse of `pixelShuffle`.
 * @throws {ShapeError} a height or width that is no multiple of r
 * @example nn.functional.pixelUnshuffle(zeros(1, 2, 6, 6), 2).shape // [1, 8, 3, 3]
 */
export function pixelUnshuffle(input: Tensor, downscaleFactor: number | { downscaleFactor: number }): Tensor {
  const r = factorOf(downscaleFactor, "downscaleFactor", "pixel_unshuffle");
  const { batch, sizes } = imageSizes(input, "pixel_unshuffle");
  const [c, h, w] = sizes;
  [h, w].forEach((size, i) => {
    if (size % r === 0) return;
    const [which, dim] = i === 0 ? ["height", -2] : ["width", -1];
    throw new ShapeError(
      `pixel_unshuffle expects ${which} to be divisible by downscale_factor, but input.size(${dim})=${size} is not divisible by ${r}`,
    );
  });
  const cut = [c, h / r, r, w / r, r];
  return regrouped(input, cut, [0, 2, 4, 1, 3], [c * r * r, h / r, w / r], batch, NAMES.unshuffle);
}

function factorOf(given: number | Record<string, number>, key: string, caller: string): number {
  const r = integer(isOptions(given) ? given[key] : given, caller, key);
  if (r <= 0) throw new ShapeError(`${caller} expects a positive ${key}, but got ${r}`);
  return r;
}

/**
 * The channels (dimension 1) dealt out from `groups` groups in turn (Zhang et al., ShuffleNet, 2017).
 * @throws {ShapeError} channels that are no multiple of the groups
 * @example nn.functional.channelShuffle(tensor([1, 2, 3, 4]).view(1, 4, 1, 1), 2).flatten().tolist() // [1, 3, 2, 4]
 */
export function channelShuffle(input: Tensor, groups: number): Tensor {
  const { shape } = input;
  if (shape.length < 3) {
    throw new ShapeError(`channel_shuffle expects input with > 2 dims, but got input with sizes ${shapeText(shape)}`);
  }
  if (integer(groups, "channelShuffle", "groups") <= 0) {
    throw new ShapeError(`Number of groups to divide channels in must be positive. Value of groups:${groups}`);
  }
  const [n, c, ...rest] = shape;
  if (c % groups !== 0) {
    throw new ShapeError(`Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`);
  }
  return reshape(transpose(reshape(input, [n, groups, c / groups, product(rest)]), 1, 2), shape);
}
