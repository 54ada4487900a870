/** The module's exports, nothing else. Addresses are passed as integers; 0 says that the status word has more. */
import { Content, StorageFlag, TensorFlag } from "./abi/layout";
import { Step } from "./abi/program";
import { Status } from "./abi/status";
import { fail, listAddress, listAt } from "./memory/args";
import { alloc, free } from "./memory/heap";
import { nurseryHide, pin as pinNursery, turnoverWanted } from "./memory/nursery";
import { log, logging } from "./program/log";
import { copyInto, fillInto } from "./tensor/convert";
import {
  dataBecomes, inferenceOn, newLastingTensor, newLastingView, newTensor, release as releaseTensor, setContiguousStrides, Storage, tensorAt, updateContiguous,
} from "./tensor/record";

export { argsAddress } from "./memory/args";
export { getLimit, getPeak, getUsed, setLimit } from "./memory/heap";
export {
  getCursor, getLastChunk, nurseryFirst, nurseryRelease, nurseryReset, nurseryUsed, addPending, addRewalkable, getEscapes, pendingNodes, rewalkableNodes,
  restoreChunk, restoreRecord, scopeChunk, isStressed, setStress, setThresholds, setWatched, turnoverDue,
} from "./memory/nursery";
export {
  programAbort, programBegin, programBytes, programCallout, programEnd, programFree, programGroup, programGroupFree, programInput,
  programOutput, programPause, programPlan, programSettings,
} from "./program/program";
export { replay } from "./program/replay";
export { accumulateGrad } from "./tape/leaf";
export { recipeOf } from "./tape/recipe";
export { relocateChunk, relocateStart } from "./tape/relocate";
export {
  randomBernoulli, randomBernoulliEach, randomExponential, randomIntegers, randomNormal, randomOrder, randomPlaces, randomSeed,
  randomStateBytes, randomUniform,
} from "./ops/random";
export { adamStep, sgdStep } from "./ops/optim";
export { lastAuxiliary } from "./ops/auxiliary";
export { refreshView, op1, op2, opN, recompute } from "./ops/run";
export { external } from "./tape/external";
export {
  adoptReference, getOwnOldest, getTapeTop, referenceList, referenceTotal, rewindTape, setGradMode, setTapeTop, startGeneration, tieAgain, tieList, tieTotal,
} from "./tape/node";
export {
  nodeBackward, retireNode, savedIsIntact, savedMaskOf, toNursery, walkAbort, walkBegin, walkCapture, walkDrop, walkFrom,
  walkGradient, walkHooked, walkLeaf, walkLeafDone, walkLeafReplace, walkMark, walkNext, walkPassed, walkPosition, walkReplace,
  walkRoot, walkRun, walkRuns, walkSeed, walkSend, walkStep,
} from "./tape/walk";
export { disturb, dropStorage, retainStorage, setInference } from "./tensor/record";
export { getServed, setLeastWork, setThreads } from "./parallel/pool";
export { newThread, runThread } from "./ops/thread";
export { alloc, free };

/** While pins are held, records stay where they are. */
export function pin(delta: i32): void {
  pinNursery(delta);
}

/**
 * A tensor with the sizes in the list, elements undefined; in the heap if `inHeap`. 0 with the status set if a turnover is
 * wanted first or memory is short.
 */
export function create(dtype: u8, ndim: i32, inHeap: bool): usize {
  if (!inHeap && turnoverWanted(true, true, false)) return fail(Status.Turnover);
  let numel: i64 = 1;
  for (let dim = 0; dim < ndim; dim++) {
    numel *= listAt(dim);
    if (numel > i32.MAX_VALUE / 4) return fail(Status.OutOfMemory, i32.MAX_VALUE);
  }
  const t = inHeap ? newLastingTensor(dtype, ndim, <i32>numel) : newTensor(dtype, ndim, <i32>numel);
  if (!changetype<usize>(t)) return 0;
  for (let dim = 0; dim < ndim; dim++) t.setSize(dim, listAt(dim));
  setContiguousStrides(t);
  dataBecomes(t, Content.Kept);
  if (inferenceOn()) t.set(TensorFlag.Inference);
  return changetype<usize>(t);
}

/** The results that have been made since `mark` was the last chunk are hidden, but for the `count` tensors in the list. */
export function hideSince(mark: usize, count: i32): void {
  const list = listAddress();
  for (let i = 0; i < count; i++) {
    const at = list + (<usize>i << 2);
    store<usize>(at, tensorAt(load<usize>(at)).storage.data);
  }
  nurseryHide(mark, list, count);
}

/** A record on a storage that is already there, for tensors that come back: sizes and strides in the list. */
export function createOn(storage: usize, dtype: u8, ndim: i32, offsetBytes: i32, inHeap: bool): usize {
  const s = changetype<Storage>(storage);
  let numel = 1;
  for (let dim = 0; dim < ndim; dim++) numel *= listAt(dim);
  const t = inHeap ? newLastingView(tensorAt(s.owner), ndim, 0, 0) : newTensor(dtype, ndim, 0);
  if (!changetype<usize>(t)) return 0;
  t.dtype = dtype;
  t.clear(TensorFlag.Inference);
  t.numel = numel;
  t.data = s.data + offsetBytes;
  t.storage = s;
  for (let dim = 0; dim < ndim; dim++) {
    t.setSize(dim, listAt(dim));
    t.setStride(dim, listAt(ndim + dim));
  }
  updateContiguous(t);
  return changetype<usize>(t);
}

/** Copies `source` into `target`, same dtype, broadcasting; nothing is recorded. */
export function copyElements(source: usize, target: usize): void {
  copyInto(tensorAt(source), tensorAt(target));
}

/** Sets every element to a bit pattern. */
export function fillElements(target: usize, bits: i32): void {
  fillInto(tensorAt(target), bits);
}

/** Drops the reference of a heap tensor's owner. */
export function release(t: usize): void {
  releaseTensor(tensorAt(t));
}

export function isHeapStorage(t: usize): bool {
  return (tensorAt(t).storage.flags & StorageFlag.Heap) != 0;
}

/** The gradient that a leaf holds goes. */
export function clearGrad(leaf: usize): void {
  if (logging) log(Step.ClearGrad, 0, leaf, 0, 0, 0);
  const t = tensorAt(leaf);
  if (t.grad) releaseTensor(tensorAt(t.grad));
  t.grad = 0;
}
