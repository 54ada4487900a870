export type Jax = typeof import("@jax-js/jax");
export type JaxArray = import("@jax-js/jax").Array;

/** jax-js on its WebAssembly backend. */
export async function loadJax(): Promise<Jax> {
  const jax = await import("@jax-js/jax");
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  return jax;
}
