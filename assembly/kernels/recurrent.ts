/**
 * Pointwise parts of recurrent cells, one step for a batch of rows. Gates of a row lie side by side, `size` elements each.
 * LSTM: Hochreiter and Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, with forget gates (Gers, Schmidhuber and Cummins
 * 2000). GRU: Cho et al. 2014, arXiv:1406.1078, in the form of cuDNN, where the reset gate acts behind the product.
 */
import { madd, nmadd } from "../simd/f32x4";
import { f32_sigmoid, f32_tanh } from "./elementwise/unary";
import { readSome, writeSome } from "./softmax/lanes";

// @ts-ignore: decorator
@inline function one(): v128 {
  return f32x4.splat(1);
}

/** y (1 − y) */
// @ts-ignore: decorator
@inline function sigmoidSlope(y: v128): v128 {
  return f32x4.mul(y, f32x4.sub(one(), y));
}

/** 1 − y² */
// @ts-ignore: decorator
@inline function tanhSlope(y: v128): v128 {
  return nmadd(one(), y, y);
}

/**
 * gates [batch, 4 size]: sums i, f, g, o before, their activations after. c = f c₋ + i g; tanhC = tanh c; h = o tanh c.
 */
export function f32_lstm_cell(
  gates: usize, batch: i32, size: i32, previous: usize, c: usize, tanhC: usize, h: usize,
): void {
  const row = <usize>size << 2;
  for (let b = 0; b < batch; b++) {
    const i = gates + <usize>b * 4 * row;
    const at = <usize>b * row;
    f32_sigmoid(i, 1, i, 1, 2 * size);
    f32_tanh(i + 2 * row, 1, i + 2 * row, 1, size);
    f32_sigmoid(i + 3 * row, 1, i + 3 * row, 1, size);
    for (let p: usize = 0; p < row; p += 16) {
      const lanes = min(<i32>((row - p) >> 2), 4);
      const kept = f32x4.mul(readSome(i + row + p, lanes), readSome(previous + at + p, lanes));
      writeSome(c + at + p, madd(kept, readSome(i + p, lanes), readSome(i + 2 * row + p, lanes)), lanes);
    }
  }
  f32_tanh(c, 1, tanhC, 1, batch * size);
  for (let b = 0; b < batch; b++) {
    const o = gates + (<usize>b * 4 + 3) * row;
    const at = <usize>b * row;
    for (let p: usize = 0; p < row; p += 16) {
      const lanes = min(<i32>((row - p) >> 2), 4);
      writeSome(h + at + p, f32x4.mul(readSome(o + p, lanes), readSome(tanhC + at + p, lanes)), lanes);
    }
  }
}

/**
 * From the gradients of h and c and what the cell stored: the gradient of the sums of the gates, and of c₋, which
 * replaces that of c.
 */
export function f32_lstm_cell_grad(
  gates: usize, batch: i32, size: i32, previous: usize, tanhC: usize, gh: usize, gc: usize, out: usize,
): void {
  const row = <usize>size << 2;
  for (let b = 0; b < batch; b++) {
    const from = <usize>b * 4 * row;
    const at = <usize>b * row;
    for (let p: usize = 0; p < row; p += 16) {
      const lanes = min(<i32>((row - p) >> 2), 4);
      const i = readSome(gates + from + p, lanes);
      const f = readSome(gates + from + row + p, lanes);
      const g = readSome(gates + from + 2 * row + p, lanes);
      const o = readSome(gates + from + 3 * row + p, lanes);
      const t = readSome(tanhC + at + p, lanes);
      const dh = readSome(gh + at + p, lanes);
      const dc = madd(readSome(gc + at + p, lanes), f32x4.mul(dh, o), tanhSlope(t));
      const to = out + from + p;
      writeSome(to, f32x4.mul(f32x4.mul(dc, g), sigmoidSlope(i)), lanes);
      writeSome(to + row, f32x4.mul(f32x4.mul(dc, readSome(previous + at + p, lanes)), sigmoidSlope(f)), lanes);
      writeSome(to + 2 * row, f32x4.mul(f32x4.mul(dc, i), tanhSlope(g)), lanes);
      writeSome(to + 3 * row, f32x4.mul(f32x4.mul(dh, t), sigmoidSlope(o)), lanes);
      writeSome(gc + at + p, f32x4.mul(dc, f), lanes);
    }
  }
}

