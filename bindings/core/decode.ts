/**
 * Bytes from the text that carries them in a bundle. The native decoders come first, since a cold JavaScript loop costs
 * milliseconds; `Buffer` comes second, since merely touching it costs Deno more than the loop.
 */
interface NativeDecoders {
  fromBase64?(text: string): Uint8Array;
  fromHex?(text: string): Uint8Array;
}

const native = Uint8Array as NativeDecoders;

function withBuffer(text: string, encoding: "base64" | "hex"): Uint8Array | undefined {
  const { Buffer } = globalThis as { Buffer?: { from(text: string, encoding: string): Uint8Array } };
  return Buffer?.from(text, encoding);
}

/** The quickest to decode; gzip compresses it badly, because bytes straddle its characters. */
export function fromBase64(text: string): Uint8Array {
  return (
    native.fromBase64?.(text) ??
    withBuffer(text, "base64") ??
    Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  );
}

/** A third more text than base64, and a third less of it after gzip. */
export function fromHex(text: string): Uint8Array {
  return (
    native.fromHex?.(text) ??
    withBuffer(text, "hex") ??
    Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
  );
}
