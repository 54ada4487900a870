/** What memory is used for, and how much may be. */
import { turnover } from "./generation.ts";
import { core } from "./wasm.ts";

/** Sizes in bytes. */
export interface MemoryStats {
  /** Linear memory taken from the engine; it never shrinks. */
  wasmBytes: number;
  /** In use now: heap and nursery together. */
  usedBytes: number;
  /** The most that was ever in use. */
  peakBytes: number;
  /** Parameters, gradients, optimizer state and what else lives long. */
  heapBytes: number;
  /** Results of the current generation. */
  nurseryBytes: number;
  /** Of heapBytes: what programs of compiled functions hold. */
  programBytes: number;
  limitBytes: number;
  /** Recorded operations that no backward() has walked yet. */
  pendingNodes: number;
}

/** What is in use. @example memory.stats().peakBytes */
export function stats(): MemoryStats {
  const usedBytes = core.getUsed() >>> 0;
  const nurseryBytes = core.nurseryUsed() >>> 0;
  return {
    wasmBytes: core.memory.buffer.byteLength,
    usedBytes,
    peakBytes: core.getPeak() >>> 0,
    heapBytes: usedBytes - nurseryBytes,
    nurseryBytes,
    programBytes: (core.programBytes.value as number) >>> 0,
    limitBytes: core.getLimit() >>> 0,
    pendingNodes: core.pendingNodes.value as number,
  };
}

/**
 * Refuses to use more than `bytes`: what would need more throws an OutOfMemoryError, and nothing is lost.
 * @throws {RangeError} not a number of bytes
 * @example
 * memory.setLimit(512 * 2 ** 20);
 * memory.stats().limitBytes; // 536870912
 * memory.setLimit(2 ** 32);
 */
export function setLimit(bytes: number): void {
  if (!(bytes > 0)) throw new RangeError(`memory.setLimit: expected a positive number of bytes, got ${bytes}`);
  core.setLimit(Math.min(Math.floor(bytes), 0xffffffff) | 0);
}

/**
 * Turns the nursery over wherever that is allowed and fills freed memory with a pattern: finds uses of stale memory.
 * @example
 * memory.setStress(true);
 * ones(2).add(1).tolist(); // [2, 2]
 * memory.setStress(false);
 */
export function setStress(on: boolean): void {
  core.setStress(on ? 1 : 0);
}

/**
 * Sets results aside and empties the nursery now. Happens by itself; of use before a long pause.
 * @example
 * const x = ones(1000).mul(2);
 * memory.collect();
 * x.sum().item(); // 2000
 */
export function collect(): void {
  turnover();
}
