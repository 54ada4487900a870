/**
 * erf. Up to 0.95 an odd polynomial; beyond, 1 - exp(q(abs x)) with q a fit of log erfc, weighted by erfc so that the
 * error counts as it does in the result; 1 from 4 on. Both branches run and each lane takes one. At most 1.5 ULP.
 */
import { madd, pmin } from "../../simd/f32x4";
import { expNear } from "./exp";

const ONE: usize = memory.data<f32>([1, 1, 1, 1], 16);
const BRANCH: usize = memory.data<f32>([0.95, 0.95, 0.95, 0.95], 16);
const LIMIT: usize = memory.data<f32>([4, 4, 4, 4], 16);
const SIGN: usize = memory.data<u32>([0x80000000, 0x80000000, 0x80000000, 0x80000000], 16);

// erf x = x + x (A0 + A1 x² + … + A6 x¹²)
const A0: usize = memory.data<f32>([0.12837917, 0.12837917, 0.12837917, 0.12837917], 16);
const A1: usize = memory.data<f32>([-0.37612626, -0.37612626, -0.37612626, -0.37612626], 16);
const A2: usize = memory.data<f32>([0.11283579, 0.11283579, 0.11283579, 0.11283579], 16);
const A3: usize = memory.data<f32>([-0.026853347, -0.026853347, -0.026853347, -0.026853347], 16);
const A4: usize = memory.data<f32>([0.005187162, 0.005187162, 0.005187162, 0.005187162], 16);
const A5: usize = memory.data<f32>([-0.0007997853, -0.0007997853, -0.0007997853, -0.0007997853], 16);
const A6: usize = memory.data<f32>([0.00007806904, 0.00007806904, 0.00007806904, 0.00007806904], 16);

// log erfc x = B0 + B1 x + … + B7 x⁷, 0.95 <= x <= 4
const B0: usize = memory.data<f32>([0.00017055098, 0.00017055098, 0.00017055098, 0.00017055098], 16);
const B1: usize = memory.data<f32>([-1.1294951, -1.1294951, -1.1294951, -1.1294951], 16);
const B2: usize = memory.data<f32>([-0.63338673, -0.63338673, -0.63338673, -0.63338673], 16);
const B3: usize = memory.data<f32>([-0.10823642, -0.10823642, -0.10823642, -0.10823642], 16);
const B4: usize = memory.data<f32>([0.025091253, 0.025091253, 0.025091253, 0.025091253], 16);
const B5: usize = memory.data<f32>([-0.004160371, -0.004160371, -0.004160371, -0.004160371], 16);
const B6: usize = memory.data<f32>([0.00043225256, 0.00043225256, 0.00043225256, 0.00043225256], 16);
const B7: usize = memory.data<f32>([-0.000020903093, -0.000020903093, -0.000020903093, -0.000020903093], 16);

@final @unmanaged export class Erf {
  @inline v(x: v128): v128 {
    let u = pmin(f32x4.abs(x), v128.load(LIMIT)), u2 = f32x4.mul(u, u), u4 = f32x4.mul(u2, u2);
    let a = madd(madd(v128.load(A0), v128.load(A1), u2), madd(v128.load(A2), v128.load(A3), u2), u4);
    a = madd(a, madd(madd(v128.load(A4), v128.load(A5), u2), v128.load(A6), u4), f32x4.mul(u4, u4));
    let b = madd(madd(v128.load(B0), v128.load(B1), u), madd(v128.load(B2), v128.load(B3), u), u2);
    b = madd(b, madd(madd(v128.load(B4), v128.load(B5), u), madd(v128.load(B6), v128.load(B7), u), u2), u4);
    let far = f32x4.sub(v128.load(ONE), expNear(b));
    let y = v128.bitselect(far, madd(u, u, a), f32x4.gt(u, v128.load(BRANCH))); // a NaN survives in the polynomial only
    return v128.bitselect(x, y, v128.load(SIGN));
  }
}
