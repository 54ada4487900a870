/** TAPEGRAD_THREADS=2 npm test: every test with that many threads, small jobs cut up too. */
import process from "node:process";
import { core } from "../../bindings/core/wasm.ts";
import { setNumThreads } from "../../bindings/index.ts";
import { SUITE_WORK } from "../threads/support.ts";

if (process.env.TAPEGRAD_THREADS) {
  setNumThreads(Number(process.env.TAPEGRAD_THREADS));
  core.setLeastWork(SUITE_WORK);
}
