// Runs a bundle in an edge VM: node edge-vm.js BUNDLE. The path of the core lies in BUNDLE.core; the bundle's `done` is, or
// becomes, the number of failures.
import { readFileSync } from "node:fs";
import { EdgeVM } from "@edge-runtime/vm";

const bundle = process.argv[2];
const core = new WebAssembly.Module(readFileSync(readFileSync(`${bundle}.core`, "utf8")));
const vm = new EdgeVM({ extend: (context) => Object.assign(context, { __core: core, gc: globalThis.gc }) });
vm.evaluate(readFileSync(bundle, "utf8"));
process.exitCode = (await vm.evaluate("bundle.done")) > 0 ? 1 : 0;
