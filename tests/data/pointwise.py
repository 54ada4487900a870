"""Writes what PyTorch computes for pointwise and special functions, for tests/ops/pointwise.test.ts.

    python3 pointwise.py > pointwise.json     # PyTorch 1.13

Each case is a function by PyTorch's name with its inputs, element by element, and further arguments. Values and gradients
(of the sum of the results, by each input; a string is the message of a derivative that does not exist) are computed in
double precision from float32 inputs, so that they are exact. Elements for which PyTorch's own float32 results differ from
them by more than a thousandth are left out: its kernels overflow or cancel there. "second" has the gradients of the sum of
all gradients; "requires_grad" says whether the result can carry one.
"""

import json
import math
import warnings

import torch

warnings.filterwarnings("ignore")
inf, nan = math.inf, math.nan
special = torch.special
cases = []

EDGES = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 2.5, 1e-10, -1e-40, 0.99, -0.99, 7.3, -7.3, 30.5, -30.5]
EDGES += [88.0, -100.0, 1e6, -1e10, 1e38]
FINITE = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 1e-10, 0.99, -0.99, 3.7, 7.3, -7.3, 12.0, 15.2, -30.5, 30.5, 88.0, -100.0]
SMOOTH = [0.3, -0.7, 1.6, 2.4, -2.9, 0.05]
UNIT = [0.3, 0.7, 0.05, 0.95, 0.5]
POSITIVE = [0.3, 0.7, 1.6, 2.4, 5.5, 20.5]
PAIR = [nan, inf, -inf, 0.0, -0.0, 1.0, 0.5, -3.0, 7.3, 1e10]
DEGREES = [0.0, 1.0, 2.0, 3.0, 7.0, 10.0, -1.0, 2.5]


def number(x):
    if x != x or abs(x) == inf:
        return str(x).replace("inf", "Infinity").replace("nan", "NaN")
    return float(f"{x:.8g}")


def numbers(t):
    return [number(v) for v in t.double().tolist()]


def evaluate(f, columns, dtype):
    inputs = [torch.tensor(c, dtype=torch.float32).to(dtype).requires_grad_() for c in columns]
    y = f(*inputs)
    grads = []
    for x in inputs:
        try:
            g = torch.autograd.grad(y.sum(), x, create_graph=True)[0] if y.requires_grad else None
            # sgn's is a tensor without memory until it is added to another one.
            grads.append(None if g is None else torch.zeros_like(x) + g)
        except RuntimeError as error:
            grads.append(str(error))
    return inputs, y, grads


def agree(a, b):
    if a is None or isinstance(a, str):
        return True
    a, b = a.double(), b.double()
    near = b.isfinite() & ((a - b).abs() <= 1e-3 * b.abs() + 1e-30)
    return near | (a == b) | (a.isnan() & b.isnan())


def case(name, f, columns, args=(), second=False, alone=False):
    """alone: only values are compared, as the inputs do not require a gradient."""
    single = evaluate(f, columns, torch.float32)
    exact = evaluate(f, columns, torch.float64)
    keep = torch.ones(len(columns[0]), dtype=torch.bool)
    for a, b in zip([single[1], *single[2]], [exact[1], *exact[2]]):
        keep &= agree(a, b)
    inputs, y, grads = evaluate(f, [[v for v, k in zip(c, keep.tolist()) if k] for c in columns], torch.float64)
    entry = {"name": name, "inputs": [numbers(x.detach()) for x in inputs], "args": list(args), "value": numbers(y.detach())}
    entry["requires_grad"] = y.requires_grad
    entry["grads"] = None if alone else [numbers(g.detach()) if torch.is_tensor(g) else g for g in grads]
    if second:
        total = sum(g.sum() for g in grads if torch.is_tensor(g))
        seconds = torch.autograd.grad(total, inputs, allow_unused=True)
        entry["second"] = [numbers(torch.zeros_like(x) if s is None else s) for s, x in zip(seconds, inputs)]
    cases.append(entry)


def unary(names, space=torch, prefix=""):
    for name in names.split():
        yield prefix + name, getattr(space, name)


for name, f in unary(
    "abs acos acosh angle asin asinh atan atanh ceil cos cosh deg2rad erf erfc erfinv exp exp2 expm1 floor frac log log10 log1p "
    "log2 logit nan_to_num neg rad2deg reciprocal relu round rsqrt sgn sigmoid sign sin sinc sinh sqrt square tan tanh trunc"
):
    case(name, f, [EDGES])
