"""Writes what PyTorch computes for linear algebra: values, first and second derivatives, for tests/linalg/reference.test.ts.

    python3 linalg.py > linalg.json           # PyTorch 1.13

PyTorch computes in double precision, so that what is expected is exact. Random factors are quarters, few enough to be exact
in float32. A case is a call by PyTorch's name; tensors among its arguments are {"shape", "data", "dtype"?, "grad"?}. Each
output has its gradient ("cotangent") if it takes part in the derivatives; "grads" are those of the inputs that require one,
and "second" the derivatives of their sum weighted by "weights". Outputs that are not unique are null.
"""

import json

import torch

torch.manual_seed(0)
cases = []


def m(*shape, symmetric=False, definite=False, grad=True, scale=1.0):
    """Random multiples of 1/8."""
    t = torch.randint(-16, 17, shape).double() / 8
    if symmetric:
        t = t + t.mT
    if definite:
        t = t @ t.mT + torch.eye(shape[-1])
    t = t * scale
    return t.requires_grad_(grad)


def given(values, grad=True):
    return torch.tensor(values, dtype=torch.float64).requires_grad_(grad)


def ints(values):
    return torch.tensor(values, dtype=torch.int32)


def number(x):
    if isinstance(x, float) and (x != x or abs(x) == float("inf")):
        return str(x).replace("inf", "Infinity").replace("nan", "NaN")
    return float(f"{x:.8g}") if isinstance(x, float) else x


def values(t):
    return [number(x) for x in (t.detach() + torch.zeros(t.shape, dtype=t.dtype)).reshape(-1).tolist()]


def tree(x):
    if isinstance(x, torch.Tensor):
        dtype = {} if x.is_floating_point() else {"dtype": "int32"}
        grad = {"grad": True} if x.requires_grad else {}
        return {"shape": list(x.shape), "data": values(x), **dtype, **grad}
    if isinstance(x, (list, tuple)):
        return [tree(y) for y in x]
    return number(x)


def leaves(x):
    if isinstance(x, torch.Tensor):
        return [x] if x.requires_grad else []
    if isinstance(x, (list, tuple)):
        return [leaf for y in x for leaf in leaves(y)]
    return []


def quarters(t):
    return torch.randint(-6, 7, t.shape).double() / 4


def case(call, *args, keep=None, second=True, **kwargs):
    """keep: positions of the outputs that are unique."""
    function = torch
    for name in call.split("."):
        function = getattr(function, name)
    inputs = leaves(args) + leaves(list(kwargs.values()))
    result = function(*args, **kwargs)
    outputs = [result] if isinstance(result, torch.Tensor) else list(result)
    record = {"call": call, "args": tree(args), "kwargs": {k: tree(v) for k, v in kwargs.items()}, "outputs": []}
    roots, cotangents = [], []
    for i, t in enumerate(outputs):
        if keep is not None and i not in keep:
            record["outputs"].append(None)
            continue
        output = tree(t.detach())
        if t.requires_grad:
            roots.append(t)
            cotangents.append(quarters(t))
            output["cotangent"] = values(cotangents[-1])
        record["outputs"].append(output)
    if roots:
        grads = torch.autograd.grad(roots, inputs, cotangents, create_graph=second, allow_unused=True)
        record["grads"] = [g if g is None else values(g) for g in grads]
        used = [g for g in grads if g is not None and g.requires_grad]
        if second and used:
            weights = [quarters(g) for g in used]
            total = sum((g * w).sum() for g, w in zip(used, weights))
            others = torch.autograd.grad(total, inputs, allow_unused=True)
            weighted = iter(weights)
            record["weights"] = [values(next(weighted)) if g is not None and g.requires_grad else None for g in grads]
            record["second"] = [g if g is None else values(g) for g in others]
    cases.append(record)


inf = float("inf")
triangle = lambda *s: (m(*s).detach().tril() + 3 * torch.eye(s[-1])).requires_grad_()

