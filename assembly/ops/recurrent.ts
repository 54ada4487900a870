/**
 * A layer of a recurrent network over a whole sequence, in one direction. Inputs:
 *
 *     tanh, relu   w [H, H], h₀ [B, H], x [T, B, H]                                         result h [T, B, H]
 *     LSTM         w [4H, H], h₀, c₀ [B, H], x [T, B, 4H], kept (made here) [T, B, 5H]      result h, c [2, T, B, H]
 *     GRU          w [3H, H], h₀, bias [3H], x [T, B, 3H], kept (made here) [T, B, 4H]      result h [T, B, H]
 *
 * x is what the inputs give to the gates, biases included (of a GRU: but for that of the state's parts). Attributes:
 * [cell, whether the sequence is gone through backwards].
 */
import { Cell } from "../abi/cell";
import { DType } from "../abi/dtype";
import { Status } from "../abi/status";
import { f32_relu, f32_tanh } from "../kernels/elementwise/unary";
import { f32_relu_grad, f32_tanh_grad } from "../kernels/elementwise/grad";
import { f32_gemm, GEMM_ACCUMULATE, GEMM_SCRATCH_BYTES } from "../kernels/gemm/gemm";
import { f32_gru_cell, f32_gru_cell_grad, f32_lstm_cell, f32_lstm_cell_grad } from "../kernels/recurrent";
import { f32_sum } from "../kernels/reduce";
import { copy2d_32 } from "../kernels/transpose";
import { fail } from "../memory/args";
import { alloc, free } from "../memory/heap";
import { give, wants } from "../tape/gradient";
import { Node } from "../tape/node";
import { heapContiguous, heapFill } from "../tensor/convert";
import { newHeapLike, newTensor, release, setContiguousStrides, Tensor } from "../tensor/record";
import { setAuxiliary } from "./auxiliary";

/** Places of the inputs; those behind the state differ from cell to cell. */
const WEIGHT: i32 = 0;
const STATE: i32 = 1;
/** The first cell state of an LSTM, the bias of a GRU. */
const EXTRA: i32 = 2;
const KEPT: i32 = 4;

// @ts-ignore: decorator
@inline function cellOf(n: Node): i32 {
  return n.list(0);
}

// @ts-ignore: decorator
@inline function isPlain(n: Node): bool {
  return cellOf(n) == Cell.Tanh || cellOf(n) == Cell.Relu;
}

// @ts-ignore: decorator
@inline function inputsAt(n: Node): i32 {
  return isPlain(n) ? 2 : 3;
}

/** What is kept of a step, in units of the state's size. */
// @ts-ignore: decorator
@inline function keptParts(n: Node): i32 {
  return cellOf(n) == Cell.Lstm ? 5 : 4;
}

let steps: i32 = 0;
let batch: i32 = 0;
let size: i32 = 0;
let gates: i32 = 0;

function measure(n: Node): void {
  const x = n.input(inputsAt(n));
  steps = x.size(0);
  batch = x.size(1);
  gates = x.size(2);
  size = n.input(WEIGHT).size(1);
}

/** The step that comes k-th, and bytes from its like to its like in rows of `width` elements. */
// @ts-ignore: decorator
@inline function stepAt(n: Node, k: i32): i32 {
  return n.list(1) ? steps - 1 - k : k;
}

// @ts-ignore: decorator
@inline function rowsBytes(width: i32): usize {
  return (<usize>batch * width) << 2;
}

/** Whether the derivative reads input 2: the first cell state of an LSTM. */
export function readsExtra(n: Node): bool {
  return cellOf(n) == Cell.Lstm;
}

export function recurrentInfer(n: Node): Tensor {
  const inputs = isPlain(n) ? <i32>n.inputCount : KEPT;
  for (let i = 0; i < inputs; i++) {
    if (n.input(i).dtype != DType.Float32) return changetype<Tensor>(fail(Status.DTypes, n.input(i).dtype, DType.Float32));
  }
  measure(n);
  const parts = keptParts(n);
  if (<i64>steps * batch * size * parts > i32.MAX_VALUE / 4) {
    return changetype<Tensor>(fail(Status.OutOfMemory, i32.MAX_VALUE));
  }
  if (!isPlain(n)) {
    const kept = newTensor(DType.Float32, 1, steps * batch * size * parts);
    if (!changetype<usize>(kept)) return kept;
    kept.setSize(0, kept.numel);
    setContiguousStrides(kept);
    setAuxiliary(n, KEPT, kept);
  }
  const isLstm = cellOf(n) == Cell.Lstm;
  const out = newTensor(DType.Float32, isLstm ? 4 : 3, steps * batch * size * (isLstm ? 2 : 1));
  if (!changetype<usize>(out)) return out;
  let dim = 0;
  if (isLstm) out.setSize(dim++, 2);
  out.setSize(dim++, steps);
  out.setSize(dim++, batch);
  out.setSize(dim, size);
  setContiguousStrides(out);
  return out;
}

