/**
 * Recipes: nodes by which large results can be computed again. When the nursery is turned over, such a result is not copied
 * out; if it is used again after all, it is made anew from what its node refers to (bindings/core/recompute.ts).
 */
import { Content, InputField, StorageFlag, TensorFlag } from "../abi/layout";
import { Op } from "../abi/op";
import { CHUNK_HEADER, nurseryAlloc, rawHasRecipe } from "../memory/nursery";
import { isBinary, isUnary } from "../ops/table";
import { Arena, arenaMode } from "../program/arena";
import { steadyFreed, Storage, Tensor } from "../tensor/record";
import { Node, nodeAt } from "./node";

/** Longer ones are not kept. */
const RECIPE_BYTES: u32 = 512;
/** A result keeps at most this many times its own bytes of the heap alive. */
const HELD_TIMES: u64 = 4;

/** Data in a chunk of its own, in the nursery. */
// @ts-ignore: decorator
@inline export function isRaw(s: Storage): bool {
  return s.flags == 0;
}

/** What takes about as long as copying its result there and back, and gives the same bits each time. */
function isRecomputable(op: i32): bool {
  if (isBinary(op) || isUnary(op) || (op >= Op.Eq && op <= Op.IsFinite)) return true;
  switch (op) {
    case Op.Lerp:
    case Op.Addcmul:
    case Op.Addcdiv:
    case Op.Where:
    case Op.Cast:
    case Op.Clone:
    case Op.LayerNorm:
    case Op.Softmax:
    case Op.LogSoftmax: return true;
    default: return false;
  }
}

/** Notes how `out` came to be. The node of what was not recorded is lost with the next operation, so it is copied. */
export function keepRecipe(n: Node, out: Tensor, recorded: bool): void {
  if (arenaMode != Arena.Off || !isRecomputable(n.op)) return;
  for (let i = 0; i < <i32>n.inputCount; i++) {
    const t = n.input(i);
    if (t.has(TensorFlag.Heap) || !mayLast(t.storage)) return;
  }
  let recipe = n;
  if (!recorded) {
    const bytes = n.head & ~15;
    if (bytes > RECIPE_BYTES) return;
    const p = nurseryAlloc(bytes);
    if (!p) return;
    memory.copy(p, changetype<usize>(n), bytes);
    recipe = nodeAt(p);
    // It is no part of any graph, and keeps nothing alive.
    for (let i = 0; i < <i32>n.inputCount; i++) {
      store<usize>(recipe.inputAt(i), 0, InputField.Edge);
      store<u32>(recipe.inputAt(i), n.input(i).storage.version, InputField.Version);
    }
    recipe.out = changetype<usize>(out);
    recipe.outVersion = out.storage.version;
  }
  rawHasRecipe(out.storage.data, changetype<usize>(recipe));
}

/** The statistics of a normalisation are made along with the result. */
// @ts-ignore: decorator
@inline export function isMadeAlong(op: i32, i: i32): bool {
  return op == Op.LayerNorm && i == 1;
}

/** The node by which the data of a chunk can be computed again once all chunks have been set aside; 0: there is none. */
export function recipeOf(chunk: usize): usize {
  const word = load<u32>(chunk, 12);
  const n = nodeAt(word & ~Content.Mask);
  if (!changetype<usize>(n) || (word & Content.Mask) != Content.Result || steadyFreed) return 0;
  const made = n.output().storage;
  if (made.data != chunk + CHUNK_HEADER || made.version != n.outVersion || made.flags & StorageFlag.Disturbed) return 0;
  let held: u64 = 0;
  for (let i = 0; i < <i32>n.inputCount; i++) {
    if (isMadeAlong(n.op, i)) continue;
    const t = n.input(i);
    const s = t.storage;
    if (s.version != load<u32>(n.inputAt(i), InputField.Version) || !mayLast(s) || isHidden(s)) return 0;
    if (s.flags & StorageFlag.Heap) held += s.bytes;
  }
  return held <= HELD_TIMES * <u64>made.bytes ? changetype<usize>(n) : 0;
}

/** Whether elements may be found again: they are set aside with the nursery, or those who own them tell of changes. */
// @ts-ignore: decorator
@inline function mayLast(s: Storage): bool {
  if (s.flags & (StorageFlag.Disturbed | StorageFlag.Program)) return false;
  return !(s.flags & StorageFlag.Heap) || (s.flags & StorageFlag.Steady) != 0;
}

// @ts-ignore: decorator
@inline function isHidden(s: Storage): bool {
  return isRaw(s) && (load<u32>(s.data - CHUNK_HEADER, 12) & Content.Mask) == Content.Hidden;
}
