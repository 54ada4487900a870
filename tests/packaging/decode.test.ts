import { afterEach, describe, expect, it, vi } from "vitest";
import { fromBase64, fromHex } from "../../bindings/core/decode.ts";

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 37);
const encoded = {
  base64: Buffer.from(bytes).toString("base64"),
  hex: Buffer.from(bytes).toString("hex"),
};

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function expectBytes(actual: Uint8Array): void {
  expect(Array.from(actual)).toEqual(Array.from(bytes));
}

describe("inlined bytes are decoded", () => {
  it("with Buffer, where the engine has no decoder of its own", () => {
    expectBytes(fromBase64(encoded.base64));
    expectBytes(fromHex(encoded.hex));
  });

  it("without Buffer", () => {
    vi.stubGlobal("Buffer", undefined);
    expectBytes(fromBase64(encoded.base64));
    expectBytes(fromHex(encoded.hex));
  });

  it("natively, before Buffer is touched", () => {
    const touched = vi.fn();
    const { Buffer } = globalThis;
    const native = {
      fromBase64: (text: string) => Uint8Array.from(Buffer.from(text, "base64")),
      fromHex: (text: string) => Uint8Array.from(Buffer.from(text, "hex")),
    };
    const previous = Object.getOwnPropertyDescriptors(Uint8Array);
    Object.assign(Uint8Array, native);
    Object.defineProperty(globalThis, "Buffer", { get: touched, configurable: true });
    try {
      expectBytes(fromBase64(encoded.base64));
      expectBytes(fromHex(encoded.hex));
    } finally {
      Object.defineProperty(globalThis, "Buffer", { value: Buffer, configurable: true, writable: true });
      for (const name of Object.keys(native)) {
        delete (Uint8Array as unknown as Record<string, unknown>)[name];
        if (name in previous) Object.defineProperty(Uint8Array, name, previous[name as keyof typeof previous]);
      }
    }
    expect(touched).not.toHaveBeenCalled();
  });
});
