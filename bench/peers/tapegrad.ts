export type Tapegrad = typeof import("tapegrad");

/** The library under test, as it is built: from here, bench/build/peers/, three folders up. */
export const TAPEGRAD_URL: URL = new URL("../../../build/node/index.js", import.meta.url);

export async function loadTapegrad(): Promise<Tapegrad> {
  return (await import(TAPEGRAD_URL.href)) as Tapegrad;
}
