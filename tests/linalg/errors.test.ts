import { describe, expect, it } from "vitest";
import {
  addbmm,
  addmm,
  addmv,
  addr,
  baddbmm,
  bmm,
  chainMatmul,
  choleskyInverse,
  choleskySolve,
  cross,
  DTypeError,
  dot,
  einsum,
  eye,
  inner,
  LinAlgError,
  linalg,
  logdet,
  luUnpack,
  matmul,
  mm,
  mv,
  ones,
  ormqr,
  outer,
  pcaLowrank,
  ShapeError,
  type Tensor,
  TensorError,
  tensor,
  tensordot,
  trace,
  vander,
  vdot,
  zeros,
} from "../../bindings/index.ts";
import { thrownBy } from "../support/expect.ts";

const square = zeros(3, 3);
const wide = ones(3, 5);
const vector = ones(3);
const integers = ones([3, 3], { dtype: "int32" });
/** Two matrices, the second of them singular. */
const pair = tensor([
  [
    [1, 0],
    [0, 1],
  ],
  [
    [1, 2],
    [2, 4],
  ],
]);

/** What each call must throw, and PyTorch's words for it. */
function throws(kind: new (...args: never[]) => Error, table: Record<string, [() => unknown, string]>): void {
  for (const [title, [call, text]] of Object.entries(table)) {
    it(title, () => {
      const error = thrownBy(call);
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toContain(text);
      expect(matmul(eye(2), ones(2)).tolist()).toEqual([1, 1]);
    });
  }
}

describe("matrices that have no such result", () => {
  throws(LinAlgError, {
    "inv of a singular matrix": [
      () => linalg.inv(square),
      "linalg.inv: The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular.",
    ],
    "inv names the one in a batch": [
      () => linalg.inv(pair),
      "linalg.inv: (Batch element 1): The diagonal element 2 is zero",
    ],
    "a negative power": [() => linalg.matrixPower(pair, -1), "because the input matrix is singular."],
    solve: [
      () => linalg.solve(pair, ones(2, 2, 1)),
      "(Batch element 1): The solver failed because the input matrix is singular.",
    ],
    luFactor: [
      () => linalg.luFactor(pair),
      "linalg.lu_factor: (Batch element 1): U[2,2] is zero and using it on lu_solve would",
    ],
    cholesky: [
      () => linalg.cholesky(pair),
      "linalg.cholesky: (Batch element 1): The factorization could not be completed because the input is not positive-definite (the " +
        "leading minor of order 2 is not positive-definite).",
    ],
    choleskyInverse: [() => choleskyInverse(square), "cholesky_inverse: The diagonal element 1 is zero"],
    ldlFactor: [() => linalg.ldlFactor(square), "linalg.ldl_factor: D[1,1] is exactly zero"],
    "svd of NaN": [
      () =>
        linalg.svd(
          tensor([
            [Number.NaN, 1],
            [1, 1],
          ]),
        ),
      "linalg.svd: The algorithm failed to converge because the input matrix contained non-finite values.",
    ],
    "eigh of infinity": [
      () =>
        linalg.eigh(
          tensor([
            [Infinity, 1],
            [1, 1],
          ]),
        ),
      "contained non-finite values.",
    ],
    "pinv of NaN": [() => linalg.pinv(tensor([[1, Number.NaN]])), "linalg.svd: The algorithm failed to converge"],
  });
});

