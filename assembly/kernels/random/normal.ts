/**
 * Normal numbers by Box and Muller (1958, doi:10.1214/aoms/1177706645), in PyTorch's two ways: 16 and more are made
 * from 24-bit uniforms in groups of 16, fewer one by one from 53-bit uniforms, where the second of a pair is kept for
 * the next call.
 */
import { madd } from "../../simd/f32x4";
import { Log } from "../elementwise/log";
import { Cos, Sin } from "../elementwise/trig";
import { log2Wide } from "../elementwise/wide";
import { next53, RandomState } from "./twister";
import { f32_uniform } from "./uniform";

const UNIT_53: f64 = 1.0 / 9007199254740992.0;
const LN2: f64 = 0.6931471805599453;
const TWO_PI: f32 = 6.2831855;

/** Turns 4 uniforms at o and 4 at o + 32 into normals. */
// @ts-ignore: decorator
@inline function boxMuller4(o: usize, mean: v128, std: v128): void {
  const u = f32x4.sub(f32x4.splat(1), v128.load(o));
  const radius = f32x4.sqrt(f32x4.mul(f32x4.splat(-2), changetype<Log>(0).fast(u)));
  const angle = f32x4.mul(f32x4.splat(TWO_PI), v128.load(o, 32));
  v128.store(o, madd(mean, f32x4.mul(radius, changetype<Cos>(0).fast(angle)), std));
  v128.store(o, madd(mean, f32x4.mul(radius, changetype<Sin>(0).fast(angle)), std), 32);
}

/** n >= 16. The last group reaches back over numbers made before, when n is not a multiple of 16, and draws anew. */
function fill(state: usize, o: usize, n: i32, mean: f32, std: f32): void {
  const vm = f32x4.splat(mean);
  const vs = f32x4.splat(std);
  f32_uniform(state, o, n, 0, 1);
  const end = o + ((<usize>n) << 2);
  do {
    if (end - o < 64) {
      o = end - 64;
      f32_uniform(state, o, 16, 0, 1);
    }
    const second = o + 32;
    for (; o < second; o += 16) boxMuller4(o, vm, vs);
    o += 32;
  } while (o < end);
}

// (−1)ⁱ (π/2)²ⁱ / (2i)! and (−1)ⁱ (π/2)²ⁱ⁺¹ / (2i + 1)!: cos and sin of quarter turns
const COS: usize = memory.data<f64>([
  1, -1.2337005501361697, 0.253669507901048, -0.020863480763352962, 0.0009192602748394266, -2.52020423730606e-5,
  4.710874778818172e-7, -6.386603083791852e-9,
]);
const SIN: usize = memory.data<f64>([
  1.5707963267948966, -0.6459640975062462, 0.07969262624616704, -0.004681754135318688, 0.00016044118478735982,
  -3.598843235212085e-6, 5.692172921967927e-8, -6.688035109811467e-10,
]);

/** Eight terms, which for abs(x) <= 1/2, z = x², leave an error below 1e-15. */
function series(terms: usize, z: f64): f64 {
  let y: f64 = 0;
  for (let at: i32 = 56; at >= 0; at -= 8) y = y * z + load<f64>(terms + at);
  return y;
}

/** The next of N(0, 1): a kept one, or the first of a new pair. */
function nextNormal(state: usize): f64 {
  const s = changetype<RandomState>(state);
  if (s.hasNormal) {
    s.hasNormal = false;
    return s.normal;
  }
  const turns = <f64>next53(state) * UNIT_53 * 4;
  const u = 1 - <f64>next53(state) * UNIT_53;
  const radius = sqrt<f64>(-2 * LN2 * f64x2.extract_lane(log2Wide(f64x2.splat(u)), 0));
  const q = nearest<f64>(turns);
  const x = turns - q;
  let c = radius * series(COS, x * x);
  let s1 = radius * x * series(SIN, x * x);
  const quarter = <i32>q;
  if (quarter & 1) {
    const t = c;
    c = -s1;
    s1 = t;
  }
  if (quarter & 2) {
    c = -c;
    s1 = -s1;
  }
  s.hasNormal = true;
  s.normal = s1;
  return c;
}

/** o must be contiguous; to fill anything else of 16 and more elements, PyTorch draws one by one. */
export function f32_normal(state: usize, o: usize, n: i32, mean: f64, std: f64): void {
  if (n >= 16) {
    fill(state, o, n, <f32>mean, <f32>std);
    return;
  }
  for (; n > 0; n--) {
    store<f32>(o, <f32>(nextNormal(state) * std + mean));
    o += 4;
  }
}
