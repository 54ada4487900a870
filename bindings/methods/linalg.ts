/** Products of matrices and linear algebra as methods. */
import { choleskyFactor, choleskyInverse, choleskySolve } from "../linalg/cholesky.ts";
import { det, logdet, slogdet } from "../linalg/determinant.ts";
import { matrixExp, matrixPower } from "../linalg/function.ts";
import { luFactorize, luSolveFactored } from "../linalg/lu.ts";
import { pinverse } from "../linalg/pinv.ts";
import { geqrf, orgqr, ormqr, type QrFactors, qrOld } from "../linalg/qr.ts";
import { inverse, triangularSolve } from "../linalg/solve.ts";
import { svdOld } from "../linalg/svd.ts";
import * as addmm from "../ops/addmm.ts";
import * as products from "../ops/products.ts";
import type { Tensor } from "../tensor.ts";
import { RandomMethods } from "./random.ts";

type Rest<F extends (input: Tensor, ...rest: never[]) => unknown> = F extends (
  input: Tensor,
  ...rest: infer R
) => unknown
  ? R
  : never;

export abstract class LinalgMethods extends RandomMethods {
  /** beta · input + alpha · mat1 mat2. @see {@link addmm.addmm} */
  addmm(this: Tensor, mat1: Tensor, mat2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addmm(this, mat1, mat2, options);
  }

  /** `addmm`, written into this tensor: beta · input + alpha · mat1 mat2. */
  addmm_(this: Tensor, mat1: Tensor, mat2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addmm_(this, mat1, mat2, options);
  }

  /** beta · input + alpha · mat vec. @see {@link addmm.addmv} */
  addmv(this: Tensor, mat: Tensor, vec: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addmv(this, mat, vec, options);
  }

  /** `addmv`, written into this tensor: beta · input + alpha · mat vec. */
  addmv_(this: Tensor, mat: Tensor, vec: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addmv_(this, mat, vec, options);
  }

  /** beta · input + alpha · vec1 vec2ᵀ. @see {@link addmm.addr} */
  addr(this: Tensor, vec1: Tensor, vec2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addr(this, vec1, vec2, options);
  }

  /** `addr`, written into this tensor: beta · input + alpha · vec1 vec2ᵀ. */
  addr_(this: Tensor, vec1: Tensor, vec2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addr_(this, vec1, vec2, options);
  }

  /** beta · input + alpha · the sum of the products of two batches of matrices. @see {@link addmm.addbmm} */
  addbmm(this: Tensor, batch1: Tensor, batch2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addbmm(this, batch1, batch2, options);
  }

  /** `addbmm`, written into this tensor: beta · input + alpha · the sum of the products of two batches of matrices. */
  addbmm_(this: Tensor, batch1: Tensor, batch2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.addbmm_(this, batch1, batch2, options);
  }

  /** beta · input + alpha · the products of two batches of matrices. @see {@link addmm.baddbmm} */
  baddbmm(this: Tensor, batch1: Tensor, batch2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.baddbmm(this, batch1, batch2, options);
  }

  /** `baddbmm`, written into this tensor: beta · input + alpha · the products of two batches of matrices. */
  baddbmm_(this: Tensor, batch1: Tensor, batch2: Tensor, options?: addmm.ScaleOptions): Tensor {
    return addmm.baddbmm_(this, batch1, batch2, options);
  }

  /** The sum of products of two vectors. @see {@link products.vdot} */
  vdot(this: Tensor, other: Tensor): Tensor {
    return products.vdot(this, other);
  }

  /** Sums of products along the last dimensions. @see {@link products.inner} */
  inner(this: Tensor, other: Tensor): Tensor {
    return products.inner(this, other);
  }

  /** Every element of one vector times every element of another. @see {@link products.outer} */
  outer(this: Tensor, vec2: Tensor): Tensor {
    return products.outer(this, vec2);
  }

  /** The outer product. @see {@link products.ger} */
  ger(this: Tensor, vec2: Tensor): Tensor {
    return products.ger(this, vec2);
  }

  /** The Kronecker product. @see {@link products.kron} */
  kron(this: Tensor, other: Tensor): Tensor {
    return products.kron(this, other);
  }

