/** Steps for sequences of operations (sequences.ts) that slide a window over an image: convolutions and pools. */
import { nn, type Tensor } from "../../bindings/index.ts";
import * as s from "./scalars.ts";
import { isClear, Program, type Register, result } from "./sequences.ts";

const F = nn.functional;

/** Small enough for a reference that makes an object of each number. */
export const MOST = 64;

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

/** Channels, height and width of an image with so many elements. */
function imageSizes(n: number, a: number, b: number): [number, number, number] {
  const channels = divisors(n).filter((d) => d <= 3);
  const c = channels[a % channels.length];
  const heights = divisors(n / c);
  const h = heights[b % heights.length];
  return [c, h, n / c / h];
}

interface Window {
  stride: number;
  padding: number;
  dilation: number;
}

function windowCount(size: number, kernel: number, { stride, padding, dilation }: Window): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The position in a row of `size` that tap `k` of window `i` sees; −1 where that is the border. */
function tap(i: number, k: number, size: number, { stride, padding, dilation }: Window): number {
  const at = i * stride - padding + k * dilation;
  return at >= 0 && at < size ? at : -1;
}

export function mean(values: readonly s.Scalar[]): s.Scalar {
  return s.mul(s.sum(values), s.constant(1 / values.length));
}

export const largest = (row: readonly s.Scalar[]): number => Math.max(...row.map((v) => v.value));

/** The place of the largest, or −1 if two are too near to each other. */
export function winner(row: readonly s.Scalar[]): number {
  const best = row.findIndex((v) => v.value === largest(row));
  return row.every((v, i) => i === best || isClear(v.value, row[best].value)) ? best : -1;
}

