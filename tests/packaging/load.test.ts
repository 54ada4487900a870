import { createContext, runInContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import { instantiate, load } from "../../bindings/core/load.ts";

/** (module (func (export "answer") (result i32) i32.const 42)) */
const ANSWER = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 10, 1, 6, 97, 110, 115, 119, 101, 114, 0, 0, 10,
  6, 1, 4, 0, 65, 42, 11,
]);

interface Answer {
  answer(): number;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Makes the engine refuse everything that holds one of these opcodes behind the SIMD prefix. */
function refuse(...opcodes: number[]): void {
  const { validate } = WebAssembly;
  vi.spyOn(WebAssembly, "validate").mockImplementation((source) => {
    const bytes = source as Uint8Array;
    const refused = bytes.some((byte, i) => byte === 253 && opcodes.includes(bytes[i + 1]));
    return !refused && validate(source);
  });
}

function accept(): void {
  vi.spyOn(WebAssembly, "validate").mockReturnValue(true);
}

describe("load", () => {
  it("takes the relaxed build where the engine knows its instructions, and does not ask for the plain one", () => {
    accept();
    const simd = vi.fn(() => ANSWER);
    const exports = load<Answer>({ simd, relaxed: () => ANSWER });
    expect(exports.answer()).toBe(42);
    expect(simd).not.toHaveBeenCalled();
  });

  it("takes the plain build elsewhere, and does not ask for the relaxed one", () => {
    refuse(133);
    const relaxed = vi.fn(() => ANSWER);
    expect(load<Answer>({ simd: () => ANSWER, relaxed }).answer()).toBe(42);
    expect(relaxed).not.toHaveBeenCalled();
  });

  it("gives the instance's own exports, not the loader's wrappers", () => {
    const exports = instantiate<Answer>(ANSWER);
    expect(Object.isFrozen(exports)).toBe(true);
    expect(exports.answer.toString()).toContain("[native code]");
  });

  it("says what is missing where there is no SIMD", () => {
    refuse(133, 224);
    const unknownOpcode = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 255]);
    expect(() => load({ simd: () => unknownOpcode, relaxed: () => unknownOpcode })).toThrow(
      "tapegrad needs WebAssembly SIMD, which this runtime does not support (it refuses the instruction f32x4.abs).",
    );
  });

  it("says what is missing where there is no WebAssembly", () => {
    vi.stubGlobal("WebAssembly", undefined);
    const builds = { simd: () => ANSWER, relaxed: () => ANSWER };
    expect(() => load(builds)).toThrow(/needs WebAssembly SIMD.*it has no WebAssembly at all/);
    expect(() => instantiate(ANSWER)).toThrow(/needs WebAssembly SIMD.*it has no WebAssembly at all/);
  });

  it("leaves other errors alone", () => {
    expect(() => instantiate(Uint8Array.from([1, 2, 3]))).toThrow(WebAssembly.CompileError);
  });

  it("takes a compiled module, also one from another realm", () => {
    expect(instantiate<Answer>(new WebAssembly.Module(ANSWER)).answer()).toBe(42);
    const foreign = runInContext("new WebAssembly.Module(bytes)", createContext({ bytes: ANSWER }));
    expect(foreign).not.toBeInstanceOf(WebAssembly.Module);
    expect(instantiate<Answer>(foreign).answer()).toBe(42);
  });
});
