/**
 * Runs elementwise kernels on operands of any layout in the memory of a compiled entry, with sentinels around the
 * output.
 */

export type Kernel = (...args: number[]) => number;
export type Exports = { memory: WebAssembly.Memory } & Record<string, Kernel>;

/** f: float32, i: int32, b: u8 (bool). */
export type Type = "f" | "i" | "b";

export interface Op {
  name: string;
  /** Types of the inputs, one letter each. */
  inputs: string;
  output: Type;
  /** Scalar attributes, the last arguments. */
  scalars?: number[];
  /** The value in double precision; rounded to the output's type for comparison. */
  of(...x: number[]): number;
  /** Error allowed, in units of the last place; 0 asks for the bits (but any NaN is as good as another). */
  ulp?: number;
  /** Errors below this count as none: for values that tend to zero as a difference. */
  absolute?: number;
  /** Values to draw inputs from, one list per input; otherwise `specials` and random numbers. */
  from?: readonly (readonly number[])[];
}

/** An op; its output has the type of its first input unless `more` says otherwise. */
export function op(name: string, inputs: string, of: (...x: number[]) => number, more: Partial<Op> = {}): Op {
  return { name, inputs, output: inputs[0] as Type, of, ...more };
}

const width = (type: string): number => (type === "b" ? 1 : 4);

export const specialFloats: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  2,
  -2,
  3,
  Number.NaN,
  Infinity,
  -Infinity,
  1e-45,
  -1e-45,
  1.1754942e-38,
  1.1754944e-38,
  3.4028235e38,
  -3.4028235e38,
  87,
  -87,
  88.8,
  -103.5,
  1048576,
  1e9,
  -3e9,
  8388609,
  16777216,
  0.49999997,
].map(Math.fround);

const specialInts: readonly number[] = [0, 1, -1, 2, -2, 3, 31, 32, -7, 46341, 2147483647, -2147483648, 65536];

/** A linear congruential generator: numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

/**
 * Every third value is a special one (drawn so that pairs of specials meet), the rest is spread over some magnitudes.
 */
export function draw(type: string, count: number, next: () => number, from?: readonly number[]): number[] {
  const pick = (list: readonly number[]): number => list[Math.floor(next() * list.length)];
  return Array.from({ length: count }, () => {
    if (from) return pick(from);
    if (type === "b") return next() < 0.5 ? 0 : 1;
    const special = next() < 0.4;
    if (type === "i") return special ? pick(specialInts) : Math.floor((next() - 0.5) * 2 ** (1 + next() * 31));
    return special ? pick(specialFloats) : Math.fround((next() - 0.5) * 2 ** (next() * 12 - 4));
  });
}

/** A stretch of memory holding one operand. */
export interface Operand {
  at: number;
  stride: number;
}

export class Memory {
  private readonly memory: WebAssembly.Memory;
  private top: number;

  constructor(exports: Exports, pages = 64) {
    this.memory = exports.memory;
    this.top = exports.memory.grow(pages) * 65536;
  }

  private view(type: string): Float32Array | Int32Array | Uint8Array {
    const { buffer } = this.memory;
    return type === "f" ? new Float32Array(buffer) : type === "i" ? new Int32Array(buffer) : new Uint8Array(buffer);
  }

  /** Runs `body`, then forgets what it allocated. */
  temporarily<T>(body: () => T): T {
    const top = this.top;
    try {
      return body();
    } finally {
      this.top = top;
    }
  }

  /**
   * Room for count elements at a stride, surrounded by sentinels; element 0 is the last one if the stride is negative.
   */
  allocate(type: string, count: number, stride: number): Operand {
    const bytes = width(type);
    const span = Math.max(1, (Math.max(1, count) - 1) * Math.abs(stride) + 1);
    const guard = 64;
    new Uint8Array(this.memory.buffer, this.top, span * bytes + 2 * guard).fill(0xa5);
    const first = this.top + guard;
    this.top += Math.ceil((span * bytes + 2 * guard) / 16) * 16;
    return { at: stride < 0 ? first + (span - 1) * bytes : first, stride };
  }

  write(type: string, to: Operand, values: readonly number[]): Operand {
    const view = this.view(type);
    const bytes = width(type);
    values.forEach((value, i) => {
      view[to.at / bytes + i * to.stride] = value;
    });
    return to;
  }

  read(type: string, from: Operand, count: number): number[] {
    const view = this.view(type);
    const bytes = width(type);
    return Array.from({ length: count }, (_, i) => view[from.at / bytes + i * from.stride]);
  }

  /** Offsets of bytes that differ from `before` and belong to none of the n elements of the output. */
  strayWrites(before: Uint8Array, type: string, out: Operand, n: number): number[] {
    const bytes = width(type);
    const own = new Set<number>();
    for (let i = 0; i < n; i++) for (let b = 0; b < bytes; b++) own.add(out.at + i * out.stride * bytes + b);
    const after = this.snapshot();
    const stray: number[] = [];
    for (let i = 0; i < before.length; i++) {
      if (before[i] !== after[i] && !own.has(this.base + i)) stray.push(this.base + i);
    }
    return stray;
  }

  private base = 0;

  /** The bytes allocated since `mark`. */
  snapshot(): Uint8Array {
    return new Uint8Array(this.memory.buffer.slice(this.base, this.top));
  }

  mark(): void {
    this.base = this.top;
  }
}

/** `value` as an element of the type: what a correctly rounded kernel would store. */
export function rounded(type: Type, value: number): number {
  return type === "f" ? Math.fround(value) : type === "i" ? value | 0 : value ? 1 : 0;
}

/** Distance of a float from a double in units of the last place of the double's neighbourhood in float32. */
export function ulps(actual: number, exact: number): number {
  const nearest = Math.fround(exact);
  if (Object.is(actual, nearest) || (Number.isNaN(actual) && Number.isNaN(nearest))) return 0;
  if (!Number.isFinite(actual) || !Number.isFinite(exact)) {
    // An overflow may come one step early or late, at the largest float.
    const overflow = Math.abs(actual) >= 3.4028234e38 && Math.abs(exact) >= 3.4028234e38 && actual > 0 === exact > 0;
    return overflow ? 1 : Infinity;
  }
  if (nearest === 0 && actual === 0) return Infinity; // signs differ
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))));
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** Whether the op may give `actual` where the exact result is `exact`. */
export function accepts(op: Op, actual: number, exact: number): boolean {
  if (op.absolute && Math.abs(actual - exact) <= op.absolute) return true;
  return op.ulp ? ulps(actual, exact) <= op.ulp : Object.is(actual, rounded(op.output, exact));
}

export function call(kernel: Kernel, op: Op, inputs: readonly Operand[], out: Operand, n: number): void {
  const args = inputs.flatMap(({ at, stride }) => [at, stride]);
  kernel(...args, out.at, out.stride, n, ...(op.scalars ?? []));
}
