import { Args } from "../abi/layout";
import { Status } from "../abi/status";

/** The argument block: what a call cannot pass in a few integers (see abi/layout.ts). */
export const ARGS: usize = memory.data(16384, 16);

export function argsAddress(): usize {
  return ARGS;
}

/** Reports a failed call; returns 0, what the failing export returns. */
export function fail(status: Status, d0: i32 = 0, d1: i32 = 0, d2: i32 = 0, d3: i32 = 0): usize {
  store<i32>(ARGS, status, Args.Status);
  store<i32>(ARGS, d0, Args.Detail);
  store<i32>(ARGS, d1, Args.Detail + 4);
  store<i32>(ARGS, d2, Args.Detail + 8);
  store<i32>(ARGS, d3, Args.Detail + 12);
  return 0;
}

// @ts-ignore: decorator
@inline export function listAddress(): usize {
  return ARGS + Args.List;
}

// @ts-ignore: decorator
@inline export function listAt(index: i32): i32 {
  return load<i32>(ARGS + (<usize>index << 2), Args.List);
}