/**
 * x [batch, 3 size]: what the input gives to r, z and n; s [batch, 3 size]: what the state gives. Stores r, z, n and the
 * state's part of n: kept [batch, 4 size]. n = tanh(x_n + r s_n); h = n + z (h₋ − n).
 */
export function f32_gru_cell(
  x: usize, s: usize, batch: i32, size: i32, previous: usize, kept: usize, h: usize,
): void {
  const row = <usize>size << 2;
  for (let b = 0; b < batch; b++) {
    const xs = x + <usize>b * 3 * row;
    const ss = s + <usize>b * 3 * row;
    const k = kept + <usize>b * 4 * row;
    const at = <usize>b * row;
    const both = row << 1;
    for (let p: usize = 0; p < both; p += 16) {
      const lanes = min(<i32>((both - p) >> 2), 4);
      writeSome(k + p, f32x4.add(readSome(xs + p, lanes), readSome(ss + p, lanes)), lanes);
    }
    f32_sigmoid(k, 1, k, 1, 2 * size);
    for (let p: usize = 0; p < row; p += 16) {
      const lanes = min(<i32>((row - p) >> 2), 4);
      const part = readSome(ss + 2 * row + p, lanes);
      writeSome(k + 3 * row + p, part, lanes);
      writeSome(k + 2 * row + p, madd(readSome(xs + 2 * row + p, lanes), readSome(k + p, lanes), part), lanes);
    }
    f32_tanh(k + 2 * row, 1, k + 2 * row, 1, size);
    for (let p: usize = 0; p < row; p += 16) {
      const lanes = min(<i32>((row - p) >> 2), 4);
      const n = readSome(k + 2 * row + p, lanes);
      const z = readSome(k + row + p, lanes);
      writeSome(h + at + p, madd(n, z, f32x4.sub(readSome(previous + at + p, lanes), n)), lanes);
    }
  }
}

/**
 * From the gradient of h: those of the input's parts gx and of the state's parts gs [batch, 3 size], and the share of h₋
 * that does not go through the state's parts, which replaces gh.
 */
export function f32_gru_cell_grad(
  kept: usize, batch: i32, size: i32, previous: usize, gh: usize, gx: usize, gs: usize,
): void {
  const row = <usize>size << 2;
  for (let b = 0; b < batch; b++) {
    const k = kept + <usize>b * 4 * row;
    const to = <usize>b * 3 * row;
    const at = <usize>b * row;
    for (let p: usize = 0; p < row; p += 16) {
      const lanes = min(<i32>((row - p) >> 2), 4);
      const r = readSome(k + p, lanes);
      const z = readSome(k + row + p, lanes);
      const n = readSome(k + 2 * row + p, lanes);
      const part = readSome(k + 3 * row + p, lanes);
      const dh = readSome(gh + at + p, lanes);
      const dn = f32x4.mul(f32x4.mul(dh, f32x4.sub(one(), z)), tanhSlope(n));
      const dr = f32x4.mul(f32x4.mul(dn, part), sigmoidSlope(r));
      const dz = f32x4.mul(f32x4.mul(dh, f32x4.sub(readSome(previous + at + p, lanes), n)), sigmoidSlope(z));
      writeSome(gx + to + p, dr, lanes);
      writeSome(gs + to + p, dr, lanes);
      writeSome(gx + to + row + p, dz, lanes);
      writeSome(gs + to + row + p, dz, lanes);
      writeSome(gx + to + 2 * row + p, dn, lanes);
      writeSome(gs + to + 2 * row + p, f32x4.mul(dn, r), lanes);
      writeSome(gh + at + p, f32x4.mul(dh, z), lanes);
    }
  }
}
