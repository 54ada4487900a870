/** `scope`: a promise that only what the function returns survives. */
import { TensorField, TensorFlag } from "../../assembly/abi/layout.ts";
import { refuseAsync, refusePromise } from "../autograd/mode.ts";
import { returnedInUse } from "./aside.ts";
import type { TensorBase } from "./base.ts";
import { whilePinned } from "./dispatch.ts";
import { address, closeLevel, current, openLevel, outerGeneration, turnover } from "./generation.ts";
import { settle } from "./restore.ts";
import { tensorsIn } from "./tree.ts";
import { core, i32, setList, u8 } from "./wasm.ts";

/**
 * A turnover that is due comes before the scope: inside, it would keep the scope from giving its memory back, and so the next one
 * as well. So would what comes back inside; what was in use until now is taken to be used again.
 */
function turnoverOutside(): void {
  const inUse = returnedInUse();
  turnover();
  for (const place of inUse) {
    if (!place.generation.aside) continue;
    settle(place);
    place.used = false;
  }
}

/**
 * Runs `fn` and gives back at once the memory of all that it made, except the tensors that it returns (alone, in arrays or
 * plain objects). Nobody has to use this: memory is bounded anyway. Using another tensor from inside later is an error.
 * @throws {TypeError} for an async function
 * @example scope(() => tensor(0).exp().add(1).log()).item() // 0.6931
 */
export function scope<T>(fn: () => T): T {
  refuseAsync(fn, "scope");
  if (core.turnoverDue()) turnoverOutside();
  const chunk = core.scopeChunk();
  const mark = core.getCursor();
  const last = core.getLastChunk();
  const pending = core.pendingNodes.value as number;
  const rewalkable = core.rewalkableNodes.value as number;
  const escapes = core.getEscapes();
  const opened = openLevel();
  let kept: TensorBase[] = [];
  let closed = false;
  let released = false;
  try {
    const result = refusePromise(fn(), "scope");
    const inside = current;
    for (const t of tensorsIn(result)) {
      address(t);
      if (t._g === inside) kept.push(t);
    }
    const tied = kept.some((t) => t.requiresGrad || t._token !== null || !ownsStorage(t));
    if (chunk === 0 || opened.keep || tied || core.pendingNodes.value !== pending || core.getEscapes() !== escapes) {
      for (const t of kept) t._g = outerGeneration();
    } else {
      const saved = kept.map(save);
      core.nurseryRelease(chunk, mark, last);
      core.addRewalkable(rewalkable - (core.rewalkableNodes.value as number));
      released = true;
      const outer = outerGeneration();
      whilePinned(() =>
        kept.forEach((t, i) => {
          t._p = restore(saved[i]);
          t._g = outer;
        }),
      );
    }
    closeLevel(!released);
    closed = true;
    return result;
  } finally {
    kept = [];
    if (!closed) closeLevel(!released);
  }
}

/** Not a view: nothing else shows its memory that could be lost or torn apart. */
function ownsStorage(t: TensorBase): boolean {
  const storage = i32()[(t._p + TensorField.Storage) >>> 2];
  return i32()[(storage + 24) >>> 2] === t._p && !t.flag(TensorFlag.View);
}

interface Saved {
  dtype: number;
  shape: number[];
  bytes: Uint8Array;
}

function save(t: TensorBase): Saved {
  const start = i32()[(t._p + TensorField.Data) >>> 2] >>> 0;
  const dtype = u8()[(t._p + TensorField.DType) >>> 0];
  const length = t.numel() * (dtype === 0 ? 1 : 4);
  return { dtype, shape: t.shape, bytes: u8().slice(start, start + length) };
}

function restore(saved: Saved): number {
  setList(saved.shape);
  const p = core.create(saved.dtype, saved.shape.length, 0);
  u8().set(saved.bytes, i32()[(p + TensorField.Data) >>> 2] >>> 0);
  return p;
}
