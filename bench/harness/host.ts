/**
 * Times one side of one case in a process of its own: `node host.js <case> <side>`, then requests on standard input
 * (protocol.ts).
 */
import { createInterface } from "node:readline";
import { load } from "../peers/load.ts";
import { type Case, NotAvailable, type Side, type Task } from "./case.ts";
import { measure, warmUp } from "./measure.ts";
import type { Reply, Request } from "./protocol.ts";

const [caseName, side] = process.argv.slice(2) as [string, Side];

// Libraries may greet their users; standard output belongs to the protocol.
console.log = console.error;
console.info = console.error;

const definition = ((await import(`../cases/${caseName}.js`)) as { default: Case }).default;
const library = await load(side);
let task: Task | undefined;
let isAsync = false;

async function answer(request: Request): Promise<Reply> {
  switch (request.method) {
    case "prepare": {
      const variant = definition.variants.find((candidate) => candidate.label === request.variant);
      const create = definition.sides[side] as
        | ((library: unknown, variant: unknown) => Task | Promise<Task>)
        | undefined;
      if (!variant || !create) throw new Error(`${caseName} has no ${side} for ${request.variant}`);
      task = await create(library, variant);
      const check = (await task.check?.()) ?? [];
      isAsync = await warmUp(task, request.warmupMs);
      return { check };
    }
    case "measure":
      if (!task) throw new Error("measure before prepare");
      return { ns: await measure(task, isAsync, request.budgetMs) };
    case "release":
      task = undefined;
      return { released: true };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply: Reply;
  try {
    reply = await answer(JSON.parse(line) as Request);
  } catch (error) {
    reply =
      error instanceof NotAvailable
        ? { unavailable: error.message }
        : { error: String((error as Error).stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