describe("shapes that do not fit", () => {
  throws(ShapeError, {
    "inv of a rectangle": [
      () => linalg.inv(wide),
      "linalg.inv: A must be batches of square matrices, but they are 3 by 5 matrices",
    ],
    "inv of a vector": [() => linalg.inv(vector), "linalg.inv: The input tensor A must have at least 2 dimensions."],
    "det of a rectangle": [
      () => linalg.det(wide),
      "linalg.det: A must be batches of square matrices, but they are 3 by 5 matrices",
    ],
    "logdet of a rectangle": [() => logdet(wide), "logdet: A must be batches of square matrices"],
    "svd of a vector": [() => linalg.svd(vector), "linalg.svd: The input tensor A must have at least 2 dimensions."],
    "solve: rows": [
      () => linalg.solve(eye(3), ones(4, 2)),
      "linalg.solve: Incompatible shapes of A and B for the equation AX = B (3x3 and 4x2)",
    ],
    "solve: columns": [
      () => linalg.solve(eye(3), ones(4, 2), { left: false }),
      "for the equation XA = B (3x3 and 4x2)",
    ],
    "solve: a scalar": [
      () => linalg.solve(eye(3), ones()),
      "linalg.solve: The input tensor B must have at least 2 dimensions.",
    ],
    "solve: batches": [() => linalg.solve(ones(2, 3, 3), ones(4, 3, 1)), "cannot be broadcast"],
    solveTriangular: [
      () => linalg.solveTriangular(eye(3), ones(4, 2), { upper: true }),
      "linalg.solve_triangular: Incompatible shapes of A and B for the equation AX = B (3x3 and 4x2)",
    ],
    choleskySolve: [
      () => choleskySolve(ones(4, 1), eye(3)),
      "Incompatible matrix sizes for cholesky_solve: each A matrix is 3 by 3 but each b matrix is 4 by 1",
    ],
    "luSolve: pivots": [
      () => linalg.luSolve(eye(3), ones([2], { dtype: "int32" }), eye(3)),
      "linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix",
    ],
    "qr mode": [
      () => linalg.qr(square, "x" as "r"),
      "qr received unrecognized mode 'x' but expected one of 'reduced' (default), 'r', or 'complete'",
    ],
    "householderProduct of a wide matrix": [
      () => linalg.householderProduct(wide, vector),
      "input.shape[-2] must be greater than or equal to input.shape[-1]",
    ],
    "householderProduct: too many": [
      () => linalg.householderProduct(ones(5, 3), ones(4)),
      "input.shape[-1] must be greater than or equal to tau.shape[-1]",
    ],
    ormqr: [() => ormqr(square, vector, ones(4, 2)), "other.shape[-2] must be equal to input.shape[-2]"],
    "matrixNorm: order": [() => linalg.matrixNorm(square, 3), "linalg.matrix_norm: Order 3 not supported."],
    "matrixNorm: one dim": [
      () => linalg.matrixNorm(square, "fro", [0]),
      "linalg.matrix_norm: dim must be a 2-tuple. Got 0",
    ],
    "matrixNorm: dim twice": [
      () => linalg.matrixNorm(square, "fro", [0, 0]),
      "linalg.matrix_norm: dims must be different. Got (0, 0)",
    ],
    "cond: order": [() => linalg.cond(square, 3), "linalg.cond got an invalid norm type: 3"],
    "cond of a rectangle": [() => linalg.cond(wide, 1), "linalg.cond(ord=1): A must be batches of square matrices"],
    "multiDot of one": [() => linalg.multiDot([square]), "multi_dot(): expected at least 2 tensors but got 1"],
    "multiDot: sizes": [
      () => linalg.multiDot([square, wide, wide]),
      "multi_dot(): tensors 1 and 2 with shapes [3, 5] and [3, 5] cannot be multiplied",
    ],
    "multiDot: ranks": [
      () => linalg.multiDot([square, ones(1, 3, 3), square]),
      "multi_dot(): tensor 1 must be 2D but got 3D",
    ],
    "multiDot: last": [
      () => linalg.multiDot([square, ones(1, 3, 3)]),
      "multi_dot(): the last tensor must be 1D or 2D but got 3D",
    ],
    "chainMatmul of a vector": [() => chainMatmul(vector, square), "Tensor dimension is 1, expected 2 instead."],
    "tensordot: sizes": [
      () => tensordot(wide, wide, 1),
      "contracted dimensions need to match, but first has size 5 in dim -1 and second has size 3 in dim 0",
    ],
    "tensordot: lists": [() => tensordot(wide, wide, [[0], [0, 1]]), "both dimension lists should have same length"],
    "tensordot: negative": [() => tensordot(wide, wide, -1), "tensordot expects dims >= 0, but got dims=-1"],
    "cross: no dimension": [() => cross(ones(2, 2), ones(2, 2)), "no dimension of size 3 in input"],
    "cross: length": [
      () => linalg.cross(wide, wide),
      "linalg.cross: inputs dimension -1 must have length 3. Got 5 and 5",
    ],
    "cross: ranks": [
      () => linalg.cross(vector, square),
      "linalg.cross: inputs must have the same number of dimensions.",
    ],
    tensorinv: [
      () => linalg.tensorinv(wide),
      "Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got 1 != 15",
    ],
    "tensorinv: ind": [() => linalg.tensorinv(wide, 0), "Expected a strictly positive integer for 'ind', but got 0"],
    tensorsolve: [
      () => linalg.tensorsolve(wide, vector),
      "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got 5 != 3",
    ],
    "vander of a matrix": [() => vander(square), "x must be a one-dimensional tensor."],
    "lstsq: rows": [() => linalg.lstsq(wide, ones(4, 1)), "linalg.lstsq: input.size(-2) should match other.size(-2)"],
    pcaLowrank: [() => pcaLowrank(wide, 4), "q(=4) must be non-negative integer and not greater than min(m, n)=3"],
    mm: [() => mm(vector, square), "self must be a matrix"],
    "mm: sizes": [() => mm(wide, wide), "mat1 and mat2 shapes cannot be multiplied (3x5 and 3x5)"],
    bmm: [() => bmm(ones(2, 3, 3), square), "batch2 must be a 3D tensor"],
    "bmm: batches": [
      () => bmm(ones(2, 3, 3), ones(3, 3, 3)),
      "Expected size for first two dimensions of batch2 tensor to be: [2, 3] but got: [3, 3].",
    ],
    mv: [() => mv(square, ones(4)), "size mismatch, got 3, 3x3,4"],
    "mv: ranks": [() => mv(square, square), "vector + matrix @ vector expected, got 1, 2, 2"],
    dot: [
      () => dot(vector, ones(4)),
      "inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements",
    ],
    vdot: [() => vdot(vector, square), "1D tensors expected, but got 1D and 2D tensors"],
    outer: [() => outer(square, vector), "outer: Expected 1-D argument self, but got 2-D"],
    inner: [
      () => inner(square, ones(4)),
      "inner() the last dimension must match on both input tensors but got shapes [3, 3] and [4]",
    ],
    trace: [() => trace(vector), "trace: expected a matrix, but got tensor with dim 1"],
    addmm: [() => addmm(square, wide, wide), "mat1 and mat2 shapes cannot be multiplied (3x5 and 3x5)"],
    "addmm: a vector": [() => addmm(vector, vector, vector), "mat1 must be a matrix, got 1-D tensor"],
    "addmm: input": [
      () => addmm(wide, square, square),
      "The expanded size of the tensor (3) must match the existing size (5)",
    ],
    "addmm in place": [
      () => vector.clone().addmm_(square, square),
      "output with shape [3] doesn't match the broadcast shape [3, 3]",
    ],
    addmv: [() => addmv(vector, wide, vector), "size mismatch, got 3, 3x5,3"],
    addr: [() => addr(square, vector, square), "addr: Expected 1-D argument vec2, but got 2-D"],
    addbmm: [() => addbmm(square, square, square), "batch1 must be a 3D tensor"],
    baddbmm: [() => baddbmm(square, ones(2, 3, 3), ones(2, 4, 3)), "batch2 tensor to be: [2, 3] but got: [2, 4]."],
  });
});

