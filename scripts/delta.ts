/** Makes the deltas that bindings/core/delta.ts applies; the format is described there. */

/**
 * Each step costs about half a microsecond at import. Copies of 6 bytes and up would make the text of the core 1 kB smaller
 * after gzip, and its import 0.4 ms longer (1254 steps instead of 478).
 */
const SHORTEST_COPY = 12;

export function makeDelta(base: Uint8Array, target: Uint8Array): Uint8Array {
  const places = indexOf(base);
  const delta: number[] = [];
  let copyEnd = 0;
  let literalStart = 0;

  const step = (literalEnd: number, from: number, count: number): void => {
    pushNumber(delta, literalEnd - literalStart);
    for (let i = literalStart; i < literalEnd; i++) delta.push(target[i]);
    pushNumber(delta, count);
    pushNumber(delta, zigzag(from - copyEnd));
    copyEnd = from + count;
    literalStart = literalEnd + count;
  };

  for (let at = 0; at < target.length; ) {
    const skipped = copyEnd + (at - literalStart);
    const candidates = [copyEnd, skipped, ...(places.get(keyAt(target, at)) ?? [])];
    const from = candidates.reduce((best, place) =>
      worth(base, place, target, at, copyEnd) > worth(base, best, target, at, copyEnd) ? place : best,
    );
    const count = matchLength(base, from, target, at);
    if (count >= SHORTEST_COPY) {
      step(at, from, count);
      at += count;
    } else {
      at += 1;
    }
  }
  step(target.length, copyEnd, 0);
  return Uint8Array.from(delta);
}

/** The places in `base` of every run of SHORTEST_COPY bytes. */
function indexOf(base: Uint8Array): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (let at = 0; at + SHORTEST_COPY <= base.length; at++) {
    const key = keyAt(base, at);
    const list = places.get(key);
    if (list) list.push(at);
    else places.set(key, [at]);
  }
  return places;
}

function keyAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + SHORTEST_COPY));
}

/** What a copy saves: its bytes, less two if the jump to it takes a longer number. */
function worth(base: Uint8Array, from: number, target: Uint8Array, at: number, copyEnd: number): number {
  return matchLength(base, from, target, at) - (Math.abs(from - copyEnd) < 64 ? 0 : 2);
}

function matchLength(base: Uint8Array, from: number, target: Uint8Array, at: number): number {
  let count = 0;
  while (from + count < base.length && at + count < target.length && base[from + count] === target[at + count]) count++;
  return count;
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function pushNumber(out: number[], value: number): void {
  let rest = value;
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128);
  out.push(rest);
}
