/**
 * Watching what is recorded, for anomaly mode and saved-tensor hooks. It costs nothing until somebody observes: only then
 * the class of results is exchanged for one that tells about new nodes.
 */
import { NodeField } from "../../assembly/abi/layout.ts";
import { setTensorClass, type TensorClass, whilePinned } from "../core/dispatch.ts";
import { core, i32 } from "../core/wasm.ts";
import type { Tensor } from "../tensor.ts";
import { extrasAt, nodeExtras, SavedNode } from "./node.ts";

type Observer = (node: SavedNode) => void;

const observers: Observer[] = [];
/** The class of results, while another one stands in for it. */
let Plain: TensorClass;
/** An observer is running: what it records itself is told to nobody. */
let telling = false;

/** A result is made as ever, but what has been recorded is told first. */
function Observed(pointer: number): Tensor {
  const t = new Plain(pointer);
  tell();
  return t;
}

/** `observer` is told of each node that is recorded from now on, in order, until what is returned is called. */
export function observe(observer: Observer): () => void {
  const top = core.getTapeTop();
  if (top !== 0) nodeExtras(top).seen = true;
  if (observers.push(observer) === 1) Plain = setTensorClass(Observed as unknown as TensorClass);
  return () => {
    observers.splice(observers.lastIndexOf(observer), 1);
    if (observers.length === 0) setTensorClass(Plain);
  };
}

/** Whether anybody is told of what is recorded. */
export function isObserved(): boolean {
  return observers.length > 0;
}

/** The same while `fn` runs. */
export function observing<T>(observer: Observer, fn: () => T): T {
  const stop = observe(observer);
  try {
    const result = fn();
    tell();
    return result;
  } finally {
    stop();
  }
}

/** Tells of the nodes that have been recorded since the last one that was told of. */
export function tell(): void {
  if (observers.length === 0 || telling) return;
  // Older generations that have come back lie below this one's own nodes.
  const oldest = core.getOwnOldest();
  if (oldest === 0) return;
  const fresh: number[] = [];
  for (let p = core.getTapeTop(); !extrasAt(p)?.seen; p = i32()[(p + NodeField.Prev) >>> 2]) {
    fresh.push(p);
    if (p === oldest) break;
  }
  if (fresh.length === 0) return;
  telling = true;
  try {
    // Whoever made the result counts on it, and on what came with it, to stay where it is.
    whilePinned(() => {
      for (const p of fresh.reverse()) {
        nodeExtras(p).seen = true;
        const node = new SavedNode(p);
        for (const observer of observers) observer(node);
      }
    });
  } finally {
    telling = false;
  }
}
