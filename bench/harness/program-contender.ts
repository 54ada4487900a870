import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { TAPEGRAD_URL } from "../peers/tapegrad.ts";
import type { Contender } from "./contender.ts";

const run = promisify(execFile);

/** A program that is run in a fresh process for each timing, and prints how many milliseconds it took by its own clock. */
export class ProgramContender implements Contender {
  readonly id: string;
  readonly #command: string[];
  readonly #env: NodeJS.ProcessEnv;

  constructor(id: string, command: string[], env: NodeJS.ProcessEnv = process.env) {
    this.id = id;
    this.#command = command;
    this.#env = { ...env, TAPEGRAD: TAPEGRAD_URL.href };
  }

  /** A first run, so that every timed one finds its files in the page cache. */
  async prepare(): Promise<{ check: number[] } | { unavailable: string }> {
    try {
      await this.measure();
      return { check: [] };
    } catch (error) {
      return { unavailable: (error as { stderr?: string }).stderr?.match(/\w*Error.*/)?.[0] ?? String(error) };
    }
  }

  async measure(): Promise<number> {
    const [executable, ...parameters] = this.#command;
    const cwd = fileURLToPath(new URL("../../", import.meta.url));
    const { stdout } = await run(executable, parameters, { cwd, env: this.#env });
    const milliseconds = Number(stdout);
    if (!(milliseconds > 0)) throw new Error(`${this.id} printed ${stdout}`);
    return milliseconds * 1e6;
  }

  async release(): Promise<void> {}

  close(): void {}
}
