/**
 * Cross entropy between rows of scores [n, classes] and one class for each. Inputs: scores, classes (int32 [n]), and the log
 * probabilities, made here for the derivative if there will be one. Attributes: [ignoreIndex, reduction, how many rows count].
 */
import { DType } from "../abi/dtype";
import { Reduction } from "../abi/reduction";
import { Status } from "../abi/status";
import { f32_sum } from "../kernels/reduce";
import { f32_cross_entropy, f32_cross_entropy_grad, i32_classes_in_range } from "../kernels/softmax/entropy";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { give } from "../tape/gradient";
import { gradModeOn, Node, requiresGrad } from "../tape/node";
import { heapContiguous } from "../tensor/convert";
import { newHeapLike, newLike, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { setAuxiliary } from "./auxiliary";

// @ts-ignore: decorator
@inline function ignoreIndex(n: Node): i32 {
  return n.list(0);
}

// @ts-ignore: decorator
@inline function reduction(n: Node): i32 {
  return n.list(1);
}

/** False, with the status set, if a class is out of range. */
export function classesFit(n: Node): bool {
  const scores = n.input(0);
  const classes = heapContiguous(n.input(1));
  if (!changetype<usize>(classes)) return false;
  const bad = i32_classes_in_range(classes.data, scores.size(0), scores.size(1), ignoreIndex(n));
  if (bad >= 0) fail(Status.IndexRange, load<i32>(classes.data + (<usize>bad << 2)), bad, scores.size(1));
  release(classes);
  return bad < 0;
}

export function crossEntropyInfer(n: Node): Tensor {
  const scores = n.input(0);
  if (scores.dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, scores.dtype, DType.Float32));
  const rows = scores.size(0);
  if (!classesFit(n)) return changetype<Tensor>(0);
  if (gradModeOn() && requiresGrad(scores)) {
    const logs = newLike(scores, DType.Float32);
    if (!changetype<usize>(logs)) return logs;
    setAuxiliary(n, 2, logs);
  }
  const each = reduction(n) == Reduction.None;
  const out = newTensor(DType.Float32, each ? 1 : 0, each ? rows : 1);
  if (changetype<usize>(out) && each) {
    out.setSize(0, rows);
    setContiguousStrides(out);
  }
  return out;
}

/** How many rows are not ignored; noted in the node. */
function countRows(n: Node, classes: Tensor): i32 {
  const end = classes.data + (<usize>classes.numel << 2);
  let count = 0;
  for (let p = classes.data; p < end; p += 4) if (load<i32>(p) != ignoreIndex(n)) count++;
  store<i32>(n.inputAt(n.inputCount), count, 8);
  return count;
}

/** False if there is no memory. */
export function crossEntropyForward(n: Node): bool {
  const out = n.output();
  const rows = n.input(0).size(0);
  const bytes = max<u32>(<u32>rows << 2, 4);
  const each = reduction(n) == Reduction.None;
  const scores = heapContiguous(n.input(0));
  const classes = heapContiguous(n.input(1));
  const losses = each ? out.data : alloc(bytes);
  const ready = changetype<usize>(scores) != 0 && changetype<usize>(classes) != 0 && losses != 0;
  if (ready) {
    const logs = n.input(2);
    const logData = changetype<usize>(logs) ? logs.data : 0;
    f32_cross_entropy(scores.data, classes.data, rows, scores.size(1), ignoreIndex(n), losses, logData);
    const count = countRows(n, classes);
    if (!each) {
      f32_sum(losses, 1, rows, 1, out.data);
      if (reduction(n) == Reduction.Mean) store<f32>(out.data, load<f32>(out.data) / <f32>count);
    }
  }
  if (!each && losses) free(losses, bytes);
  if (changetype<usize>(classes)) release(classes);
  if (changetype<usize>(scores)) release(scores);
  return ready;
}

/** The gradient of each row's loss, in a block of `rows` floats or, without a reduction, in `g` itself. */
function rowGradients(n: Node, g: Tensor, rows: i32, block: usize): usize {
  if (reduction(n) == Reduction.None) return g.data;
  let share = load<f32>(g.data);
  if (reduction(n) == Reduction.Mean) share /= <f32>n.list(2);
  for (let i = 0; i < rows; i++) store<f32>(block + (<usize>i << 2), share);
  return block;
}

export function crossEntropyBackward(n: Node, gradient: Tensor): void {
  const logs = n.input(2);
  const rows = logs.size(0);
  const bytes = max<u32>(<u32>rows << 2, 4);
  const g = heapContiguous(gradient);
  const classes = heapContiguous(n.input(1));
  const block = alloc(bytes);
  const ready = changetype<usize>(g) != 0 && changetype<usize>(classes) != 0 && block != 0;
  const out = ready ? newHeapLike(logs) : changetype<Tensor>(0);
  if (changetype<usize>(out)) {
    const each = rowGradients(n, g, rows, block);
    f32_cross_entropy_grad(each, logs.data, classes.data, rows, logs.size(1), ignoreIndex(n), out.data);
  }
  if (block) free(block, bytes);
  if (changetype<usize>(classes)) release(classes);
  if (changetype<usize>(g)) release(g);
  give(n, 0, out);
}