# Products.
case("addmm", m(3), m(2, 4), m(4, 3), beta=0.5, alpha=2)
case("addmm", given([inf, float("nan")]), m(2, 3), m(3, 2), beta=0, second=False)
case("addmv", m(1), m(2, 3), m(3), alpha=-1)
case("addr", m(2, 1), m(2), m(3), beta=2)
case("addbmm", m(3), m(2, 2, 4), m(2, 4, 3), alpha=0.25)
case("baddbmm", m(2, 1, 3), m(2, 2, 4), m(2, 4, 3), beta=-1)
case("outer", m(2), m(3))
case("ger", m(2), m(0))
case("inner", m(2, 3), m(4, 2, 3))
case("inner", m(), m(2, 2))
case("vdot", m(3), m(3))
case("kron", m(2, 3), m(2))
case("kron", m(2), m(2, 1, 2))
case("kron", m(), m(2))
case("cross", m(3, 2), m(3, 2))
case("cross", m(2, 3, 3), m(2, 3, 3))
case("cross", m(2, 3), m(1, 3), dim=-1)
case("linalg.cross", m(2, 1, 3), m(1, 4, 3))
case("linalg.vecdot", m(2, 3), m(2, 3), dim=0)
case("tensordot", m(2, 3, 4), m(4, 3, 2), dims=([1, 2], [1, 0]))
case("tensordot", m(2, 3), m(2), dims=0)
case("tensordot", m(2, 3), m(3, 2, 2), dims=([-1], [0]))
case("chain_matmul", m(2, 3), m(3, 4), m(4, 1))
case("linalg.multi_dot", [m(3), m(3, 4), m(4, 2), m(2)])
case("linalg.multi_dot", [m(3), m(3)])
case("linalg.multi_dot", [m(2, 3), m(3, 2), m(2, 4), m(4)])
case("vander", m(3, grad=False), N=4)
case("vander", m(3, grad=False), increasing=True)
case("linalg.vander", m(2, 2), N=4)
case("einsum", "ii->i", m(3, 3))
case("einsum", "ii", m(3, 3))
case("einsum", "iij->j", m(2, 2, 3))
case("einsum", "bij,bjk->bik", m(2, 2, 3), m(2, 3, 2))
case("einsum", "ij->ji", m(2, 3))
case("einsum", "ba", m(2, 3))
case("einsum", "ij, j", m(2, 3), m(3))
case("einsum", "i,i->", m(3), m(3))
case("einsum", "i,j->ij", m(2), m(3))
case("einsum", "i,j", m(2), m(3))
case("einsum", "ij,ij->ij", m(1, 3), m(2, 3))
case("einsum", "ij,ij->", m(2, 1), m(1, 3))
case("einsum", "...ij,...jk->...ik", m(2, 2, 3), m(3, 2))
case("einsum", "...ij,...jk->ik", m(2, 2, 3), m(2, 3, 2))
case("einsum", "i...,i...->...", m(2, 3), m(2, 1))
case("einsum", "...,...", m(2, 3), m(3))
case("einsum", "ibnd,jbnd->ijbn", m(2, 1, 2, 2), m(3, 1, 2, 2))
case("einsum", "bn,anm,bm->ba", m(2, 2), m(3, 2, 2), m(2, 2))
case("einsum", "ab,cd,ef->acf", m(2, 2), m(1, 3), m(2, 2))
case("einsum", "Aa,ab->Ab", m(2, 3), m(3, 2))
case("einsum", m(2, 3), [0, 1], m(3, 2), [1, 2], [2, 0])
case("einsum", m(2, 2), [0, 0])
case("einsum", "ij,jk->ik", m(2, 0), m(0, 3))

# Systems and inverses.
case("linalg.solve", m(3, 3), m(2, 3, 2))
case("linalg.solve", m(2, 3, 3), m(3, 2))
case("linalg.solve", m(2, 3, 3), m(2, 3))
case("linalg.solve", m(2, 3, 3), m(4, 3), left=False)
case("linalg.solve", m(3, 3), m(3))
case("linalg.solve_ex", given([[1, 2], [2, 4]], False), given([[1], [1]], False), keep=[1])
case("linalg.inv", m(1, 1))
case("linalg.inv_ex", given([[[1, 2], [2, 4]], [[1, 2], [3, 4]]], False), keep=[1])
case("linalg.solve_triangular", m(3, 3), m(2, 2, 3), upper=False, left=False)
case("linalg.solve_triangular", m(2, 3, 3), m(3, 2), upper=True, unitriangular=True)
case("triangular_solve", m(3, 2), triangle(3, 3), upper=False, transpose=True)
case("triangular_solve", m(2, 3, 2), m(3, 3), True, True, True)
case("linalg.tensorinv", m(4, 2, 2), ind=1)
case("linalg.tensorsolve", m(2, 4, 2), m(2, 2), dims=(1,))

