/**
 * How `model(x)` works: the constructor hands out a function in place of the instance that `new` has made, with the
 * prototype that the instance would have had. Class fields and private fields are laid on the function as on any object, and
 * `instanceof` holds.
 *
 * A Proxy would also do, but then every `this.weight` inside `forward` would run through a trap: three nested calls took
 * 230 ns with one and 50 ns so. Hence nothing sees assignments: what a module holds is found by looking through its
 * properties (nn/members.ts) when somebody asks.
 */
import { recorder } from "../core/recording.ts";
import type { Hooks } from "./hooks.ts";
import { callHooked } from "./hooks.ts";
import type { Module } from "./module.ts";

/** @internal What a call looks at besides `forward`. */
export const CALLS: unique symbol = Symbol("calls");

/** @internal */
export interface Calls {
  /** null as long as there are none, which is nearly always. */
  hooks: Hooks | null;
}

/** A program is that of a mode, and of the hooks that there were. */
function callNoted(self: Module, calls: Calls, inputs: unknown[]): unknown {
  if (recorder) {
    const { training } = self;
    const { hooks } = calls;
    recorder.guard(() => self.training === training && calls.hooks === hooks);
  }
  return calls.hooks === null ? self.forward(...inputs) : callHooked(self, calls.hooks, inputs);
}

export class Callable {
  /** @internal */
  declare readonly [CALLS]: Calls;

  constructor() {
    const calls: Calls = { hooks: null };
    const self = ((...inputs: unknown[]): unknown =>
      calls.hooks === null && recorder === null
        ? self.forward(...inputs)
        : callNoted(self, calls, inputs)) as unknown as Module;
    // Names that a module may want for itself. Functions have them read-only, and assigning to `this.name` would throw.
    Reflect.deleteProperty(self, "name");
    Reflect.deleteProperty(self, "length");
    Object.setPrototypeOf(self, new.target.prototype);
    Object.defineProperty(self, CALLS, { value: calls });
    // biome-ignore lint/correctness/noConstructorReturn: this is the point of the class
    return self;
  }
}
