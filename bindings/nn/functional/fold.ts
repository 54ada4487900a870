/** Images taken apart into the patches that a kernel sees, and put together again. */
import { expectTensor, named } from "../../core/args.ts";
import { ShapeError } from "../../core/errors.ts";
import { nameCode, renamed } from "../../core/names.ts";
import { tensor, zeros } from "../../ops/creation.ts";
import { indexAdd } from "../../ops/index-write.ts";
import { indexSelect } from "../../ops/indexing.ts";
import { constantPadNd } from "../../ops/pad.ts";
import type { Tensor } from "../../tensor.ts";
import { listed, perDimension, type Sizes } from "./window.ts";

const IM2COL: number = /* @__PURE__ */ nameCode("Im2ColBackward0");
const COL2IM: number = /* @__PURE__ */ nameCode("Col2ImBackward0");

export interface UnfoldOptions {
  kernelSize?: Sizes;
  dilation?: Sizes;
  padding?: Sizes;
  stride?: Sizes;
}

export interface FoldOptions extends UnfoldOptions {
  outputSize?: Sizes;
}

interface Patches {
  kernel: number[];
  dilation: number[];
  padding: number[];
  stride: number[];
  /** Patches in each dimension. */
  counts: number[];
}

function patchesOf(image: readonly number[], options: UnfoldOptions, caller: string): Patches {
  const kernel = perDimension(options.kernelSize ?? [], 2, "kernel_size");
  const dilation = perDimension(options.dilation ?? 1, 2, "dilation");
  const padding = perDimension(options.padding ?? 0, 2, "padding");
  const stride = perDimension(options.stride ?? 1, 2, "stride");
  const named = { kernel_size: kernel, dilation, stride };
  for (const [name, sizes] of Object.entries(named)) {
    if (sizes.some((size) => size < 1))
      throw new ShapeError(`${caller}: ${name} should be greater than zero, but got ${listed(sizes)}`);
  }
  if (padding.some((size) => size < 0))
    throw new ShapeError(`${caller}: padding should be non-negative, but got ${listed(padding)}`);
  const counts = image.map(
    (size, i) => Math.floor((size + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1) / stride[i]) + 1,
  );
  if (counts.some((count) => count < 1)) {
    throw new ShapeError(
      `${caller}: Given an image with spatial size ${listed(image)}, kernel_size=${listed(kernel)}, dilation=${listed(dilation)}, ` +
        `padding=${listed(padding)}, stride=${listed(stride)}, calculated shape of the array of sliding blocks as ${listed(counts)}, ` +
        "but its components must be at least one.",
    );
  }
  return { kernel, dilation, padding, stride, counts };
}

/** For every tap of the kernel and every patch, where in the flattened bordered image it lies. */
function positions({ kernel, dilation, stride, counts }: Patches, width: number): Tensor {
  const data = new Int32Array(kernel[0] * kernel[1] * counts[0] * counts[1]);
  let at = 0;
  for (let ky = 0; ky < kernel[0]; ky++) {
    for (let kx = 0; kx < kernel[1]; kx++) {
      for (let y = 0; y < counts[0]; y++) {
        const row = (y * stride[0] + ky * dilation[0]) * width + kx * dilation[1];
        for (let x = 0; x < counts[1]; x++) data[at++] = row + x * stride[1];
      }
    }
  }
  return tensor(data);
}

function batched(input: Tensor, rank: number, caller: string, name: number, body: (input: Tensor) => Tensor): Tensor {
  expectTensor(input, caller, "input");
  if (input.ndim === rank) return renamed(body(input), name);
  if (input.ndim === rank - 1) return renamed(body(input.unsqueeze(0)).squeeze(0), name);
  throw new ShapeError(
    `${caller}: Expected ${rank - 1}D or ${rank}D (batch mode) tensor, but got: ${listed(input.shape)}`,
  );
}

