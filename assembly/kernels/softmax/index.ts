/**
 * Softmax, its logarithm, logsumexp and gradients. Inputs are contiguous and seen as [outer, k, inner], the work runs
 * along k; outputs must not overlap inputs. All are shifted by the maximum, so that no exponential overflows
 * (Blanchard, Higham and Higham 2021, doi:10.1093/imanum/draa038). exp is good to 1.3 ULP, and 0 where it would be
 * denormal.
 */
import { gradPanel, panelBytes, softmaxPanel } from "./columns";
import { logSumExpStrip } from "./logsumexp";
import { logSoftmaxGradRow, logSoftmaxRow, logSumExpRow, softmaxGradRow, softmaxRow } from "./rows";

export { f32_cross_entropy, f32_cross_entropy_grad, i32_classes_in_range } from "./entropy";

/** Bytes of the panel that begins `at` bytes into a row: whole vectors, or all of a row of two or three elements. */
// @ts-ignore: decorator
@inline function panelAt(at: usize, rowBytes: usize, panel: usize): usize {
  return rowBytes < 16 ? rowBytes : min(panel, (rowBytes - at) & ~15);
}

/** Where the next panel begins. One that would have less than a vector begins earlier. */
// @ts-ignore: decorator
@inline function after(at: usize, rowBytes: usize, panel: usize): usize {
  const next = at + panelAt(at, rowBytes, panel);
  return next < rowBytes && rowBytes - next < 16 ? rowBytes - 16 : next;
}

function softmax(a: usize, outer: i32, k: i32, inner: i32, log: bool, o: usize): void {
  if (k == 0) return;
  const rowBytes = (<usize>inner) << 2;
  const planeBytes = <usize>k * rowBytes;
  const end = o + <usize>outer * planeBytes;
  if (k == 1 || inner == 1) {
    for (; o < end; o += (<usize>k) << 2) {
      if (log) logSoftmaxRow(a, k, o);
      else softmaxRow(a, k, o);
      a += (<usize>k) << 2;
    }
    return;
  }
  const panel = panelBytes(k);
  for (; o < end; o += planeBytes) {
    for (let at: usize = 0; at < rowBytes; at = after(at, rowBytes, panel)) {
      softmaxPanel(a + at, k, rowBytes, panelAt(at, rowBytes, panel), log, o + at);
    }
    a += planeBytes;
  }
}

function grad(g: usize, y: usize, outer: i32, k: i32, inner: i32, log: bool, o: usize): void {
  if (k == 0) return;
  const rowBytes = (<usize>inner) << 2;
  const planeBytes = <usize>k * rowBytes;
  const end = o + <usize>outer * planeBytes;
  if (k == 1 || inner == 1) {
    for (; o < end; o += (<usize>k) << 2) {
      if (log) logSoftmaxGradRow(g, y, k, o);
      else softmaxGradRow(g, y, k, o);
      g += (<usize>k) << 2;
      y += (<usize>k) << 2;
    }
    return;
  }
  const panel = panelBytes(k);
  for (; o < end; o += planeBytes) {
    for (let at: usize = 0; at < rowBytes; at = after(at, rowBytes, panel)) {
      gradPanel(g + at, y + at, k, rowBytes, panelAt(at, rowBytes, panel), log, o + at);
    }
    g += planeBytes;
    y += planeBytes;
  }
}

/** o[outer, k, inner]. A NaN, +inf, or nothing but -inf makes all of its row NaN. */
export function f32_softmax(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  softmax(a, outer, k, inner, false, o);
}

export function f32_log_softmax(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  softmax(a, outer, k, inner, true, o);
}

/** From the gradient g and the result y of softmax: y (g − Σ g y). */
export function f32_softmax_grad(g: usize, y: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  grad(g, y, outer, k, inner, false, o);
}

/** From the gradient g and the result y of log-softmax: g − exp(y) Σ g. */
export function f32_log_softmax_grad(g: usize, y: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  grad(g, y, outer, k, inner, true, o);
}

/** o[outer, inner]. Of nothing, or of nothing but -inf: -inf. */
export function f32_logsumexp(a: usize, outer: i32, k: i32, inner: i32, o: usize): void {
  const rowBytes = (<usize>inner) << 2;
  for (; outer > 0; outer--) {
    if (inner == 1) {
      store<f32>(o, logSumExpRow(a, k));
    } else {
      for (let at: usize = 0; at < rowBytes; at = after(at, rowBytes, 16)) {
        logSumExpStrip(a + at, k, rowBytes, panelAt(at, rowBytes, 16), o + at);
      }
    }
    a += <usize>k * rowBytes;
    o += rowBytes;
  }
}
