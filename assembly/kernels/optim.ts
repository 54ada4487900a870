/**
 * Optimizer steps, fused: one pass over a contiguous parameter p, its gradient g and its state, in place. Numbers come
 * as f64 and are combined there, as Python does, before they are rounded to f32. The order of operations is that of
 * PyTorch's CPU kernels; where those fuse a multiply-add, so does the relaxed build, whose steps are equal bit for bit.
 * Nothing beside the elements is touched: parameters may be views.
 */
import { madd, pmax } from "../simd/f32x4";
import { readSome as read, writeSome as write } from "./softmax/lanes";

// @ts-ignore: decorator
@inline function rounded(x: f64): v128 {
  return f32x4.splat(<f32>x);
}

/** The sign bits to flip when the objective is to grow. */
// @ts-ignore: decorator
@inline function flipped(maximize: bool): v128 {
  return i32x4.splat(maximize ? 0x80000000 : 0);
}

/**
 * Stochastic gradient descent with momentum (Sutskever et al. 2013, in PyTorch's form):
 *     g += weightDecay · p;  buf = momentum · buf + (1 − dampening) · g, at the first step buf = g;
 *     p −= lr · (nesterov ? g + momentum · buf : buf)
 * buf may be 0 when momentum is.
 */
export function sgd(
  p: usize,
  g: usize,
  buf: usize,
  n: i32,
  lr: f64,
  momentum: f64,
  dampening: f64,
  weightDecay: f64,
  nesterov: bool,
  maximize: bool,
  firstStep: bool,
): void {
  const flip = flipped(maximize);
  const rate = rounded(-lr);
  const keep = rounded(momentum);
  const add = rounded(1 - dampening);
  const decay = rounded(weightDecay);
  const end = p + ((<usize>n) << 2);
  while (p < end) {
    const lanes = min(<i32>(end - p) >> 2, 4);
    const x = read(p, lanes);
    let d = v128.xor(read(g, lanes), flip);
    if (weightDecay != 0) d = madd(d, x, decay);
    if (momentum != 0) {
      const b = firstStep ? d : madd(f32x4.mul(read(buf, lanes), keep), d, add);
      write(buf, b, lanes);
      buf += 16;
      d = nesterov ? madd(d, b, keep) : b;
    }
    write(p, madd(x, d, rate), lanes);
    p += 16;
    g += 16;
  }
}

/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980), AdamW when `decoupled` (Loshchilov and Hutter 2019, arXiv:1711.05101),
 * and AMSGrad when vmax is not 0 (Reddi, Kale and Kumar 2018):
 *     g += weightDecay · p, or decoupled p *= 1 − lr · weightDecay;  m = beta1 · m + (1 − beta1) · g;
 *     v = beta2 · v + (1 − beta2) · g²;  vmax = max(vmax, v) in place of v, if there is one;
 *     p −= lr / biasCorrection1 · m / (√v / biasCorrection2Sqrt + eps)
 * biasCorrection1 = 1 − beta1^t and biasCorrection2Sqrt = √(1 − beta2^t) at step t, counted from 1.
 */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  vmax: usize,
  n: i32,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  decoupled: bool,
  maximize: bool,
  biasCorrection1: f64,
  biasCorrection2Sqrt: f64,
): void {
  const flip = flipped(maximize);
  const b1 = rounded(beta1);
  const c1 = rounded(1 - beta1);
  const b2 = rounded(beta2);
  const c2 = rounded(1 - beta2);
  const rate = rounded(-(lr / biasCorrection1));
  const root = rounded(biasCorrection2Sqrt);
  const least = rounded(eps);
  const decay = rounded(decoupled ? 1 - lr * weightDecay : weightDecay);
  const end = p + ((<usize>n) << 2);
  while (p < end) {
    const lanes = min(<i32>(end - p) >> 2, 4);
    let x = read(p, lanes);
    let d = v128.xor(read(g, lanes), flip);
    if (weightDecay != 0) {
      if (decoupled) x = f32x4.mul(x, decay);
      else d = madd(d, x, decay);
    }
    const first = madd(f32x4.mul(read(m, lanes), b1), d, c1);
    let second = madd(f32x4.mul(read(v, lanes), b2), f32x4.mul(d, c2), d);
    write(m, first, lanes);
    write(v, second, lanes);
    if (vmax) {
      second = pmax(second, read(vmax, lanes));
      write(vmax, second, lanes);
      vmax += 16;
    }
    const scale = f32x4.add(f32x4.div(f32x4.sqrt(second), root), least);
    write(p, f32x4.add(x, f32x4.div(f32x4.mul(first, rate), scale)), lanes);
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}