// @ts-ignore: decorator
@inline function aligned(bytes: usize): usize {
  return (bytes + 15) & ~15;
}

/** Memory of one run: weights the other way round, the state's parts of the gates, the scratch of products. */
function scratchBytes(): u32 {
  return <u32>(aligned(<usize>(gates * size) << 2) + aligned(rowsBytes(gates)) + GEMM_SCRATCH_BYTES);
}

export function recurrentForward(n: Node): bool {
  measure(n);
  const w = heapContiguous(n.input(WEIGHT));
  const state = heapContiguous(n.input(STATE));
  const x = heapContiguous(n.input(inputsAt(n)));
  const extra = isPlain(n) ? changetype<Tensor>(0) : heapContiguous(n.input(EXTRA));
  const bytes = scratchBytes();
  const scratch = alloc(bytes);
  const done = changetype<usize>(w) != 0 && changetype<usize>(state) != 0 && changetype<usize>(x) != 0 && scratch != 0
    && (isPlain(n) || changetype<usize>(extra) != 0);
  if (done && n.output().numel) runSteps(n, w, state, x, extra, scratch);
  if (scratch) free(scratch, bytes);
  drop(w);
  drop(state);
  drop(x);
  drop(extra);
  return done;
}

// @ts-ignore: decorator
@inline function drop(t: Tensor): void {
  if (changetype<usize>(t)) release(t);
}

function runSteps(n: Node, w: Tensor, state: Tensor, x: Tensor, extra: Tensor, scratch: usize): void {
  const turned = scratch;
  const parts = turned + aligned(<usize>(gates * size) << 2);
  const gemm = parts + aligned(rowsBytes(gates));
  const out = n.output().data;
  const stateBytes = rowsBytes(size);
  const cells = out + <usize>steps * stateBytes;
  const cell = cellOf(n);
  const kept: usize = isPlain(n) ? 0 : n.input(KEPT).data;
  const keptBytes = stateBytes * keptParts(n);
  // The product of few rows reads its right operand as it lies, so that lies right.
  copy2d_32(w.data, 1, size, turned, gates, size, gates);
  let h = state.data;
  let c: usize = cell == Cell.Lstm ? extra.data : 0;
  for (let k = 0; k < steps; k++) {
    const t = <usize>stepAt(n, k);
    const y = out + t * stateBytes;
    const xs = x.data + t * rowsBytes(gates);
    if (cell == Cell.Gru) {
      f32_gemm(batch, gates, size, h, size, 1, turned, gates, 1, parts, gates, extra.data, 0, gemm);
      f32_gru_cell(xs, parts, batch, size, h, kept + t * keptBytes, y);
    } else {
      const sums = cell == Cell.Lstm ? kept + t * keptBytes : y;
      memory.copy(sums, xs, rowsBytes(gates));
      f32_gemm(batch, gates, size, h, size, 1, turned, gates, 1, sums, gates, 0, GEMM_ACCUMULATE, gemm);
      if (cell == Cell.Lstm) {
        f32_lstm_cell(sums, batch, size, c, cells + t * stateBytes, sums + 4 * stateBytes, y);
        c = cells + t * stateBytes;
      } else if (cell == Cell.Tanh) {
        f32_tanh(y, 1, y, 1, batch * size);
      } else {
        f32_relu(y, 1, y, 1, batch * size);
      }
    }
    h = y;
  }
}

/** What the walk back needs besides its inputs. */
let gradientH: Tensor = changetype<Tensor>(0);
let gradientC: Tensor = changetype<Tensor>(0);
let gradientX: Tensor = changetype<Tensor>(0);
/** Gradients of the state's parts of the gates: those of x, but of a GRU. */
let gradientParts: Tensor = changetype<Tensor>(0);