export class WindowProgram extends Program {
  /** Windows over an image. */
  protected slide(op: string, { t, cells }: Register, y: Register, b: number, c: number): Register | null {
    const image = s.elements(cells);
    if (image.length === 0 || image.length > MOST) return null;
    const [channels, ...full] = imageSizes(image.length, b, c);
    const [height, width] = op.endsWith("1d") ? [1, full[0] * full[1]] : full;
    const lead = b % 2 === 0 ? [1] : [];
    const sizes = op.endsWith("1d") ? [width] : [height, width];
    const picture = (): Tensor => t.reshape([...lead, channels, ...sizes]);
    const pixel = (ch: number, i: number, j: number): s.Scalar => image[(ch * height + i) * width + j];
    const kernel = [Math.min(height, 1 + (c % 2)), Math.min(width, 1 + (c % 3))];
    const window: Window = { stride: 1 + (c % 2), padding: (c >> 1) % 2, dilation: 1 + ((c >> 2) % 2) };
    const across: Window = op.endsWith("1d") ? { stride: 1, padding: 0, dilation: 1 } : window;

    /** `each` gets the taps that lie inside of the image, as [tap, row, column]. */
    const slid = (at: Window[], planes: number, each: (plane: number, taps: number[][]) => s.Scalar | null) => {
      const counts = [windowCount(height, kernel[0], at[0]), windowCount(width, kernel[1], at[1])];
      if (counts.some((n) => n < 1) || planes * counts[0] * counts[1] > MOST) return null;
      const values: s.Scalar[] = [];
      for (let plane = 0; plane < planes; plane++) {
        for (let i = 0; i < counts[0]; i++) {
          for (let j = 0; j < counts[1]; j++) {
            const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, k) => [
              k,
              tap(i, Math.floor(k / kernel[1]), height, at[0]),
              tap(j, k % kernel[1], width, at[1]),
            ]);
            const value = each(
              plane,
              taps.filter(([, row, column]) => row >= 0 && column >= 0),
            );
            if (!value) return null;
            values.push(value);
          }
        }
      }
      const shape = [...lead, planes, ...(op.endsWith("1d") ? [counts[1]] : counts)];
      return { shape, values };
    };

    if (op === "conv1d" || op === "conv2d") {
      const weights = s.elements(y.cells);
      const each = channels * kernel[0] * kernel[1];
      const outs = Math.min(Math.floor(weights.length / each), 3);
      if (outs === 0) return null;
      const made = slid([across, window], outs, (out, taps) =>
        s.sum(
          Array.from({ length: channels }, (_, ch) =>
            taps.map(([k, row, column]) =>
              s.mul(pixel(ch, row, column), weights[out * each + ch * kernel[0] * kernel[1] + k]),
            ),
          ).flat(),
        ),
      );
      const shape = [outs, channels, ...(op === "conv1d" ? [kernel[1]] : kernel)];
      const weight = (): Tensor =>
        y.t
          .reshape([-1])
          .narrow(0, 0, outs * each)
          .view(shape);
      const conv = op === "conv1d" ? F.conv1d : F.conv2d;
      return made && result(made.shape, made.values, () => conv(picture(), weight(), { ...window }));
    }
    if (op === "convTranspose2d")
      return this.transposed(y, channels, [height, width], lead, kernel, window, pixel, picture);
    const pooled: Window = { ...window, padding: Math.min(window.padding, ...kernel.map((k) => k >> 1)), dilation: 1 };
    const options = { kernelSize: kernel, stride: pooled.stride, padding: pooled.padding };
    if (op === "maxPool2d") {
      const made = slid([pooled, pooled], channels, (ch, taps) => {
        const seen = taps.map(([, row, column]) => pixel(ch, row, column));
        return seen[winner(seen)] ?? null;
      });
      return made && result(made.shape, made.values, () => F.maxPool2d(picture(), options as { kernelSize: number[] }));
    }
    if (op === "avgPool2d") {
      const factor = s.constant(1 / (kernel[0] * kernel[1]));
      const made = slid([pooled, pooled], channels, (ch, taps) =>
        s.mul(s.sum(taps.map(([, row, column]) => pixel(ch, row, column))), factor),
      );
      return made && result(made.shape, made.values, () => F.avgPool2d(picture(), options as { kernelSize: number[] }));
    }
    if (op === "adaptiveAvgPool1d") {
      const n = 1 + (c % 3);
      const values = Array.from({ length: channels * n }, (_, k) => {
        const [ch, i] = [Math.floor(k / n), k % n];
        const [start, end] = [Math.floor((i * width) / n), Math.ceil(((i + 1) * width) / n)];
        return mean(Array.from({ length: end - start }, (_, at) => pixel(ch, 0, start + at)));
      });
      return result([...lead, channels, n], values, () => F.adaptiveAvgPool1d(picture(), n));
    }
    return null;
  }

  private transposed(
    y: Register,
    channels: number,
    [height, width]: readonly number[],
    lead: readonly number[],
    kernel: readonly number[],
    { stride, padding, dilation }: Window,
    pixel: (ch: number, i: number, j: number) => s.Scalar,
    picture: () => Tensor,
  ): Register | null {
    const weights = s.elements(y.cells);
    const each = channels * kernel[0] * kernel[1];
    const outs = Math.min(Math.floor(weights.length / each), 2);
    const sizes = [height, width].map((n, i) => (n - 1) * stride - 2 * padding + dilation * (kernel[i] - 1) + 1);
    if (outs === 0 || sizes.some((n) => n < 1) || outs * sizes[0] * sizes[1] > MOST) return null;
    const parts = Array.from({ length: outs * sizes[0] * sizes[1] }, () => [] as s.Scalar[]);
    for (let ch = 0; ch < channels; ch++) {
      for (let at = 0; at < height * width * kernel[0] * kernel[1]; at++) {
        const [place, k] = [Math.floor(at / (kernel[0] * kernel[1])), at % (kernel[0] * kernel[1])];
        const [i, j] = [Math.floor(place / width), place % width];
        const row = i * stride - padding + Math.floor(k / kernel[1]) * dilation;
        const column = j * stride - padding + (k % kernel[1]) * dilation;
        if (row < 0 || column < 0 || row >= sizes[0] || column >= sizes[1]) continue;
        for (let out = 0; out < outs; out++) {
          const weight = weights[(ch * outs + out) * kernel[0] * kernel[1] + k];
          parts[(out * sizes[0] + row) * sizes[1] + column].push(s.mul(pixel(ch, i, j), weight));
        }
      }
    }
    return result([...lead, outs, ...sizes], parts.map(s.sum), () => {
      const weight = y.t.reshape([-1]).narrow(0, 0, outs * each);
      return F.convTranspose2d(picture(), weight.view([channels, outs, ...kernel]), { stride, padding, dilation });
    });
  }
}
