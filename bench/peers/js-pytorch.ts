export type JsPytorch = typeof import("js-pytorch").torch;

/** js-pytorch on the CPU: arrays of arrays of JavaScript numbers. */
export async function loadJsPytorch(): Promise<JsPytorch> {
  return (await import("js-pytorch")).torch;
}

/** What js-pytorch takes for a matrix. */
export function rows(matrix: Float32Array, columns: number): number[][] {
  return Array.from({ length: matrix.length / columns }, (_, r) =>
    Array.from(matrix.subarray(r * columns, (r + 1) * columns)),
  );
}
