/**
 * A reference in plain JavaScript: n-d arrays as a shape and row-major elements, every operation the slow and obvious way.
 * A view is represented by the same structure holding, for each of its elements, the position in the base.
 */
export interface Naive {
  shape: readonly number[];
  data: readonly number[];
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** All coordinates of a shape in row-major order. */
export function coordinates(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (prefixes, size) => prefixes.flatMap((prefix) => Array.from({ length: size }, (_, i) => [...prefix, i])),
    [[]],
  );
}

/** The element at a coordinate. */
export function at(a: Naive, coordinate: readonly number[]): number {
  const position = coordinate.reduce((offset, i, dim) => offset * a.shape[dim] + i, 0);
  return a.data[position];
}

/** The array of the given shape whose elements a function of the coordinate gives. */
export function build(shape: readonly number[], element: (coordinate: number[]) => number): Naive {
  return { shape, data: coordinates(shape).map(element) };
}

/** The array of the given shape that counts up from 0: the positions of a base. */
export function positions(shape: readonly number[]): Naive {
  return { shape, data: Array.from({ length: count(shape) }, (_, i) => i) };
}

/** The shape that two shapes broadcast to; `null` if they do not. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let dim = 0; dim < rank; dim++) {
    const left = a[dim - rank + a.length] ?? 1;
    const right = b[dim - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return null;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

/** `a` stretched to a shape that it broadcasts to. */
export function broadcastTo(a: Naive, shape: readonly number[]): Naive {
  const skip = shape.length - a.shape.length;
  return build(shape, (c) =>
    at(
      a,
      a.shape.map((size, dim) => (size === 1 ? 0 : c[dim + skip])),
    ),
  );
}

/** A function of two numbers, applied to broadcast elements. */
export function zip(fn: (x: number, y: number) => number, a: Naive, b: Naive): Naive {
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === null) throw new Error(`[${a.shape}] and [${b.shape}] do not broadcast`);
  const left = broadcastTo(a, shape);
  const right = broadcastTo(b, shape);
  return { shape, data: left.data.map((x, i) => fn(x, right.data[i])) };
}

/** The inverse of `broadcastTo` for gradients: elements that came from one are added up. */
export function sumTo(a: Naive, shape: readonly number[]): Naive {
  const source = broadcastTo(positions(shape), a.shape);
  return accumulate(source, a.data, shape);
}

/** An array of the given shape into which `values[i]` is added at position `view.data[i]`. */
export function accumulate(view: Naive, values: readonly number[], shape: readonly number[]): Naive {
  const data = new Array<number>(count(shape)).fill(0);
  view.data.forEach((position, i) => {
    data[position] += values[i];
  });
  return { shape, data };
}

/** Reduces the dims with a function of the elements, taken in row-major order. */
export function reduce(fn: (elements: number[]) => number, a: Naive, dims: readonly number[], keepdim: boolean): Naive {
  const inner = a.shape.filter((_, dim) => dims.includes(dim));
  const outer = a.shape.map((size, dim) => (dims.includes(dim) ? 1 : size));
  const kept = build(outer, (c) =>
    fn(
      coordinates(inner).map((i) => {
        let next = 0;
        return at(
          a,
          c.map((place, dim) => (dims.includes(dim) ? i[next++] : place)),
        );
      }),
    ),
  );
  return keepdim ? kept : { shape: a.shape.filter((_, dim) => !dims.includes(dim)), data: kept.data };
}

export function permute(a: Naive, order: readonly number[]): Naive {
  return build(
    order.map((dim) => a.shape[dim]),
    (c) => {
      const source = new Array<number>(c.length);
      order.forEach((dim, i) => {
        source[dim] = c[i];
      });
      return at(a, source);
    },
  );
}

/** Every `step`-th element along a dim, from `start` to before `end`. */
export function slice(a: Naive, dim: number, start: number, end: number, step = 1): Naive {
  const size = Math.max(0, Math.ceil((end - start) / step));
  return build(
    a.shape.map((old, i) => (i === dim ? size : old)),
    (c) =>
      at(
        a,
        c.map((place, i) => (i === dim ? start + place * step : place)),
      ),
  );
}

export function select(a: Naive, dim: number, index: number): Naive {
  const { data } = slice(a, dim, index, index + 1);
  return { shape: a.shape.filter((_, i) => i !== dim), data };
}

export function matmul(a: Naive, b: Naive): Naive {
  const [rows, inner] = a.shape;
  return build([rows, b.shape[1]], ([i, j]) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += at(a, [i, k]) * at(b, [k, j]);
    return sum;
  });
}
