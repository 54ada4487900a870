/**
 * Draws that fill contiguous tensors, for the bindings. They are no primitives: no node is made, and a program that runs one
 * again gets other numbers.
 */
import {
  f32_bernoulli, f32_bernoulli_each, f32_exponential, f32_normal, f32_uniform, i32_multinomial, i32_random, i32_randperm,
} from "../kernels/random";
import { alloc, free } from "../memory/heap";
import { fail } from "../memory/args";
import { Status } from "../abi/status";
import { Draw, Step } from "../abi/program";
import { log, logging } from "../program/log";
import { beforeWrite, Tensor, tensorAt } from "../tensor/record";

export { random_seed as randomSeed, RANDOM_STATE_BYTES as randomStateBytes } from "../kernels/random";

/** Draws, and notes it if a program is recorded. False: no memory. */
function drawNoted(which: i32, state: usize, target: usize, other: usize, i: i32, s0: f64, s1: f64): bool {
  if (logging) log(Step.Draw, which, state, other, 0, target, i, s0, s1);
  return draw(which, state, target, other, i, s0, s1);
}

export function draw(which: i32, state: usize, target: usize, other: usize, i: i32, s0: f64, s1: f64): bool {
  const t = tensorAt(target);
  const o = t.data;
  const n = t.numel;
  beforeWrite(t.storage);
  switch (which) {
    case Draw.Uniform: f32_uniform(state, o, n, <f32>s0, <f32>s1); break;
    case Draw.Normal: f32_normal(state, o, n, s0, s1); break;
    case Draw.NormalOneByOne: {
      for (let done = 0; done < n; done += 8) f32_normal(state, o + (<usize>done << 2), min(8, n - done), s0, s1);
      break;
    }
    case Draw.Bernoulli: f32_bernoulli(state, o, n, s0, <f32>s1); break;
    case Draw.BernoulliEach: f32_bernoulli_each(state, tensorAt(other).data, o, n); break;
    case Draw.Exponential: f32_exponential(state, o, n, s0); break;
    case Draw.Integers: i32_random(state, o, n, <i32>s0, <i32>s1); break;
    case Draw.Order: i32_randperm(state, o, n); break;
    default: if (!places(state, tensorAt(other), i, t)) return false;
  }
  t.storage.version++;
  return true;
}

function places(state: usize, w: Tensor, n: i32, t: Tensor): bool {
  const rows = w.numel / n;
  const bytes = (<u32>n) << 2;
  const scratch = alloc(bytes);
  if (!scratch) return fail(Status.OutOfMemory, bytes) != 0;
  i32_multinomial(state, w.data, rows, n, t.numel / rows, scratch, t.data);
  free(scratch, bytes);
  return true;
}

export function randomUniform(state: usize, target: usize, from: f32, to: f32): void {
  drawNoted(Draw.Uniform, state, target, 0, 0, from, to);
}

/**
 * The kernel draws 16 and more in another way than fewer, as PyTorch does for contiguous tensors; for others PyTorch
 * draws one by one, whatever their number.
 */
export function randomNormal(state: usize, target: usize, mean: f64, std: f64, oneByOne: bool): void {
  drawNoted(oneByOne ? Draw.NormalOneByOne : Draw.Normal, state, target, 0, 0, mean, std);
}

export function randomBernoulli(state: usize, target: usize, p: f64, value: f32): void {
  drawNoted(Draw.Bernoulli, state, target, 0, 0, p, value);
}

/** The probability of each element is what stands in `probabilities`, also contiguous and of the same count. */
export function randomBernoulliEach(state: usize, probabilities: usize, target: usize): void {
  drawNoted(Draw.BernoulliEach, state, target, probabilities, 0, 0, 0);
}

export function randomExponential(state: usize, target: usize, rate: f64): void {
  drawNoted(Draw.Exponential, state, target, 0, 0, rate, 0);
}

/** int32: low … high − 1, where high − low is taken without sign, so that 2^31 and more fit. */
export function randomIntegers(state: usize, target: usize, low: i32, high: i32): void {
  drawNoted(Draw.Integers, state, target, 0, 0, low, high);
}

/** int32: 0 … numel − 1 in random order. */
export function randomOrder(state: usize, target: usize): void {
  drawNoted(Draw.Order, state, target, 0, 0, 0, 0);
}

/** int32 places, drawn with replacement, from rows of weights of length `n`. False: no memory. */
export function randomPlaces(state: usize, weights: usize, n: i32, target: usize): bool {
  return drawNoted(Draw.Places, state, target, weights, n, 0, 0);
}
