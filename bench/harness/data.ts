/**
 * Inputs that every side, in either language, makes for itself: element i is a hash of i, a multiple of 2⁻²³ in [-1, 1),
 * so that it is the same float32 everywhere. The hash is MurmurHash3's finalizer (Appleby 2011); peers/pytorch.py has the
 * same function.
 */
export function uniform(count: number, seed: number, scale = 1): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let h = (i + Math.imul(seed, 0x9e3779b9)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    values[i] = Math.fround(((((h ^ (h >>> 16)) >>> 8) - 0x800000) / 0x800000) * scale);
  }
  return values;
}

/** Class numbers in [0, classes). */
export function labels(count: number, classes: number, seed: number): Int32Array {
  return Int32Array.from(uniform(count, seed), (u) => Math.floor(((u + 1) / 2) * classes));
}

/** `labels` as rows with a single one. */
export function oneHot(indices: Int32Array, classes: number): Float32Array {
  const rows = new Float32Array(indices.length * classes);
  indices.forEach((label, row) => {
    rows[row * classes + label] = 1;
  });
  return rows;
}

/** Weights and bias of a linear layer, both uniform with the bound 1/√inputs (PyTorch's own default). */
export function linear(inputs: number, outputs: number, seed: number): { weight: Float32Array; bias: Float32Array } {
  const bound = 1 / Math.sqrt(inputs);
  return { weight: uniform(outputs * inputs, seed, bound), bias: uniform(outputs, seed + 1, bound) };
}

/** The transpose of a row-major matrix, for the sides that store a layer's weights as inputs × outputs. */
export function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = matrix[r * columns + c];
  return result;
}

/** Two interleaving half circles with some noise, and their classes as ±1. */
export function moons(count: number): { points: Float32Array; signs: Float32Array } {
  const angle = uniform(count, 1);
  const noise = uniform(2 * count, 2, 0.1);
  const points = new Float32Array(2 * count);
  const signs = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const t = ((angle[i] + 1) / 2) * Math.PI;
    const upper = i % 2 === 0;
    points[2 * i] = (upper ? Math.cos(t) : 1 - Math.cos(t)) + noise[2 * i];
    points[2 * i + 1] = (upper ? Math.sin(t) : 0.5 - Math.sin(t)) + noise[2 * i + 1];
    signs[i] = upper ? 1 : -1;
  }
  return { points, signs };
}
