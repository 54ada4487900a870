/**
 * From the core to what threads run: the same code, on a shared memory that is handed in, and without what would write to
 * that memory when another thread begins. This is done to the bytes of the module, whose sections are rewritten, so that
 * no third build has to be shipped (WebAssembly Core Specification 3.0, 5.5).
 */

const enum Section {
  Type = 1,
  Import = 2,
  Memory = 5,
  Start = 8,
  Data = 11,
  DataCount = 12,
}

/** The most pages that a 32-bit memory can have. */
export const MOST_PAGES: number = 65536;

function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

const name = (text: string): number[] => [text.length, ...Array.from(text, (character) => character.charCodeAt(0))];

/** `env.memory`: shared, at least one page, at most all. */
const MEMORY = [...name("env"), ...name("memory"), 2, 3, 1, ...leb128(MOST_PAGES)];

export function shareable(core: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = core[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };

  const parts: ArrayLike<number>[] = [core.subarray(0, 8)];
  const section = (id: number, ...contents: ArrayLike<number>[]): void => {
    parts.push([id, ...leb128(contents.reduce((sum, { length }) => sum + length, 0))], ...contents);
  };
  const dropped = new Set<number>([Section.Memory, Section.Start, Section.Data, Section.DataCount]);
  let imported = false;

  while (at < core.length) {
    const start = at;
    const id = core[at++];
    const size = number();
    const end = at + size;
    if (!imported && id > Section.Import) {
      section(Section.Import, [1], MEMORY);
      imported = true;
    }
    if (id === Section.Import) {
      const count = number() + 1;
      section(id, leb128(count), core.subarray(at, end), MEMORY);
      imported = true;
    } else if (!dropped.has(id)) {
      parts.push(core.subarray(start, end));
    }
    at = end;
  }

  const module = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const part of parts) {
    module.set(part, to);
    to += part.length;
  }
  return module;
}
