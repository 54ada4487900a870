/** Starting a worker, in each kind of runtime that has any. */

/** The core's globals by name. */
export type State = Record<string, unknown>;

/** What a worker is told. */
export interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly state: State;
  readonly number: number;
  readonly scratch: number;
}

export type Launch = (start: Start, onError: (error: unknown) => void) => void;

/** What a worker does. It is text, since a file of its own would not survive being bundled. */
const PROGRAM = `(({ module, memory, state, number, scratch }) => {
  const { exports: core } = new WebAssembly.Instance(module, {
    env: { memory, beforeWrite() {}, abort() { throw new Error("abort"); } },
  });
  for (const name in state) core[name].value = state[name];
  core.runThread(number, scratch);
})`;

interface NodeWorker {
  on(event: "error", listener: (error: unknown) => void): void;
  unref(): void;
}

interface WebWorker {
  onerror: ((event: { message?: string }) => void) | null;
  postMessage(message: unknown): void;
}

/** Names that only some runtimes have. */
interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly crossOriginIsolated?: boolean;
  readonly SharedArrayBuffer?: unknown;
  readonly Worker?: new (url: string) => WebWorker;
  readonly Blob?: new (parts: string[], options: { type: string }) => object;
  readonly URL?: { createObjectURL?(blob: object): string };
}

interface WorkerOptions {
  readonly eval: true;
  readonly execArgv: string[];
  readonly workerData: Start;
}

interface NodeThreads {
  readonly Worker?: new (code: string, options: WorkerOptions) => NodeWorker;
}

/** How this runtime starts a worker; why it cannot, otherwise. Deno and Bun take Node's way, for its `unref`. */
export function launcher(): Launch | string {
  const host = globalThis as unknown as Host;
  const threads = host.process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
  if (threads?.Worker) {
    const { Worker } = threads;
    return (start, onError) => {
      const code = `${PROGRAM}(process.getBuiltinModule("node:worker_threads").workerData)`;
      // Flags of this process, such as --input-type=module and --import, are not for the worker's text.
      const worker = new Worker(code, { eval: true, execArgv: [], workerData: start });
      worker.on("error", onError);
      worker.unref();
    };
  }
  const { Worker, Blob } = host;
  if (!Worker || !Blob || !host.URL?.createObjectURL) return "this runtime has no threads";
  if (!host.SharedArrayBuffer || host.crossOriginIsolated === false) {
    return (
      "the page is not isolated from other origins, and so has no shared memory; its server must send the headers " +
      "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp"
    );
  }
  const code = `onmessage = ({ data }) => ${PROGRAM}(data)`;
  const url = host.URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return (start, onError) => {
    const worker = new Worker(url);
    worker.onerror = ({ message }) => onError(message);
    worker.postMessage(start);
  };
}
