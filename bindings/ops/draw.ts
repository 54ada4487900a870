/** How random numbers get into tensors: distributions as draws that the core makes, in the order of memory. */
import { TensorFlag } from "../../assembly/abi/layout.ts";
import { isGradEnabled, noGrad } from "../autograd/mode.ts";
import { createTensor, wrap } from "../core/dispatch.ts";
import { type DType, dtypeCode } from "../core/dtype.ts";
import { DTypeError, TensorError } from "../core/errors.ts";
import { address } from "../core/generation.ts";
import { defaultGenerator, type Generator } from "../core/generator.ts";
import { core, setName } from "../core/wasm.ts";
import { watcher } from "../core/watch.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./copy.ts";
import type { CreationOptions } from "./creation.ts";
import { copy_ } from "./inplace.ts";
import { permute } from "./permute.ts";
import { cast } from "./promote.ts";

export interface GeneratorOption {
  /** Where the numbers come from; the shared generator if left out. */
  generator?: Generator;
}

export type RandomOptions = CreationOptions & GeneratorOption;

/** Fills the contiguous tensor at an address. `oneByOne`: the elements do not lie in row-major order where they belong. */
export type Draw = (state: number, pointer: number, oneByOne: boolean) => void;

export function drawn(
  shape: readonly number[],
  dtype: DType,
  draw: Draw,
  options: GeneratorOption,
  oneByOne = false,
): Tensor {
  const pointer = createTensor(dtypeCode(dtype), shape, false);
  draw((options.generator ?? defaultGenerator).address(), pointer, oneByOne);
  return wrap(pointer);
}

/**
 * Dimensions in the order in which they lie in memory, outermost first, or null if that is their own order: PyTorch draws
 * in the order of memory.
 */
export function memoryOrder(t: Tensor): number[] | null {
  if (t.isContiguous()) return null;
  const strides = t.stride();
  return strides.map((_, dim) => dim).sort((a, b) => strides[b] - strides[a] || a - b);
}

/** Fresh numbers for the elements of `like`, drawn in the order in which those lie in memory. */
export function drawnLike(like: Tensor, dtype: DType, draw: Draw, options: GeneratorOption): Tensor {
  const { shape } = like;
  const order = memoryOrder(like);
  if (!order) return drawn(shape, dtype, draw, options);
  return noGrad(() => {
    const inMemory = drawn(
      order.map((dim) => shape[dim]),
      dtype,
      draw,
      options,
      true,
    );
    return clone(
      permute(
        inMemory,
        shape.map((_, dim) => order.indexOf(dim)),
      ),
    );
  });
}

/** Draws into the tensor itself. In a graph it is a copy, whose gradient is 0. */
export function drawInto(target: Tensor, draw: Draw, options: GeneratorOption, dtype: DType, name: number): Tensor {
  const recorded = isGradEnabled() && target.requiresGrad;
  if (!recorded && target.dtype === dtype && target.isContiguous() && !target.flag(TensorFlag.Inference)) {
    draw((options.generator ?? defaultGenerator).address(), address(target), false);
    return target;
  }
  const source = cast(drawnLike(target, dtype, draw, options), target.dtype);
  setName(name);
  return copy_(target, source);
}

export function finish(t: Tensor, options: CreationOptions): Tensor {
  return options.requiresGrad ? t.requiresGrad_() : t;
}

export function expectFloat(dtype: DType | undefined, kernel: string): void {
  if (dtype === undefined) return;
  dtypeCode(dtype);
  if (dtype !== "float32")
    throw new DTypeError(`"${kernel}" not implemented for '${dtype === "int32" ? "Int" : "Bool"}'`);
}

/** A draw that a profiler sees under its name. */
function watchable(name: string, draw: Draw): Draw {
  const by = watcher;
  return by === null ? draw : (...place) => by.range(name, "cpu_op", () => draw(...place));
}

export function uniform(from: number, to: number): Draw {
  return watchable("aten::uniform_", (state, p) => core.randomUniform(state, p, from, to));
}

export function gaussian(mean: number, std: number): Draw {
  return watchable("aten::normal_", (state, p, oneByOne) => core.randomNormal(state, p, mean, std, oneByOne ? 1 : 0));
}

const INT_MIN = -(2 ** 31);
const INT_END = 2 ** 31;

/** low … high − 1. */
export function integers(low: number, high: number): Draw {
  for (const [value, name] of [
    [low, "from"],
    [high, "to"],
  ] as const) {
    if (!Number.isInteger(value))
      throw new TypeError(`random_: expected an integer for '${name}', got ${String(value)}`);
  }
  if (low >= high)
    throw new TensorError(`random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}`);
  if (low < INT_MIN) throw new TensorError(`from is out of bounds for int: ${low}`);
  if (high > INT_END) throw new TensorError(`to - 1 is out of bounds for int: ${high - 1}`);
  if (high - low >= 2 ** 32) throw new TensorError("random_: a range of 2^32 integers is not supported");
  return watchable("aten::random_", (state, p) => core.randomIntegers(state, p, low, high | 0));
}

export function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new TensorError(`bernoulli_ expects p to be in [0, 1], but got p=${p}`);
}

export function coins(p: number, value = 1): Draw {
  checkProbability(p);
  return watchable("aten::bernoulli_", (state, at) => core.randomBernoulli(state, at, p, value));
}

export function checkDeviation(std: number): void {
  if (!(std >= 0)) throw new TensorError(`normal expects std >= 0.0, but found std ${std}`);
}

export function exponential(rate: number): Draw {
  if (!(rate > 0)) throw new TensorError(`exponential_ expects lambda > 0.0, but found lambda=${rate}`);
  return watchable("aten::exponential_", (state, p) => core.randomExponential(state, p, rate));
}