# LU.
case("linalg.lu_factor", m(5, 3))
case("linalg.lu_factor", m(2, 3, 2))
case("linalg.lu_factor_ex", m(2, 1, 4))
case("linalg.lu_factor_ex", given([[[1, 2], [2, 4]], [[1, 2], [3, 4]]], False), second=False)
case("linalg.lu", m(4, 2))
case("linalg.lu", m(3, 1))
for left in (True, False):
    for adjoint in (True, False):
        LU, pivots = torch.linalg.lu_factor(m(2, 3, 3, grad=False))
        LU = (LU * 64).round() / 64
        case("linalg.lu_solve", LU.requires_grad_(), pivots, m(3, 3), left=left, adjoint=adjoint)

# Determinants.
case("linalg.det", given([[0, 1], [1, 0]]))
case("linalg.det", given([[1, 2, 3], [2, 4, 6], [3, 6, 9]]), second=False)
case("linalg.slogdet", given([[0, 2], [1, 0]]))
case("slogdet", given([[1, 2], [2, 4]], False))
case("logdet", given([[-1, 0], [0, 2]], False))
case("logdet", given([[0, 0], [0, 2]], False))
case("logdet", given([[2, 1], [0, 2]]))

# Cholesky and LDL.
lower = torch.tensor([[4.0, 9, 9], [2, 5, 9], [-1, 1, 6]], dtype=torch.float64)
case("linalg.cholesky", lower.clone(), second=False)
case("linalg.cholesky", lower.mT.clone(), upper=True, second=False)
case("cholesky", m(3, 3, definite=True, grad=False).requires_grad_(), True, second=False)
case("linalg.cholesky_ex", given([[[4, 2], [2, 5]], [[1, 2], [2, 1]]], False), keep=[1])
case("cholesky_solve", m(3, 2), triangle(2, 3, 3))
case("cholesky_solve", m(2, 3, 2), triangle(3, 3).detach().mT.clone().requires_grad_(), True)
case("cholesky_inverse", triangle(2, 3, 3))
indefinite = [[0, 2, 1, 0, 1], [2, 0, 3, 1, 0], [1, 3, 0, 2, 2], [0, 1, 2, 0, 5], [1, 0, 2, 5, 0]]
case("linalg.ldl_factor", given(indefinite, False))
case("linalg.ldl_factor_ex", m(3, 4, 4, symmetric=True, grad=False))
for matrix in (given(indefinite, False), m(2, 5, 5, symmetric=True, grad=False)):
    LD, pivots = torch.linalg.ldl_factor(matrix)
    LD = (LD * 64).round() / 64
    case("linalg.ldl_solve", LD, pivots, m(5, 2, grad=False))

# QR and reflections. LAPACK's signs are ours.
case("linalg.qr", m(2, 4))
case("linalg.qr", m(5, 3))
case("linalg.qr", m(2, 3, 2), "reduced")
case("linalg.qr", m(3, 3), mode="complete")
case("linalg.qr", m(2, 3), mode="complete")
case("linalg.qr", m(4, 2, grad=False), mode="complete")
case("linalg.qr", m(4, 2, grad=False), mode="r")
case("qr", m(3, 2, grad=False), False)
case("geqrf", m(4, 3, grad=False))
case("geqrf", m(2, 2, 3, grad=False))
case("linalg.householder_product", m(4, 3), m(2))
case("linalg.householder_product", m(2, 3, 3), m(2, 3), second=False)
case("orgqr", m(3, 2), m(2))
for left in (True, False):
    for transpose in (True, False):
        other = m(4, 2, grad=False) if left else m(2, 4, grad=False)
        case("ormqr", m(4, 3, grad=False), m(3, grad=False), other, left, transpose)