type UnfoldArguments = [
  kernelSize: Sizes | UnfoldOptions,
  dilation?: Sizes | UnfoldOptions,
  padding?: Sizes | UnfoldOptions,
  stride?: Sizes | UnfoldOptions,
];

/**
 * The patches of an image as columns.
 * @param input float32 [N, C, H, W] or [C, H, W]
 * @returns [N, C · kH · kW, L], L patches in row-major order
 * @throws {ShapeError} an image that is smaller than the kernel
 * @example nn.functional.unfold(arange(9).to("float32").view(1, 1, 3, 3), 2).shape // [1, 4, 4]
 */
export function unfold(input: Tensor, ...args: UnfoldArguments): Tensor {
  const options = named<UnfoldOptions>("unfold", args, ["kernelSize", "dilation", "padding", "stride"]);
  return batched(input, 4, "unfold", IM2COL, (x) => {
    const [batch, channels, ...image] = x.shape;
    const patches = patchesOf(image, options, "unfold");
    const [padY, padX] = patches.padding;
    const bordered = padY + padX > 0 ? constantPadNd(x, [padX, padX, padY, padY]) : x;
    const [taps, count] = [patches.kernel[0] * patches.kernel[1], patches.counts[0] * patches.counts[1]];
    const flat = bordered.reshape([batch, channels, (image[0] + 2 * padY) * (image[1] + 2 * padX)]);
    const picked = indexSelect(flat, 2, positions(patches, image[1] + 2 * padX));
    return picked.reshape([batch, channels * taps, count]);
  });
}

type FoldArguments = [
  outputSize: Sizes | FoldOptions,
  kernelSize?: Sizes | FoldOptions,
  dilation?: Sizes | FoldOptions,
  padding?: Sizes | FoldOptions,
  stride?: Sizes | FoldOptions,
];

/**
 * The way back from `unfold`: patches laid into an image, added up where they overlap.
 * @param input float32 [N, C · kH · kW, L] or [C · kH · kW, L] @returns [N, C, ...outputSize]
 * @throws {ShapeError} another number of patches than an image of `outputSize` has
 * @example nn.functional.fold(ones(1, 4, 4), [3, 3], 2).flatten().tolist() // [1, 2, 1, 2, 4, 2, 1, 2, 1]
 */
export function fold(input: Tensor, ...args: FoldArguments): Tensor {
  const options = named<FoldOptions>("fold", args, ["outputSize", "kernelSize", "dilation", "padding", "stride"]);
  return batched(input, 3, "fold", COL2IM, (x) => {
    const image = perDimension(options.outputSize ?? [], 2, "output_size");
    const patches = patchesOf(image, options, "fold");
    const [batch, rows, count] = x.shape;
    const taps = patches.kernel[0] * patches.kernel[1];
    if (rows % taps !== 0) {
      throw new ShapeError(
        `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and ` +
          `kernel_size=${listed(patches.kernel)}.`,
      );
    }
    const expected = patches.counts[0] * patches.counts[1];
    if (count !== expected) {
      throw new ShapeError(
        `Given output_size=${listed(image)}, kernel_size=${listed(patches.kernel)}, dilation=${listed(patches.dilation)}, ` +
          `padding=${listed(patches.padding)}, stride=${listed(patches.stride)}, expected size of input's dimension 2 to match the ` +
          `calculated number of sliding blocks ${listed(patches.counts)} = ${expected}, but got input.size(2)=${count}.`,
      );
    }
    const [padY, padX] = patches.padding;
    const [height, width] = [image[0] + 2 * padY, image[1] + 2 * padX];
    const channels = rows / taps;
    const columns = x.reshape([batch, channels, taps * count]);
    const whole = indexAdd(zeros(batch, channels, height * width), 2, positions(patches, width), columns);
    const bordered = whole.reshape([batch, channels, height, width]);
    return padY + padX > 0 ? constantPadNd(bordered, [-padX, -padX, -padY, -padY]) : bordered;
  });
}