for name, f in unary("isfinite isinf isnan isneginf isposinf signbit"):
    case(name, f, [EDGES], alone=True)
for name, f in unary("asinh atan cos cosh erf erfc exp exp2 expm1 sigmoid sin sinc sinh square tan tanh i0"):
    case(name, f, [SMOOTH], second=True)
for name, f in unary("acos asin atanh erfinv logit"):
    case(name, f, [UNIT], second=True)
for name, f in unary("log log10 log1p log2 rsqrt sqrt reciprocal lgamma digamma"):
    case(name, f, [POSITIVE], second=True)
case("acosh", torch.acosh, [[1.3, 2.0, 7.5]], second=True)

for name, f in unary("lgamma digamma i0"):
    case(name, f, [FINITE])
for name, f in unary("entr erfcx i0e i1 i1e log_ndtr ndtr ndtri", special, "special."):
    case(name, f, [FINITE])
for name, f in unary("erfcx i0e i1 i1e log_ndtr ndtr", special, "special."):
    case(name, f, [SMOOTH], second=True)
for name, f in unary("entr ndtri", special, "special."):
    case(name, f, [UNIT], second=True)
for name, f in unary(
    "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 "
    "scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0",
    special,
    "special.",
):
    case(name, f, [[nan] + FINITE], alone=True)

for n in [0, 1, 2, 5]:
    case("polygamma", lambda x, n=n: torch.polygamma(n, x), [POSITIVE + [-0.5, -7.3]], [n], second=n > 0)
case("mvlgamma", lambda x: torch.mvlgamma(x, 3), [[1.3, 2.0, 7.5, 100.0]], [3], second=True)
case("logit", lambda x: torch.logit(x, 0.1), [[0.05, 0.1, 0.3, 0.9, 0.95, 2.0, -1.0]], [0.1])
case("round", lambda x: torch.round(x, decimals=2), [[0.125, 1.234, -2.675, nan, inf]], [2])
case("round", lambda x: torch.round(x, decimals=-1), [[125.0, 14.0, -26.75]], [-1])

first = [a for a in PAIR for _ in PAIR]
other = [b for _ in PAIR for b in PAIR]
for name, f in unary(
    "add sub mul div fmod remainder maximum minimum fmax fmin atan2 copysign xlogy logaddexp logaddexp2 pow hypot"
):
    case(name, f, [first, other])
for name, f in unary("eq ne lt le gt ge isclose"):
    case(name, f, [first, other], alone=True)
case("floor_divide", torch.floor_divide, [first, other], alone=True)
case("special.xlog1py", special.xlog1py, [first, other])

left = [0.7, 1.6, 2.3, 5.5]
right = [1.4, 0.3, 3.1, 0.9]
for name, f in unary("atan2 hypot xlogy logaddexp logaddexp2 pow div mul"):
    case(name, f, [left, right], second=True)
case("special.xlog1py", special.xlog1py, [left, right], second=True)

shape = [0.0, 0.5, 1.0, 2.0, 7.3, 50.0, 9000.0, 12000.0, 30000.0]
upto = [0.0, 0.1, 1.0, 3.0, 40.0, 55.0, 8950.0, 12100.0, 29800.0, inf]
pairs = [(a, x) for a in shape for x in upto if abs(a - x) < 400 or x == inf]
for name in ["igamma", "igammac"]:
    case(name, getattr(torch, name), [[a for a, _ in pairs], [x for _, x in pairs]])
pairs = [(s, q) for s in [0.5, 1.0, 1.5, 2.0, 3.0, 7.3, 30.0] for q in [0.3, 1.0, 2.7, 40.0, -0.5, -2.0, -3.25]]
case("special.zeta", special.zeta, [[s for s, _ in pairs], [q for _, q in pairs]])

points = [nan, 0.0, 1.0, -1.0, 0.5, -0.3, 2.0, -3.0]
for kind in ["chebyshev_polynomial_", "shifted_chebyshev_polynomial_"]:
    for letter in "tuvw":
        name = kind + letter
        columns = [[x for x in points for _ in DEGREES], [n for _ in points for n in DEGREES]]
        case("special." + name, getattr(special, name), columns, alone=True)
for name in ["hermite_polynomial_h", "hermite_polynomial_he", "laguerre_polynomial_l", "legendre_polynomial_p"]:
    columns = [[x for x in points for _ in DEGREES], [n for _ in points for n in DEGREES]]
    case("special." + name, getattr(special, name), columns, alone=True)

print("[")
print(",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases))
print("]")
