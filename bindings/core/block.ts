/** Copies of the core's memory into blocks of the engine's, which is where a turnover's time goes. */

/**
 * Copies are made in pieces for which the engine has memory at hand. Larger ones are mapped anew each time, page by page:
 * 20 to 37 GB/s with 256 KiB, 10 to 15 with 1 MiB and more (Node 20 and 26, second-level cache of 1 MiB).
 */
const PIECE_BYTES = 256 << 10;

/**
 * glibc gives what is freed back to the system, to be mapped anew page by page, until it has seen a large block freed
 * (mallopt(3), M_MMAP_THRESHOLD): from then on it keeps up to twice as much at hand. On Linux one such block, never written to,
 * goes before the first copy: 1M additions in a row took 350 µs each with it and 880 to 1480 without (Node 20).
 */
const EXAMPLE_BYTES = 16 << 20;

interface Host {
  process?: { platform?: string; versions?: { node?: string } };
  Buffer?: { allocUnsafeSlow(bytes: number): Uint8Array };
  Deno?: unknown;
}

/** A minifier would drop a block that nothing refers to. undefined: nothing has been copied yet. */
let example: ArrayBuffer | null | undefined;
/** Node's way to a block that is not filled with zeros first; newer versions do that even where all is copied over. */
let allocate: ((bytes: number) => Uint8Array) | null = null;

function prepare(): void {
  const host = globalThis as Host;
  example = host.process?.platform === "linux" ? new ArrayBuffer(EXAMPLE_BYTES) : null;
  // Deno has it too, but there merely touching `Buffer` takes milliseconds.
  const isNode = host.process?.versions?.node !== undefined && host.Deno === undefined;
  if (isNode) allocate = host.Buffer?.allocUnsafeSlow ?? null;
}

/** The bytes of `memory` from `start` to `end`, from the first of a block on. */
export function copied(memory: Uint8Array, start: number, end: number): Uint8Array {
  if (example === undefined) prepare();
  else example = null;
  if (allocate === null) return memory.slice(start, end);
  const { buffer } = allocate(end - start);
  // Nobody promises that it is not part of a larger one.
  if (buffer.byteLength !== end - start) return memory.slice(start, end);
  const bytes = new Uint8Array(buffer);
  bytes.set(memory.subarray(start, end));
  return bytes;
}

/** The same in pieces of PIECE_BYTES, but for the last one. */
export function copiedInPieces(memory: Uint8Array, start: number, end: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = start; at < end; at += PIECE_BYTES) pieces.push(copied(memory, at, Math.min(at + PIECE_BYTES, end)));
  return pieces;
}
