/**
 * backward() and grad() walk the tape from newer to older nodes. The plain walk runs in the core (core-walk.ts); the bindings
 * walk themselves (graph-walk.ts) for createGraph, in anomaly mode, and for a walk inside another one.
 */
import { WalkEvent } from "../../assembly/abi/status.ts";
import { whilePinned } from "../core/dispatch.ts";
import { GradError } from "../core/errors.ts";
import { core } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { anomaly } from "./anomaly.ts";
import { coreWalk, finishWalk, isPlain } from "./core-walk.ts";
import { graphWalk } from "./graph-walk.ts";
import { withMode } from "./mode.ts";
import type { Gradients } from "./node.ts";

export interface WalkOptions {
  retainGraph: boolean;
  createGraph: boolean;
  /** Only these are wanted: accumulated into their grad, or, if `capture`, returned. */
  inputs: readonly Tensor[] | null;
  capture: boolean;
}

/** Walks inside walks. */
let depth = 0;

/** Deeper than this the stack of JavaScript would end in the middle of a walk, on the smallest of common stacks. */
const MOST_DEPTH = 250;

/** The common case in one call: from one number, into all leaves. What needs the bindings on the way takes the long way from there. */
export function walkFrom(root: Tensor): void {
  if (depth > 0 || anomaly.isOn || !isPlain()) {
    walk([root], [null], { retainGraph: false, createGraph: false, inputs: null, capture: false });
    return;
  }
  const event: WalkEvent = core.walkFrom(root.fresh());
  if (event === WalkEvent.Done) return;
  depth++;
  try {
    withMode(false, () => whilePinned(() => finishWalk(event, false)), "backward");
  } finally {
    depth--;
  }
}

/** Walks from `roots` with their gradients (null: ones). Returns what was captured, by input. */
export function walk(roots: readonly Tensor[], seeds: Gradients, options: WalkOptions): Gradients {
  if (depth === MOST_DEPTH) {
    throw new GradError(
      `backward() was called inside backward() ${MOST_DEPTH} levels deep, by hooks or custom functions; each level takes room on ` +
        "the stack of JavaScript. Walk inner graphs before or after the outer one.",
    );
  }
  const inBindings = options.createGraph || depth > 0 || anomaly.isOn;
  depth++;
  try {
    return withMode(
      options.createGraph,
      () => (inBindings ? graphWalk(roots, seeds, options) : whilePinned(() => coreWalk(roots, seeds, options))),
      "backward",
    );
  } finally {
    depth--;
  }
}