describe("equations that make no sense", () => {
  const of =
    (equation: string, ...operands: Tensor[]): (() => unknown) =>
    () =>
      einsum(equation, ...operands);
  throws(ShapeError, {
    "too few operands": [of("ij,jk", square), "einsum(): fewer operands were provided than specified in the equation"],
    "too many": [of("ij", square, square), "einsum(): more operands were provided than specified in the equation"],
    "too many subscripts": [
      of("ij", vector),
      "einsum(): the number of subscripts in the equation (2) does not match the number of dimensions (1) for operand 0 and no ellipsis",
    ],
    "too few subscripts": [of("i", square), "einsum(): the number of subscripts in the equation (1) does not match"],
    "too many around an ellipsis": [
      of("ij...k", square),
      "einsum(): the number of subscripts in the equation (3) is more than the number of dimensions (2) for operand 0",
    ],
    "an unknown output": [
      of("i->ij", vector),
      "einsum(): output subscript j does not appear in the equation for any input operand",
    ],
    "an output twice": [of("i->ii", vector), "einsum(): output subscript i appears more than once in the output"],
    "sizes that differ": [
      of("ij,ij->i", square, wide),
      "einsum(): subscript j has size 5 for operand 1 which does not broadcast with previously seen size 3",
    ],
    "a digit": [
      of("i1", square),
      "einsum(): invalid subscript given at index 1 in the equation string, subscripts must be in [a-zA-Z]",
    ],
    "half an ellipsis": [of("..i", square), "einsum(): found '.' for operand 0 that is not part of any ellipsis"],
    "two ellipses": [
      of("...i...", square),
      "einsum(): found '.' for operand 0 for which an ellipsis was already found",
    ],
    "half an ellipsis in the output": [
      of("ij->..", square),
      "einsum(): found '.' for output that is not part of any ellipsis",
    ],
    "a diagonal of a rectangle": [
      of("ii", wide),
      "einsum(): subscript i is repeated for operand 0 but the sizes don't match, 5 != 3",
    ],
    "no operand": [of("ij"), "einsum(): must specify the equation string and at least one operand"],
    "a sublist out of range": [
      () => einsum(vector, [52]),
      "einsum(): expected subscripts to be within range [0, 52), but got 52",
    ],
  });
});

