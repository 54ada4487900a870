/**
 * Cross entropy between rows of logits and one class for each: log-softmax and the negative log-likelihood in one pass.
 * A row whose target is `ignoreIndex` costs nothing and has no gradient, not even where it holds a NaN (there PyTorch's
 * is NaN).
 */
import { crossEntropyRow, logSoftmaxRow, minusExpRow } from "./rows";

/** The first target that is neither a class nor ignoreIndex, or -1. */
export function i32_classes_in_range(targets: usize, n: i32, classes: i32, ignoreIndex: i32): i32 {
  for (let i = 0; i < n; i++) {
    const target = load<i32>(targets + ((<usize>i) << 2));
    if (<u32>target >= <u32>classes && target != ignoreIndex) return i;
  }
  return -1;
}

/** loss[n] from logits[n, classes]; stores logProbs[n, classes] unless it is 0. */
export function f32_cross_entropy(
  logits: usize,
  targets: usize,
  n: i32,
  classes: i32,
  ignoreIndex: i32,
  loss: usize,
  logProbs: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  for (; n > 0; n--) {
    const target = load<i32>(targets);
    let cost: f32 = 0;
    if (logProbs) {
      logSoftmaxRow(logits, classes, logProbs);
      if (target != ignoreIndex) cost = -load<f32>(logProbs + ((<usize>target) << 2));
      logProbs += rowBytes;
    } else if (target != ignoreIndex) {
      cost = crossEntropyRow(logits, classes, target);
    }
    store<f32>(loss, cost);
    logits += rowBytes;
    targets += 4;
    loss += 4;
  }
}

/** g[n] · (softmax − the one-hot target), o[n, classes]. */
export function f32_cross_entropy_grad(
  g: usize,
  logProbs: usize,
  targets: usize,
  n: i32,
  classes: i32,
  ignoreIndex: i32,
  o: usize,
): void {
  const rowBytes = (<usize>classes) << 2;
  for (; n > 0; n--) {
    const target = load<i32>(targets);
    if (target == ignoreIndex) {
      memory.fill(o, 0, rowBytes);
    } else {
      minusExpRow(0, logProbs, classes, -load<f32>(g), o);
      const place = o + ((<usize>target) << 2);
      store<f32>(place, load<f32>(place) - load<f32>(g));
    }
    g += 4;
    logProbs += rowBytes;
    targets += 4;
    o += rowBytes;
  }
}