  /**
   * The cross product along a dimension of three elements, the first one there is by default.
   * @see {@link products.cross}
   */
  cross(this: Tensor, other: Tensor, dim?: number | null | { dim?: number | null }): Tensor {
    return products.cross(this, other, dim);
  }

  /** The Cholesky factor. @see {@link choleskyFactor} */
  cholesky(this: Tensor, upper?: boolean | { upper?: boolean }): Tensor {
    return choleskyFactor(this, upper);
  }

  /** The inverse of A = L Lᵀ (Uᵀ U with `upper`), where `L` is its factor. @see {@link choleskyInverse} */
  choleskyInverse(this: Tensor, upper?: boolean | { upper?: boolean }): Tensor {
    return choleskyInverse(this, upper);
  }

  /** X in A X = B, where A = L Lᵀ (Uᵀ U with `upper`) and `L` is its factor. @see {@link choleskySolve} */
  choleskySolve(this: Tensor, L: Tensor, upper?: boolean | { upper?: boolean }): Tensor {
    return choleskySolve(this, L, upper);
  }

  /** The determinant of square matrices [..., n, n]. @see {@link det} */
  det(this: Tensor): Tensor {
    return det(this);
  }

  /** The logarithm of the determinant of square matrices. @see {@link logdet} */
  logdet(this: Tensor): Tensor {
    return logdet(this);
  }

  /**
   * The sign (0 of a singular matrix) and the logarithm of the absolute value of the determinant of square matrices
   * [..., n, n], which neither overflows nor vanishes.
   * @see {@link slogdet}
   */
  slogdet(this: Tensor): { sign: Tensor; logabsdet: Tensor } {
    return slogdet(this);
  }

  /** What `householderProduct` and `ormqr` take. @see {@link geqrf} */
  geqrf(this: Tensor): { a: Tensor; tau: Tensor } {
    return geqrf(this);
  }

  /** The inverse of a square matrix. @see {@link inverse} */
  inverse(this: Tensor): Tensor {
    return inverse(this);
  }

  /** [LU, pivots], and with `getInfos` which matrices are singular. @see {@link luFactorize} */
  lu(this: Tensor, ...options: Rest<typeof luFactorize>): Tensor[] {
    return luFactorize(this, ...options);
  }

  /** X in A X = b from the factors of A. @see {@link luSolveFactored} */
  luSolve(this: Tensor, LUdata: Tensor, LUpivots: Tensor): Tensor {
    return luSolveFactored(this, LUdata, LUpivots);
  }

  /**
   * The exponential of square matrices, 1 + A + A²/2 + …, by scaling and squaring in double precision.
   * @see {@link matrixExp}
   */
  matrixExp(this: Tensor): Tensor {
    return matrixExp(this);
  }

  /** The n-th power of square matrices by repeated squaring. @see {@link matrixPower} */
  matrixPower(this: Tensor, n: number): Tensor {
    return matrixPower(this, n);
  }

  /** The product of reflections. @see {@link orgqr} */
  orgqr(this: Tensor, tau: Tensor): Tensor {
    return orgqr(this, tau);
  }

  /**
   * Q C (C Q without `left`, Qᵀ with `transpose`), where the square Q is the product of the reflections in `input`,
   * which `geqrf` gives, and C is `other`.
   * @see {@link ormqr}
   */
  ormqr(this: Tensor, ...options: Rest<typeof ormqr>): Tensor {
    return ormqr(this, ...options);
  }

  /** The Moore–Penrose inverse. @see {@link pinverse} */
  pinverse(this: Tensor, rcond?: number | { rcond?: number }): Tensor {
    return pinverse(this, rcond);
  }

  /** Q and R. @see {@link qrOld} */
  qr(this: Tensor, some?: boolean | { some?: boolean }): QrFactors {
    return qrOld(this, some);
  }

  /** A = U diag(S) Vᵀ. @see {@link svdOld} */
  svd(this: Tensor, ...options: Rest<typeof svdOld>): ReturnType<typeof svdOld> {
    return svdOld(this, ...options);
  }

  /** X in A X = b for triangular A (Aᵀ with `transpose`), and a copy of A. @see {@link triangularSolve} */
  triangularSolve(this: Tensor, ...options: Rest<typeof triangularSolve>): ReturnType<typeof triangularSolve> {
    return triangularSolve(this, ...options);
  }
}
