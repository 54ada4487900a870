/** Tensors of positions, as indices are. */
import { TensorField } from "../../assembly/abi/layout.ts";
import { IndexError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { recorder } from "../core/recording.ts";
import { i32 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { contiguous } from "./copy.ts";
import { tensor } from "./creation.ts";

/** Its elements in memory; not to be kept across a call into the core. */
function elementsOf(index: Tensor): Int32Array {
  const start = i32()[(address(index) + TensorField.Data) >>> 2] >>> 2;
  return i32().subarray(start, start + index.numel());
}

/**
 * The same positions, negative ones counted from the end.
 * @throws {IndexError} a position out of range
 */
export function wrapped(index: Tensor, size: number, dim: number): Tensor {
  const dense = contiguous(index);
  // The core looks whether they are in range, at each replay.
  if (recorder) return dense.add(dense.lt(0).to("int32").mul(size));
  const elements = elementsOf(dense);
  let least = 0;
  for (const position of elements) {
    if (position < -size || position >= size) {
      throw new IndexError(`index ${position} is out of bounds for dimension ${dim} with size ${size}`);
    }
    if (position < least) least = position;
  }
  if (least === 0) return dense;
  return tensor(
    elements.map((position) => (position < 0 ? position + size : position)),
    { shape: index.shape },
  );
}

/** Positions, in the flattened tensor, of the elements that are not zero. */
export function nonzeroPositions(input: Tensor): Int32Array {
  const data = input.data();
  let count = 0;
  for (const value of data) if (value !== 0) count++;
  const found = new Int32Array(count);
  let at = 0;
  for (let i = 0; at < count; i++) if (data[i] !== 0) found[at++] = i;
  return found;
}
