/**
 * Steps of optimizers, straight on the memory of parameter, gradient and state: no node, no result. The settings are doubles
 * in the argument block's list. Tensors are dense and float32; the bindings see to it.
 */
import { Args } from "../abi/layout";
import { Step } from "../abi/program";
import { adam, sgd } from "../kernels/optim";
import { ARGS } from "../memory/args";
import { isShared, share, Task } from "../parallel/pool";
import { log, logging } from "../program/log";
import { nextSettings } from "../program/program";
import { beforeWrite, tensorAt } from "../tensor/record";

// @ts-ignore: decorator
@inline function dataOf(t: usize): usize {
  return t ? tensorAt(t).data : 0;
}

/** Flag of the steps below: the gradient is climbed, not descended. */
const MAXIMIZE: i32 = 1;
const NESTEROV: i32 = 2;
const FIRST_STEP: i32 = 4;
const DECOUPLED: i32 = 8;

// @ts-ignore: decorator
@inline function at(settings: usize, i: i32): f64 {
  return load<f64>(settings + (<usize>i << 3));
}

/** What a step reads and writes, and where its settings are. */
@final @unmanaged class Job {
  p: usize;
  g: usize;
  a: usize;
  b: usize;
  c: usize;
  settings: usize;
}

const JOB: usize = memory.data(32, 16);

/** Elements at which a step is cut. */
const GRAIN: i32 = 1024;

/** An element takes as long as some twelve multiply-adds of a matrix product. */
const WORK: i64 = 12;

function run(task: Task, parameter: usize, gradient: usize, a: usize, b: usize, c: usize, settings: usize): void {
  const p = tensorAt(parameter);
  beforeWrite(p.storage);
  const job = changetype<Job>(JOB);
  job.p = p.data;
  job.g = dataOf(gradient);
  job.a = dataOf(a);
  job.b = dataOf(b);
  job.c = dataOf(c);
  job.settings = settings;
  if (isShared(<i64>p.numel * WORK)) share(task, JOB, p.numel, GRAIN);
  else task(JOB, 0, p.numel);
  p.storage.version++;
}

// @ts-ignore: decorator
@inline function from(p: usize, first: i32): usize {
  return p ? p + (<usize>first << 2) : 0;
}

function sgdPart(args: usize, first: i32, end: i32): void {
  const job = changetype<Job>(args);
  const s = job.settings;
  const flags = <i32>at(s, 4);
  sgd(
    from(job.p, first), from(job.g, first), from(job.a, first), end - first, at(s, 0), at(s, 1), at(s, 2), at(s, 3),
    (flags & NESTEROV) != 0, (flags & MAXIMIZE) != 0, (flags & FIRST_STEP) != 0,
  );
}

function adamPart(args: usize, first: i32, end: i32): void {
  const job = changetype<Job>(args);
  const s = job.settings;
  const flags = <i32>at(s, 7);
  adam(
    from(job.p, first), from(job.g, first), from(job.a, first), from(job.b, first), from(job.c, first), end - first,
    at(s, 0), at(s, 1), at(s, 2), at(s, 3), at(s, 4), (flags & DECOUPLED) != 0, (flags & MAXIMIZE) != 0, at(s, 5), at(s, 6),
  );
}

/** Settings: lr, momentum, dampening, weightDecay, flags. `buffer` is 0 without momentum. */
export function sgdStep(parameter: usize, gradient: usize, buffer: usize): void {
  if (logging) log(Step.Sgd, 0, parameter, gradient, buffer, 0, 0, reinterpret<f64>(<u64>nextSettings()));
  sgdWith(parameter, gradient, buffer, ARGS + Args.List);
}

export function sgdWith(parameter: usize, gradient: usize, buffer: usize, settings: usize): void {
  run(sgdPart, parameter, gradient, buffer, 0, 0, settings);
}

/**
 * Settings: lr, beta1, beta2, eps, weightDecay, 1 - beta1^t, √(1 - beta2^t), flags. `m` and `v` are the running means of the
 * gradient and its square, `vmax` the largest v (amsgrad) or 0.
 */
export function adamStep(parameter: usize, gradient: usize, m: usize, v: usize, vmax: usize): void {
  if (logging) log(Step.Adam, 0, parameter, gradient, m, v, <i32>vmax, reinterpret<f64>(<u64>nextSettings()));
  adamWith(parameter, gradient, m, v, vmax, ARGS + Args.List);
}

export function adamWith(parameter: usize, gradient: usize, m: usize, v: usize, vmax: usize, settings: usize): void {
  run(adamPart, parameter, gradient, m, v, vmax, settings);
}
