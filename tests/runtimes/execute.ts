import { spawn } from "node:child_process";

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

/** One thing to be tried on one runtime. */
export interface Check {
  readonly name: string;
  run(): Promise<Outcome>;
}

export interface Finished {
  readonly status: number | null;
  readonly output: string;
}

interface Options {
  readonly cwd: string;
  readonly env?: Record<string, string>;
}

/** No run takes a minute on an idle machine. */
const LIMIT_MS = 10 * 60_000;

/** Runs a program to its end and gives what it printed, on both streams. */
export function execute(program: string, args: readonly string[], { cwd, env }: Options): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: LIMIT_MS,
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk;
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}

/** A run of the suite: its last line `N passed, M failed` counts. */
export function counted({ status, output }: Finished): Outcome {
  const line = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  const passed = Number(line?.[1] ?? 0);
  const failed = Number(line?.[2] ?? 0);
  if (status === 0 && failed === 0 && passed > 0) return { passed, failed };
  console.log(output);
  return { passed, failed: Math.max(failed, 1) };
}

/** A run of a program that says by its exit status whether all was well. */
export function succeeded({ status, output }: Finished): Outcome {
  if (status === 0) return { passed: 1, failed: 0 };
  console.log(output);
  return { passed: 0, failed: 1 };
}
