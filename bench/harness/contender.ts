import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Reply, Request } from "./protocol.ts";

/** One column of a case's table: something that can be asked for one timing after another. */
export interface Contender {
  /** `side@runtime`, or `pytorch`. */
  id: string;
  /** Gets ready for a variant. Returns the numbers of its check, or why it cannot take part. */
  prepare(variant: string, warmupMs: number): Promise<{ check: number[] } | { unavailable: string }>;
  /** Nanoseconds for one repetition. */
  measure(budgetMs: number): Promise<number>;
  /** Lets go of the variant. */
  release(): Promise<void>;
  close(): void;
}

/** A contender in a process of its own that speaks the protocol; idle, it waits for its next line and costs nothing. */
export class HostContender implements Contender {
  readonly id: string;
  readonly #case: string;
  readonly #process: ChildProcess;
  readonly #waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = [];
  #stderr = "";
  #failure: Error | undefined;

  constructor(id: string, caseName: string, command: string[], env?: NodeJS.ProcessEnv) {
    this.id = id;
    this.#case = caseName;
    this.#process = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "pipe"], env: env ?? process.env });
    this.#process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-2000);
    });
    createInterface({ input: this.#process.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Reply);
    });
    this.#process.on("close", (code) => this.#fail(new Error(`${id} ended with ${code}: ${this.#stderr.trim()}`)));
    this.#process.on("error", (error) => this.#fail(error));
    this.#process.stdin?.on("error", () => {});
  }

  async prepare(variant: string, warmupMs: number): Promise<{ check: number[] } | { unavailable: string }> {
    const reply = await this.#ask({ method: "prepare", case: this.#case, variant, warmupMs });
    if ("error" in reply) return { unavailable: reply.error };
    return reply as { check: number[] } | { unavailable: string };
  }

  async measure(budgetMs: number): Promise<number> {
    const reply = await this.#ask({ method: "measure", budgetMs });
    if ("ns" in reply) return reply.ns;
    throw new Error(`${this.id}: ${JSON.stringify(reply)}`);
  }

  async release(): Promise<void> {
    await this.#ask({ method: "release" });
  }

  close(): void {
    this.#process.stdin?.end();
    this.#process.kill();
  }

  #ask(request: Request): Promise<Reply> {
    if (this.#failure) return Promise.resolve({ error: this.#failure.message });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ error: this.#failure.message });
  }
}
