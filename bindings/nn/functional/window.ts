/** Arguments of convolutions and pooling: one number for all spatial dimensions, or one for each. */
import { ShapeError } from "../../core/errors.ts";

export type Sizes = number | readonly number[];

/** How PyTorch prints a list of sizes. */
export function listed(sizes: readonly number[]): string {
  return `[${sizes.join(", ")}]`;
}

/** One number for each spatial dimension. */
export function perDimension(value: Sizes, count: number, name: string): number[] {
  const list = typeof value === "number" ? [value] : [...value];
  if (list.length !== 1 && list.length !== count) {
    throw new ShapeError(
      `expected ${name} to be a single integer value or a list of ${count} values to match the convolution dimensions, but ` +
        `got ${name}=${listed(list)}`,
    );
  }
  for (const size of list) {
    if (!Number.isInteger(size)) throw new ShapeError(`${name}: expected integers, got ${listed(list)}`);
  }
  return list.length === count ? list : new Array<number>(count).fill(list[0]);
}

/** The list that the core wants for depth, height and width: what is missing comes first. */
export function padded(values: readonly number[], missing: number): number[] {
  return [...new Array<number>(3 - values.length).fill(missing), ...values];
}
