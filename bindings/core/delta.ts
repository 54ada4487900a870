/**
 * The relaxed build differs from the plain one only where it fuses, so a bundle carries it as a delta.
 *
 * A delta is a list of steps until its end, all numbers LEB128:
 *
 *     count, count bytes     to be taken over as they are
 *     count, move            then count bytes of the base; `move` says by how much the place to copy from lies beyond the
 *                            end of the previous copy, zigzag-coded (2n for n ≥ 0, -2n - 1 for n < 0)
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array, length: number): Uint8Array {
  const target = new Uint8Array(length);
  let at = 0;
  let read = 0;
  let from = 0;

  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = delta[read++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const append = (source: Uint8Array, start: number, count: number): void => {
    target.set(source.subarray(start, start + count), at);
    at += count;
  };

  while (read < delta.length) {
    const literal = number();
    append(delta, read, literal);
    read += literal;
    const copied = number();
    const move = number();
    from += (move >>> 1) ^ -(move & 1);
    append(base, from, copied);
    from += copied;
  }
  return target;
}
