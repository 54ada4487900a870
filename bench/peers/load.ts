import type { Libraries, Side } from "../harness/case.ts";
import { loadJax } from "./jax.ts";
import { loadJsPytorch } from "./js-pytorch.ts";
import { loadLimits } from "./limits.ts";
import { loadTapegrad } from "./tapegrad.ts";
import { loadTfjs } from "./tfjs.ts";

const LOADERS: { [S in Side]: () => Promise<Libraries[S]> } = {
  tapegrad: loadTapegrad,
  compiled: loadTapegrad,
  scoped: loadTapegrad,
  threads: loadTapegrad,
  tfjs: loadTfjs,
  jax: loadJax,
  jit: loadJax,
  jsPytorch: loadJsPytorch,
  limit: loadLimits,
};

export function load(side: Side): Promise<Libraries[Side]> {
  return LOADERS[side]();
}
