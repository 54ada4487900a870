/** New tensors with the dtype of this one, and shapes changed in place, as methods. */
import { type CreationOptions, filledAs, full, type SizeArguments, type TensorData, tensor } from "../ops/creation.ts";
import { emptyStrided } from "../ops/like.ts";
import * as permute from "../ops/permute.ts";
import { becomeView, resize_, resizeAs_ } from "../ops/resize.ts";
import * as strided from "../ops/strided.ts";
import * as view from "../ops/view.ts";
import type { Tensor } from "../tensor.ts";
import { ShapeMethods } from "./shape.ts";

export abstract class CreationMethods extends ShapeMethods {
  /** A tensor with the dtype of this one. */
  newTensor(this: Tensor, data: TensorData, options: CreationOptions = {}): Tensor {
    return tensor(data, { dtype: this.dtype, ...options });
  }

  /** Zeros. */
  newZeros(this: Tensor, ...size: SizeArguments): Tensor {
    return filledAs(this, size, 0, "newZeros");
  }

  /** Ones. */
  newOnes(this: Tensor, ...size: SizeArguments): Tensor {
    return filledAs(this, size, 1, "newOnes");
  }

  /** Undefined elements (zeros here). */
  newEmpty(this: Tensor, ...size: SizeArguments): Tensor {
    return filledAs(this, size, 0, "newEmpty");
  }

  /** The same number everywhere. */
  newFull(this: Tensor, size: readonly number[], fillValue: number | boolean, options: CreationOptions = {}): Tensor {
    return full(size, fillValue, { dtype: this.dtype, ...options });
  }

  /** Undefined elements (zeros here) that lie with these strides. */
  newEmptyStrided(
    this: Tensor,
    size: readonly number[],
    stride: readonly number[],
    options: CreationOptions = {},
  ): Tensor {
    return emptyStrided(size, stride, { dtype: this.dtype, ...options });
  }

  /** Another size; elements stay in their order. */
  resize_(this: Tensor, ...sizes: view.Sizes): Tensor {
    return resize_(this, ...sizes);
  }

  /** `resize_` to the size of another tensor. Written into this tensor. @see {@link resizeAs_} */
  resizeAs_(this: Tensor, theTemplate: Tensor): Tensor {
    return resizeAs_(this, theTemplate);
  }

  /** `squeeze`, written into this tensor: without dimensions of size 1. */
  squeeze_(this: Tensor, dim?: number | readonly number[] | null): Tensor {
    return becomeView(this, dim == null ? "SqueezeBackward2" : "SqueezeBackward3", (self) => view.squeeze(self, dim));
  }

  /** `unsqueeze`, written into this tensor: a new dimension of size 1 before `dim`. */
  unsqueeze_(this: Tensor, dim: number): Tensor {
    return becomeView(this, "UnsqueezeBackward1", (self) => view.unsqueeze(self, dim));
  }

  /** `transpose`, written into this tensor: two dimensions exchanged. */
  transpose_(this: Tensor, dim0: number, dim1: number): Tensor {
    return becomeView(this, "TransposeBackward1", (self) => permute.transpose(self, dim0, dim1));
  }

  /** `swapaxes`, written into this tensor: `transpose` under the name that NumPy has for it. */
  swapaxes_(this: Tensor, axis0: number, axis1: number): Tensor {
    return this.transpose_(axis0, axis1);
  }

  /** `swapdims`, written into this tensor: `transpose` under another name. */
  swapdims_(this: Tensor, dim0: number, dim1: number): Tensor {
    return this.transpose_(dim0, dim1);
  }

  /** `t`, written into this tensor: a matrix transposed. */
  t_(this: Tensor): Tensor {
    return becomeView(this, "TBackward1", permute.t);
  }

  /** `asStrided`, written into this tensor: any sizes and strides. */
  asStrided_(
    this: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storageOffset?: number | null | { storageOffset?: number | null },
  ): Tensor {
    return becomeView(this, "AsStridedBackward1", (self) => strided.asStrided(self, size, stride, storageOffset));
  }
}
