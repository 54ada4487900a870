/** What `tolist()` gives and `tensor()` takes: a number, or arrays of arrays of numbers. */
export type Nested = number | boolean | readonly Nested[];

/** The shape of nested arrays; an empty array ends it with a 0. */
export function shapeOf(nested: Nested): number[] {
  const shape: number[] = [];
  let inner: Nested = nested;
  while (typeof inner === "object") {
    shape.push(inner.length);
    if (inner.length === 0) break;
    inner = inner[0];
  }
  return shape;
}

/** The elements of nested arrays in row-major order; booleans count as 0 and 1. */
export function flatten(nested: Nested): number[] {
  if (typeof nested !== "object") return [Number(nested)];
  return nested.flatMap(flatten);
}

/** Builds nested arrays of the given shape from elements in row-major order. */
export function nest(elements: ArrayLike<number>, shape: readonly number[]): Nested {
  let at = 0;
  const build = (dim: number): Nested =>
    dim === shape.length ? elements[at++] : Array.from({ length: shape[dim] }, () => build(dim + 1));
  return build(0);
}
