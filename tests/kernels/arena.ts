/** Buffers in a kernel's memory, with guard bytes right before and right behind each, so that a stray write shows. */

const GUARD_BYTES = 64;
const GUARD = 0xa5;

export class Arena {
  readonly #memory: WebAssembly.Memory;
  readonly #start: number;
  #top: number;
  #guards: number[] = [];

  /** Buffers begin at `start` (bytes), which must lie above the module's static data. */
  constructor(memory: WebAssembly.Memory, start: number = 1 << 16) {
    this.#memory = memory;
    this.#start = start;
    this.#top = start;
  }

  /** Forgets all buffers. */
  reset(): void {
    this.#top = this.#start;
    this.#guards = [];
  }

  /** Room for `bytes`, filled with the guard pattern; `skewBytes` moves it off its 16-byte boundary, as in a view. */
  reserve(bytes: number, skewBytes: number = 0): number {
    const at = Math.ceil((this.#top + GUARD_BYTES) / 16) * 16 + skewBytes;
    this.#top = at + bytes + GUARD_BYTES;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / 65536));
    new Uint8Array(this.#memory.buffer, at - GUARD_BYTES, bytes + 2 * GUARD_BYTES).fill(GUARD);
    this.#guards.push(at - GUARD_BYTES, at + bytes);
    return at;
  }

  f32(values: ArrayLike<number>, skewBytes: number = 0): number {
    const at = this.reserve(values.length * 4, skewBytes);
    new Float32Array(this.#memory.buffer, at, values.length).set(values);
    return at;
  }

  i32(values: ArrayLike<number>, skewBytes: number = 0): number {
    const at = this.reserve(values.length * 4, skewBytes);
    new Int32Array(this.#memory.buffer, at, values.length).set(values);
    return at;
  }

  u8(values: ArrayLike<number>, skewBytes: number = 0): number {
    const at = this.reserve(values.length, skewBytes);
    new Uint8Array(this.#memory.buffer, at, values.length).set(values);
    return at;
  }

  /** Copies of what lies in memory now. */
  readF32(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length).slice();
  }

  readI32(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length).slice();
  }

  readU8(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length).slice();
  }

  /** Throws if a byte beside a buffer has changed. */
  checkGuards(): void {
    const bytes = new Uint8Array(this.#memory.buffer);
    this.#guards.forEach((from, i) => {
      const bad = bytes.subarray(from, from + GUARD_BYTES).findIndex((byte) => byte !== GUARD);
      const side = i % 2 ? `${bad} bytes behind` : `${GUARD_BYTES - bad} bytes before`;
      if (bad >= 0) throw new Error(`buffer ${i >> 1} of the test: written ${side} it`);
    });
  }
}

/** Reproducible numbers in [0, 1): the generator of Numerical Recipes. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/** The sizes at which loops over vectors, strips and blocks begin and end. */
export const SIZES: number[] = [0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 100, 1000, 1025];

export type Shape3 = [outer: number, k: number, inner: number];

/** Shapes [outer, k, inner] in which each size occurs at each place. */
export const SHAPES: Shape3[] = [
  ...SIZES.flatMap((n): Shape3[] => [
    [1, n, 1],
    [3, n, 1],
    [n, 3, 1],
    [1, n, 5],
    [2, n, 17],
    [1, 5, n],
    [2, 2, n],
    [n, 2, 3],
  ]),
  [1, 70, 300],
  [3, 33, 130],
];

/** The k elements that a reduction of `a`, seen as [outer, k, inner], puts together in each of its results. */
export function* lanes<A extends { [i: number]: number }>(a: A, [outer, k, inner]: Shape3): Generator<number[]> {
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < inner; j++) {
      yield Array.from({ length: k }, (_, r) => a[(i * k + r) * inner + j]);
    }
  }
}