export function recurrentBackward(n: Node, gradient: Tensor): void {
  measure(n);
  const g = heapContiguous(gradient);
  const w = heapContiguous(n.input(WEIGHT));
  const state = heapContiguous(n.input(STATE));
  const isLstm = cellOf(n) == Cell.Lstm;
  const isGru = cellOf(n) == Cell.Gru;
  const extra = isLstm ? heapContiguous(n.input(EXTRA)) : changetype<Tensor>(0);
  gradientH = heapFill(n.input(STATE), 0);
  gradientC = isLstm ? heapFill(n.input(EXTRA), 0) : changetype<Tensor>(0);
  gradientX = newHeapLike(n.input(inputsAt(n)));
  gradientParts = isGru ? newHeapLike(n.input(inputsAt(n))) : gradientX;
  const scratch = alloc(<u32>GEMM_SCRATCH_BYTES);
  const ready = changetype<usize>(g) != 0 && changetype<usize>(w) != 0 && changetype<usize>(state) != 0
    && changetype<usize>(gradientH) != 0 && changetype<usize>(gradientX) != 0 && changetype<usize>(gradientParts) != 0
    && (!isLstm || (changetype<usize>(extra) != 0 && changetype<usize>(gradientC) != 0)) && scratch != 0;
  if (ready) {
    for (let k = steps - 1; k >= 0; k--) stepBack(n, g, w, state, extra, k, scratch);
    if (wants(n, WEIGHT)) give(n, WEIGHT, weightGradient(n, state, scratch));
    if (isGru && wants(n, EXTRA)) give(n, EXTRA, biasGradient(n));
    if (wants(n, STATE)) give(n, STATE, share(gradientH));
    if (isLstm && wants(n, EXTRA)) give(n, EXTRA, share(gradientC));
    if (wants(n, inputsAt(n))) give(n, inputsAt(n), share(gradientX));
  } else {
    give(n, 0, changetype<Tensor>(0));
  }
  if (scratch) free(scratch, <u32>GEMM_SCRATCH_BYTES);
  drop(g);
  drop(w);
  drop(state);
  drop(extra);
  drop(gradientH);
  drop(gradientC);
  if (isGru) drop(gradientParts);
  drop(gradientX);
}

function share(t: Tensor): Tensor {
  t.refs++;
  return t;
}

/** Adds a step of the result's gradient to what came from the step behind. */
function addTo(t: Tensor, from: usize): void {
  let p = t.data;
  let n = t.numel;
  for (; n >= 4; n -= 4) {
    v128.store(p, f32x4.add(v128.load(p), v128.load(from)));
    p += 16;
    from += 16;
  }
  for (; n > 0; n--) {
    store<f32>(p, load<f32>(p) + load<f32>(from));
    p += 4;
    from += 4;
  }
}

/** The k-th step: gradients of its gates, and of the state before it, which replaces that of the state behind it. */
function stepBack(n: Node, g: Tensor, w: Tensor, state: Tensor, extra: Tensor, k: i32, scratch: usize): void {
  const stateBytes = rowsBytes(size);
  const t = <usize>stepAt(n, k);
  const out = n.output().data;
  const before = k > 0 ? out + <usize>stepAt(n, k - 1) * stateBytes : state.data;
  const gx = gradientX.data + t * rowsBytes(gates);
  const gp = gradientParts.data + t * rowsBytes(gates);
  const cell = cellOf(n);
  const from = g.data + t * stateBytes;
  addTo(gradientH, from);
  let flags = 0;
  if (cell == Cell.Lstm) {
    const all = <usize>steps * stateBytes;
    const cBefore = k > 0 ? out + all + <usize>stepAt(n, k - 1) * stateBytes : extra.data;
    const kept = n.input(KEPT).data + t * stateBytes * 5;
    addTo(gradientC, from + all);
    f32_lstm_cell_grad(kept, batch, size, cBefore, kept + 4 * stateBytes, gradientH.data, gradientC.data, gx);
  } else if (cell == Cell.Gru) {
    f32_gru_cell_grad(n.input(KEPT).data + t * stateBytes * 4, batch, size, before, gradientH.data, gx, gp);
    flags = GEMM_ACCUMULATE;
  } else {
    const y = out + t * stateBytes;
    if (cell == Cell.Tanh) f32_tanh_grad(gradientH.data, 1, y, 1, gx, 1, batch * size);
    else f32_relu_grad(gradientH.data, 1, y, 1, gx, 1, batch * size);
  }
  f32_gemm(batch, size, gates, gp, gates, 1, w.data, size, 1, gradientH.data, size, 0, flags, scratch);
}

/** Σ over the steps of (gradient of the gates)ᵀ (state before): one product for all but the first step. */
function weightGradient(n: Node, state: Tensor, scratch: usize): Tensor {
  const gw = newHeapLike(n.input(WEIGHT));
  if (!changetype<usize>(gw)) return gw;
  const gp = gradientParts.data;
  const first = gp + <usize>stepAt(n, 0) * rowsBytes(gates);
  f32_gemm(gates, size, batch, first, 1, gates, state.data, size, 1, gw.data, size, 0, 0, scratch);
  const later = n.list(1) ? gp : gp + rowsBytes(gates);
  const before = n.list(1) ? n.output().data + rowsBytes(size) : n.output().data;
  const rows = (steps - 1) * batch;
  if (rows > 0) f32_gemm(gates, size, rows, later, 1, gates, before, size, 1, gw.data, size, 0, GEMM_ACCUMULATE, scratch);
  return gw;
}

function biasGradient(n: Node): Tensor {
  const gb = newHeapLike(n.input(EXTRA));
  if (changetype<usize>(gb)) f32_sum(gradientParts.data, 1, steps * batch, gates, gb.data);
  return gb;
}
