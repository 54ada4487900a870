/** What happened, in the order in which it began. */

import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { OpMode } from "../../assembly/abi/op.ts";
import { core, i32, u8 } from "../core/wasm.ts";
import type { Category, Watcher } from "../core/watch.ts";
import { operationName } from "./names.ts";

/** One run of an operation, of a derivative or of a part that the user named. Times in microseconds. */
export interface ProfilerEvent {
  readonly name: string;
  readonly category: "cpu_op" | "user_annotation";
  /** Since the profile began. */
  readonly start: number;
  /** From its beginning to its end. */
  cpuTimeTotal: number;
  /** Without what ran inside it and has a name of its own. */
  selfCpuTimeTotal: number;
  /** Bytes allocated and not given back. */
  cpuMemoryUsage: number;
  selfCpuMemoryUsage: number;
  /** How many events it lies in. */
  readonly depth: number;
}

interface Open {
  readonly event: ProfilerEvent;
  innerTime: number;
  innerBytes: number;
}

/** What a tensor's elements take, if the operation that made it has taken memory for them. */
function resultBytes(op: number, pointer: number): number {
  if (op & OpMode.InPlace || pointer === 0) return 0;
  const flags = u8()[pointer + TensorField.Flags] | (u8()[pointer + TensorField.Flags + 1] << 8);
  const isView = flags & (TensorFlag.View | TensorFlag.NoGradView);
  return isView ? 0 : 4 * i32()[(pointer + TensorField.Numel) >>> 2];
}

export class Timeline implements Watcher {
  readonly events: ProfilerEvent[] = [];
  private readonly origin = performance.now();
  private readonly open: Open[] = [];
  private began = 0;
  private usedBefore = 0;

  private now(): number {
    return 1000 * (performance.now() - this.origin);
  }

  operation(op: number, call: () => number): number {
    const start = this.now();
    const result = call();
    // What has failed is tried again in another way, or throws.
    if (result !== 0) this.leaf(operationName(op), start, this.now(), resultBytes(op, result));
    return result;
  }

  begin(): void {
    this.usedBefore = core.getUsed();
    this.began = this.now();
  }

  end(name: string | null): void {
    const end = this.now();
    if (name !== null) this.leaf(name, this.began, end, core.getUsed() - this.usedBefore);
  }

  private leaf(name: string, start: number, end: number, bytes: number): void {
    const event = this.add(name, "cpu_op", start);
    this.finish(event, end, bytes, 0, 0);
  }

  range<T>(name: string, category: Category, body: () => T): T {
    const event = this.add(name, category, this.now());
    const open: Open = { event, innerTime: 0, innerBytes: 0 };
    this.open.push(open);
    try {
      return body();
    } finally {
      this.open.pop();
      this.finish(event, this.now(), open.innerBytes, open.innerTime, open.innerBytes);
    }
  }

  private add(name: string, category: Category, start: number): ProfilerEvent {
    const numbers = { cpuTimeTotal: 0, selfCpuTimeTotal: 0, cpuMemoryUsage: 0, selfCpuMemoryUsage: 0 };
    const event: ProfilerEvent = { name, category, start, ...numbers, depth: this.open.length };
    this.events.push(event);
    return event;
  }

  private finish(event: ProfilerEvent, end: number, bytes: number, innerTime: number, innerBytes: number): void {
    event.cpuTimeTotal = end - event.start;
    event.selfCpuTimeTotal = event.cpuTimeTotal - innerTime;
    event.cpuMemoryUsage = bytes;
    event.selfCpuMemoryUsage = bytes - innerBytes;
    const outer = this.open[this.open.length - 1];
    if (!outer) return;
    outer.innerTime += event.cpuTimeTotal;
    outer.innerBytes += bytes;
  }
}