describe("dtypes", () => {
  throws(DTypeError, {
    inv: [() => linalg.inv(integers), "linalg.inv: Expected a floating point or complex tensor as input. Got Int"],
    cholesky: [
      () => linalg.cholesky(integers),
      "linalg.cholesky: Expected a floating point or complex tensor as input. Got Int",
    ],
    svd: [() => linalg.svd(integers), "linalg.svd: Expected a floating point or complex tensor as input. Got Int"],
    pinv: [
      () => linalg.pinv(integers),
      "linalg.pinv(Int{[3, 3]}): expected a tensor with 2 or more dimensions of float",
    ],
    matrixExp: [
      () => linalg.matrixExp(integers),
      "linalg.matrix_exp: Expected a floating point or complex tensor as input. Got Int",
    ],
    matrixNorm: [
      () => linalg.matrixNorm(integers),
      "linalg.matrix_norm: Expected a floating point or complex tensor as input. Got Int",
    ],
    luSolve: [
      () => linalg.luSolve(eye(3), ones(3), eye(3)),
      "linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32",
    ],
    luUnpack: [
      () => luUnpack(eye(3), ones(3)),
      "LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.",
    ],
    "matmul of booleans": [
      () => matmul(eye(2, { dtype: "bool" }), eye(2, { dtype: "bool" })),
      "not implemented for dtype bool",
    ],
  });

  it("integers are multiplied as integers", () => {
    const large = tensor(new Int32Array([2 ** 24 + 1, 1, 1, 1]), { shape: [2, 2] });
    expect(matmul(large, eye(2, { dtype: "int32" })).tolist()).toEqual([
      [2 ** 24 + 1, 1],
      [1, 1],
    ]);
    expect(bmm(large.unsqueeze(0), large.unsqueeze(0)).dtype).toBe("int32");
    expect(matmul(ones([2, 1, 2, 3], { dtype: "int32" }), ones([3, 3], { dtype: "int32" })).shape).toEqual([
      2, 1, 2, 3,
    ]);
    expect(einsum("ij,kj->ik", integers, integers).tolist()).toEqual([
      [3, 3, 3],
      [3, 3, 3],
      [3, 3, 3],
    ]);
    expect(linalg.matrixPower(integers, 2).tolist()).toEqual([
      [3, 3, 3],
      [3, 3, 3],
      [3, 3, 3],
    ]);
    expect(addmm(integers, integers, integers, { alpha: 0.5 }).tolist()).toEqual([
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });
});

describe("options", () => {
  throws(TensorError, {
    "lu without pivoting": [
      () => linalg.lu(square, { pivot: false }),
      "LU without pivoting is not implemented on the CPU",
    ],
    "eigh: triangle": [() => linalg.eigh(square, "X" as "L"), "Expected UPLO argument to be 'L' or 'U', but got X"],
    "lstsq: driver": [
      () => linalg.lstsq(wide, vector, null, { driver: "x" as "gels" }),
      "parameter `driver` should be one of (gels, gelsy, gelsd, gelss)",
    ],
    "vander: N": [() => linalg.vander(vector, { N: 1 }), "N must be greater than 1."],
  });
  throws(TypeError, {
    "a triangle has to be named": [
      () => linalg.solveTriangular(square, square, {} as { upper: true }),
      'required keyword-only argument: "upper"',
    ],
    "a power is an integer": [() => linalg.matrixPower(square, 1.5), "argument 'n' (position 2) must be int"],
    "matmul of null": [() => matmul(square, null as unknown as Tensor), "argument 'other' must be Tensor, not null"],
  });
});

describe("NaN and zeros pass through where PyTorch lets them", () => {
  it("NaN", () => {
    const nan = tensor([
      [Number.NaN, 1],
      [1, 1],
    ]);
    expect(linalg.det(nan).item()).toBeNaN();
    expect(linalg.inv(tensor([[Number.NaN]])).item()).toBeNaN();
    expect(linalg.cholesky(tensor([[Number.NaN]])).item()).toBeNaN();
    expect(linalg.matrixExp(nan).isnan().all().item()).toBe(true);
  });

  it("zeros", () => {
    expect(linalg.slogdet(square).sign.item()).toBe(0);
    expect(linalg.slogdet(square).logabsdet.item()).toBe(-Infinity);
    expect(linalg.cond(square).item()).toBeNaN();
    expect(linalg.cond(square, 1).item()).toBe(Infinity);
    expect(linalg.solveTriangular(square, ones(3, 1), { upper: true }).isfinite().any().item()).toBe(false);
    expect(linalg.lu(square).L.tolist()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(linalg.matrixRank(zeros(3, 0)).item()).toBe(0);
    expect(linalg.cond(zeros(2, 0)).item()).toBe(0);
  });
});
