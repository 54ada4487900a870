/** The way back from max pooling: values return to where they were found. */
import { named } from "../../core/args.ts";
import { DTypeError, IndexError, ShapeError } from "../../core/errors.ts";
import { renamed } from "../../core/names.ts";
import { zeros } from "../../ops/creation.ts";
import { scatter } from "../../ops/scatter.ts";
import type { Tensor } from "../../tensor.ts";
import { checkPooled, poolSizes } from "./pooling.ts";
import { listed, type Sizes } from "./window.ts";

export interface MaxUnpoolOptions {
  kernelSize?: Sizes;
  stride?: Sizes | null;
  padding?: Sizes;
  /** The size that was pooled, where several sizes pool to one; the last dimensions count. */
  outputSize?: readonly number[] | null;
}

function unpooledSize(image: readonly number[], dims: number, options: MaxUnpoolOptions, caller: string): number[] {
  const kernel = poolSizes(options.kernelSize ?? [], dims, caller, "kernel_size");
  const stride = poolSizes(options.stride ?? kernel, dims, caller, "stride");
  const padding = poolSizes(options.padding ?? 0, dims, caller, "padding");
  const least = image.map((size, i) => (size - 1) * stride[i] + kernel[i] - 2 * padding[i]);
  const { outputSize } = options;
  if (!outputSize) return least;
  const sizes = outputSize.slice(-dims);
  sizes.forEach((size, i) => {
    if (size > least[i] - stride[i] && size < least[i] + stride[i]) return;
    throw new ShapeError(
      `invalid output_size "(${sizes.join(", ")})" (dim ${i} must be between ${least[i] - stride[i]} and ${least[i] + stride[i]})`,
    );
  });
  return sizes;
}

function maxUnpool(dims: number, caller: string, input: Tensor, indices: Tensor, args: readonly unknown[]): Tensor {
  const options = named<MaxUnpoolOptions>(caller, args, ["kernelSize", "stride", "padding", "outputSize"]);
  checkPooled(input, dims, caller);
  if (indices.dtype !== "int32")
    throw new DTypeError(`${caller}: elements in indices should be type int32 but got: ${indices.dtype}`);
  const { shape } = input;
  if (listed(indices.shape) !== listed(shape)) {
    throw new ShapeError(
      `Expected shape of indices to be same as that of the input tensor (${listed(shape)}) but got indices tensor with shape: ${listed(indices.shape)}`,
    );
  }
  const sizes = unpooledSize(shape.slice(-dims), dims, options, caller);
  const leading = shape.slice(0, -dims);
  const plane = sizes.reduce((a, b) => a * b, 1);
  const outside = indices.data().find((index) => index < 0 || index >= plane);
  if (outside !== undefined) {
    throw new IndexError(`Found an invalid max index: ${outside} (output volumes are of size ${sizes.join("x")})`);
  }
  const flat = input.reshape([...leading, -1]);
  const planes = scatter(zeros([...leading, plane]), -1, indices.reshape(flat.shape), flat);
  const name = dims === 1 ? "SqueezeBackward1" : `MaxUnpool${dims}DBackward0`;
  return renamed(planes.reshape([...leading, ...sizes]), name);
}

type UnpoolArguments = [
  kernelSize: Sizes | MaxUnpoolOptions,
  stride?: Sizes | null | MaxUnpoolOptions,
  padding?: Sizes | null | MaxUnpoolOptions,
  outputSize?: readonly number[] | null | MaxUnpoolOptions,
];

/**
 * maxUnpool2d along one dimension.
 * @example nn.functional.maxUnpool1d(...nn.functional.maxPool1d(tensor([[1, 3, 5, 7]]), 2, { returnIndices: true }), 2).tolist() // [[0, 3, 0, 7]]
 */
export function maxUnpool1d(input: Tensor, indices: Tensor, ...options: UnpoolArguments): Tensor {
  return maxUnpool(1, "maxUnpool1d", input, indices, options);
}

/**
 * Zeros with the values of `input` at the positions that `maxPool2d` with `returnIndices` gave.
 * @param input [N, C, H, W] or [C, H, W] @param indices int32, shape of `input`: positions in a plane of the result
 * @returns [N, C, H', W'], H' = (H − 1) stride − 2 padding + kH unless `outputSize` says otherwise
 * @throws {ShapeError} an `outputSize` that does not pool to the size of `input` @throws {IndexError} a position outside
 * @example nn.functional.maxUnpool2d(ones(1, 1, 1, 1), zeros(1, 1, 1, 1, { dtype: "int32" }), 2).flatten().tolist() // [1, 0, 0, 0]
 */
export function maxUnpool2d(input: Tensor, indices: Tensor, ...options: UnpoolArguments): Tensor {
  return maxUnpool(2, "maxUnpool2d", input, indices, options);
}

/**
 * maxUnpool2d over three dimensions.
 * @example nn.functional.maxUnpool3d(ones(1, 1, 1, 1, 1), zeros(1, 1, 1, 1, 1, { dtype: "int32" }), 2).shape // [1, 1, 2, 2, 2]
 */
export function maxUnpool3d(input: Tensor, indices: Tensor, ...options: UnpoolArguments): Tensor {
  return maxUnpool(3, "maxUnpool3d", input, indices, options);
}
