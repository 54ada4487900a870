import type { Case, Side } from "./case.ts";
import { type Contender, HostContender } from "./contender.ts";
import { ProgramContender } from "./program-contender.ts";
import { hostPath, oneThread, type Python, pytorchPath, type Runtime } from "./runtimes.ts";

/** Sides in the order of the tables' columns. */
const SIDES: { side: Side | "pytorch" | "empty"; name: string }[] = [
  { side: "tapegrad", name: "tapegrad" },
  { side: "compiled", name: "tapegrad, compiled" },
  { side: "scoped", name: "tapegrad in scope" },
  { side: "threads", name: "tapegrad, 2 threads" },
  { side: "limit", name: "limit" },
  { side: "empty", name: "empty module" },
  { side: "pytorch", name: "PyTorch" },
  { side: "tfjs", name: "tfjs-wasm" },
  { side: "jax", name: "jax-js" },
  { side: "jit", name: "jax-js, jit" },
  { side: "jsPytorch", name: "js-pytorch" },
];

/** Run on both Nodes, since the older one takes the plain SIMD build; the peers run on the newest. */
const ON_BOTH: string[] = ["tapegrad", "compiled", "scoped", "threads", "limit", "empty"];

/** A column before its process is started. */
export interface Column {
  id: string;
  name: string;
  side: Side | "pytorch" | "empty";
  /** Node for a JavaScript side. */
  runtime?: Runtime;
}

/** Every column that this machine can fill. */
export function columns(runtimes: Runtime[], python: Python | undefined): Column[] {
  return SIDES.flatMap(({ side, name }): Column[] => {
    if (side === "pytorch") return python ? [{ id: side, name, side }] : [];
    const on = ON_BOTH.includes(side) ? runtimes : runtimes.slice(0, 1);
    return on.map((runtime) => ({
      id: `${side}@${runtime.name}`,
      name: `${name}, Node ${runtime.version.split(".")[0]}`,
      side,
      runtime,
    }));
  });
}

/** Starts what is needed to time one column of a case; nothing if the case has no such column. */
export function start(definition: Case, column: Column, python: Python | undefined): Contender | undefined {
  const { id, side, runtime } = column;
  const program = definition.programs?.[side];
  if (program) {
    return runtime
      ? new ProgramContender(id, [runtime.executable, "--input-type=module", "--eval", program])
      : new ProgramContender(id, [python?.executable ?? "python3", "-c", program], oneThread);
  }
  if (runtime && side in definition.sides) {
    return new HostContender(id, definition.name, [runtime.executable, hostPath, definition.name, side]);
  }
  if (!runtime && definition.pytorch && python) {
    return new HostContender(id, definition.name, [python.executable, pytorchPath], oneThread);
  }
  return undefined;
}