# Eigenvalues and singular values.
case("linalg.eigh", m(4, 4, symmetric=True), keep=[0])
case("linalg.eigh", given([[1, 5], [2, 3]], False), UPLO="U", keep=[0])
case("linalg.eigvalsh", given([[1, 5], [2, 3]], False))
case("linalg.eigvalsh", given([[2, 0, 0], [0, 2, 0], [0, 0, 1]]), second=False)
case("linalg.svd", m(2, 4), full_matrices=False, keep=[1])
case("linalg.svdvals", m(2, 4, 2))
case("linalg.svdvals", given([[0, 0], [0, 0]], False))
case("linalg.svdvals", given([[1, 2], [2, 4], [3, 6]], False))
case("svd", m(3, 2, grad=False), False, False, keep=[0, 1, 2])
case("linalg.pinv", m(2, 4))
case("linalg.pinv", m(2, 4, 2))
case("linalg.pinv", given([[1, 2], [2, 4], [3, 6]], False))
case("linalg.pinv", given([[[4, 0], [0, 1]], [[4, 0], [0, 3]]], False), atol=given([0.5, 3.5], False))
case("linalg.pinv", given([[[4, 0], [0, 1]], [[4, 0], [0, 3]]], False), atol=given(0.5, False), rtol=given([0.5, 0.25], False))
case("linalg.pinv", given([[2, 9], [1, 3]], False), hermitian=True)
case("pinverse", given([[4, 0], [0, 1]], False), 0.5)
case("linalg.matrix_rank", given([[1, 2, 3], [2, 4, 6], [1, 1, 1]], False))
case("linalg.matrix_rank", given([[4, 0], [0, 1]], False), atol=1.5)
case("linalg.matrix_rank", given([[4, 0], [0, 1]], False), rtol=0.5)
case("linalg.matrix_rank", given([[4, 0], [0, 1]], False), 0.5)
case("linalg.matrix_rank", given([[-4, 9], [0, 1]], False), hermitian=True, atol=2)
case("linalg.matrix_rank", given([[0, 0], [0, 0]], False))
case("linalg.lstsq", m(4, 2, grad=False), m(4, grad=False), keep=[0, 2])
case("linalg.lstsq", m(4, 2, grad=False), m(4, 3, grad=False), driver="gelsd")
case("linalg.lstsq", given([[1, 2], [2, 4], [3, 6]], False), m(3, 1, grad=False), driver="gelss")
case("linalg.lstsq", given([[4, 0], [0, 1]], False), m(2, 1, grad=False), rcond=0.5, driver="gelsd")
case("linalg.lstsq", m(2, 2, 3), m(2, 2, 2), keep=[0], driver="gels")
case("linalg.lstsq", m(4, 2), m(4, 1), keep=[0])

# Norms and condition numbers.
for order in ("fro", "nuc", inf, -inf, 1, -1, 2, -2):
    case("linalg.matrix_norm", m(2, 3, 2), order, (-1, 0), True)
    case("linalg.cond", m(2, 3, 3, grad=order in (2, -2)), order)
    case("linalg.norm", m(2, 3), order)
case("linalg.cond", m(3, 2))
case("linalg.cond", given([[1, 2], [2, 4]], False), 1)
case("linalg.matrix_norm", m(3, 2, 4), 1, (2, 0))

# Functions of matrices.
case("linalg.matrix_power", m(2, 2, 2), 5)
case("linalg.matrix_power", m(2, 2), 1)
case("linalg.matrix_power", m(2, 2), 3)
case("linalg.matrix_power", m(2, 2), -2)
case("linalg.matrix_exp", m(2, 3, 3))
case("linalg.matrix_exp", m(3, 3, scale=4.0))
case("linalg.matrix_exp", given([[0, 0], [0, 0]]))
case("matrix_exp", given([[0, 40], [-40, 0]]))
case("matrix_exp", m(1, 1))

print("[")
print(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
print("]")
