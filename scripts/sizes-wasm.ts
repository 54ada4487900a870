/** Reads from a wasm binary with names how many bytes the functions of each source file take. */

class Reader {
  private readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  text(): string {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

const CUSTOM = 0;
const CODE = 10;
const FUNCTION_NAMES = 1;

/** Pairs of a file's path and the bytes of one of its functions; AssemblyScript names functions `path/name`. */
export function codeByFile(wasm: Uint8Array): [string, number][] {
  const lengths: number[] = [];
  const names = new Map<number, string>();
  const reader = new Reader(wasm, 8);
  while (reader.at < wasm.length) {
    const section = reader.number();
    const size = reader.number();
    const end = reader.at + size;
    if (section === CODE) {
      for (let count = reader.number(); count > 0; count--) {
        const length = reader.number();
        lengths.push(length);
        reader.at += length;
      }
    } else if (section === CUSTOM && reader.text() === "name") {
      readNames(reader, end, names);
    }
    reader.at = end;
  }
  return lengths.map((length, i) => [(names.get(i) ?? "").replace(/<.*/, ""), length]);
}

function readNames(reader: Reader, end: number, names: Map<number, string>): void {
  while (reader.at < end) {
    const kind = reader.number();
    const size = reader.number();
    const next = reader.at + size;
    if (kind === FUNCTION_NAMES) {
      for (let count = reader.number(); count > 0; count--) {
        const index = reader.number();
        names.set(index, reader.text());
      }
    }
    reader.at = next;
  }
}
