import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, isFresh, root } from "./paths.ts";

export type Target = "simd" | "relaxed" | "debug";

const INPUTS = ["assembly", "asconfig.json", "package-lock.json", "scripts/export-state.js"].map((path) =>
  join(root, path),
);

/** Relative to the root, where the compiler runs. */
const TRANSFORM = "./scripts/export-state.js";

/** The file that a target becomes. */
export function wasm(target: Target): string {
  return join(build, `core.${target}.wasm`);
}

/** Compiles the core for a target of asconfig.json, unless its output is younger than all sources. */
export function compile(target: Target): Promise<void> {
  if (isFresh([wasm(target)], INPUTS)) return Promise.resolve();
  return run("assemblyscript/bin/asc.js", ["assembly/index.ts", "--target", target, "--transform", TRANSFORM]);
}

/** Runs a Node program out of node_modules; rejects if it fails. */
export function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, "node_modules", program), ...args], {
    cwd: root,
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ${args.join(" ")}: exit status ${code}`));
    });
  });
}
