import { readFileSync } from "node:fs";
import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import { shareable } from "../../bindings/core/shareable.ts";

const sharedMemory = (): WebAssembly.Memory => new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });

/** A module of text, in the binary format. */
function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(text);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

describe("a shareable module", () => {
  it("takes its memory from outside and writes nothing to it", () => {
    const bytes = assemble(`(module
      (memory (export "memory") 1)
      (global $g (export "g") (mut i32) (i32.const 1))
      (data (i32.const 8) "abcd")
      (start $start)
      (func $start (i32.store (i32.const 0) (i32.const 7)))
      (func (export "read") (param i32) (result i32) (i32.load (local.get 0))))`);
    const memory = sharedMemory();
    const module = new WebAssembly.Module(shareable(bytes));
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const read = exports.read as (at: number) => number;
    expect([read(0), read(8)]).toEqual([0, 0]);
    new Int32Array(memory.buffer)[2] = 5;
    expect(read(8)).toBe(5);
    expect(exports.memory).toBe(memory);
  });

  it("keeps the imports that there were", () => {
    const bytes = assemble(`(module
      (import "env" "abort" (func $abort (param i32)))
      (memory (export "memory") 1)
      (func (export "call") (call $abort (i32.const 3))))`);
    const seen: number[] = [];
    const env = { memory: sharedMemory(), abort: (code: number) => seen.push(code) };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(shareable(bytes)), { env });
    (exports.call as () => void)();
    expect(seen).toEqual([3]);
  });
});

describe("the core", () => {
  it("exports every global that changes, so that its state can be moved", () => {
    const module = binaryen.readBinary(readFileSync(new URL("../../build/core.simd.wasm", import.meta.url)));
    const text = module.emitText();
    module.dispose();
    const changing = new Set(text.match(/(?<=\(global )\S+(?= \(mut )/g));
    const exported = new Set(text.match(/(?<=\(export "\$\d+" \(global )[^)]+/g));
    expect(changing.size).toBeGreaterThan(20);
    expect([...changing].filter((name) => !exported.has(name))).toEqual([]);
  });
});
