import process from "node:process";
import { core } from "../../bindings/core/wasm.ts";
import { getNumThreads, setNumThreads, type Tensor } from "../../bindings/index.ts";

/** The elements as bits, so that nothing is equal but what is the same. */
export function bits(t: Tensor): number[] {
  const data = t.data();
  return Array.from(data instanceof Float32Array ? new Int32Array(data.buffer) : data);
}

/** The core's own, and what makes it cut small jobs up too. */
const USUAL_WORK = 1 << 18;
const LEAST_WORK = 1;

/** Cuts as the suite does: small jobs only where TAPEGRAD_THREADS asks for it. */
export const SUITE_WORK: number = process.env.TAPEGRAD_THREADS ? LEAST_WORK : USUAL_WORK;

/** What `fn` gives with so many threads, whatever the size of its operands. */
export function withThreads<T>(count: number, fn: () => T): T {
  const before = getNumThreads();
  setNumThreads(count);
  core.setLeastWork(LEAST_WORK);
  try {
    return fn();
  } finally {
    core.setLeastWork(SUITE_WORK);
    setNumThreads(before);
  }
}
