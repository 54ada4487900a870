/** Files that the build makes, and that the sources must type-check without. */
declare module "*/core.inline.js" {
  export function simd(): Uint8Array;
  export function relaxed(): Uint8Array;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
