"""What PyTorch computes for reductions, scans, order, statistics and norms of inputs with ties, zeros, NaN and infinities,
of none and of integers: values, gradients and second gradients, in float64, as tests/data/reductions.json.

    python3 tests/data/reductions.py > tests/data/reductions.json

A second gradient that is NaN there is left open, null: it may exist. "lost" is the share of the largest element that
PyTorch's own float32 loses, where it is much. The cotangent of output k is 1 + (i mod 5) / 4 + k / 8 at element i, the weight of the gradient of input k 1 - (i mod 3) / 4 + k / 8.
"""

import json
import math
import sys
import warnings

import torch

warnings.filterwarnings("ignore")
inf, nan = math.inf, math.nan

FLOATS = {
    "ties": [[1, 3, 3], [2, 2, 2], [0, 3, -1]],
    "zeros": [[0, 2, 3], [0, 0, 4], [-1, 2, 0.5]],
    "nothing but zeros": [[0, 0, 0]],
    "infinities": [[inf, 1, 2], [1, -inf, 0], [-inf, -inf, 1]],
    "NaN": [[nan, 1, 2], [3, nan, nan], [1, 2, 3]],
    "a row": [0.3, -1.2, 2.5, 0.3, 1.7, -0.4, 0.9],
    "distinct": [[0.3, -1.2, 2.5], [1.7, -0.4, 0.9]],
    "one": [2.5],
    "a number": -1.5,
    "a cube": [[[math.sin(7 * i + 3 * j + k * k) for k in range(2)] for j in range(3)] for i in range(2)],
    "far apart": [[1000, 999, 0], [-1000, -2000, -1000], [88.5, 89, -88]],
    "empty": [],
    "empty rows": [[], []],
    "no rows": torch.zeros(0, 3),
}
INTS = {"integers": [[3, -1, 3], [2, 2, 0]], "an integer": 4, "bools": [[True, False], [False, False]]}

DIM = [((), {}), ((0,), {}), ((-1, True), {})]
DIMS = DIM + [(([0, 1],), {}), ((), {"dim": [-1], "keepdim": True})]
ONE = [((0,), {}), ((-1,), {})]

ALL = list(FLOATS)
FINITE = [name for name in ALL if name not in ("NaN", "infinities")]
MATRICES = ["ties", "zeros", "a cube", "nothing but zeros"]
UNEQUAL = ["distinct", "one", "a number", "far apart", "empty", "empty rows", "no rows", "an integer"]
SEVERAL = [name for name in FINITE if name not in ("one", "a number")]
COUNTABLE = [*ALL, *INTS]

# name of the function, inputs, arguments, whether first and second gradients are compared
CASES = [
    ("sum", COUNTABLE, DIMS),
    ("mean", ALL, DIMS),
    # Where there is no zero PyTorch divides, so that a NaN or an infinity makes the gradient of all others NaN.
    ("prod", FINITE + list(INTS), DIM),
    # Of a NaN the library gives shares to all NaNs, here as for max(); PyTorch makes all NaN.
    ("amax", [n for n in COUNTABLE if n not in ("NaN", "empty")], DIMS),
    ("amin", [n for n in COUNTABLE if n not in ("NaN", "empty")], DIMS),
    ("max", COUNTABLE, DIM),
    ("min", COUNTABLE, DIM),
    ("argmax", COUNTABLE[:-1], DIM),
    ("argmin", COUNTABLE[:-1], DIM),
    ("any", COUNTABLE, DIM),
    ("all", COUNTABLE, DIM),
    ("count_nonzero", COUNTABLE, [((), {}), ((0,), {}), (([0, 1],), {})]),
    ("nansum", COUNTABLE, DIMS),
    ("nanmean", ALL, DIMS),
    ("logsumexp", ALL, [*ONE, (([0, 1],), {}), ((0, True), {})]),
    # The derivative of the variance of one element is NaN since 2.0, before it was infinite.
    ("var", SEVERAL + ["NaN", "infinities"], [*DIM[:2], ((-1,), {"unbiased": False}), ((), {"dim": [0, 1], "correction": 0})]),
    ("std", ALL, [*DIM[:2], ((-1,), {"unbiased": False}), ((False,), {})]),
    ("var_mean", SEVERAL, [*DIM[:2], ((), {"dim": -1, "correction": 0, "keepdim": True})]),
    ("std_mean", FINITE, [*DIM[:2], ((), {"dim": -1, "keepdim": True})]),
    ("median", [n for n in COUNTABLE if n != "bools"], DIM),
    ("nanmedian", [n for n in COUNTABLE if n != "bools"], DIM),
    ("quantile", UNEQUAL[:-1] + ["NaN", "nothing but zeros"], [((0.3,), {}), ((0, 0), {}), ((1, -1, True), {})]),
    ("quantile", ["ties", "a row"], [((0.3, 0), {"interpolation": i}) for i in
                                     ("lower", "higher", "midpoint", "nearest")]),
    ("nanquantile", FINITE + ["NaN"], [((0.6,), {}), ((0.25, -1, True), {})]),
    # Which of equal elements is found is left open there.
    ("kthvalue", UNEQUAL, [((1, 0), {}), ((2, -1, True), {})]),
    ("topk", UNEQUAL, [((2,), {}), ((1, 0, False), {}), ((3, -1), {"largest": False})]),
    ("sort", COUNTABLE, [((), {"stable": True}), ((0, True), {}), ((-1, False), {})]),
    ("argsort", COUNTABLE, [((), {}), ((0, True), {})]),
    ("msort", ALL, [((), {})]),
    # NaNs are not ordered there.
    ("mode", [n for n in COUNTABLE if n != "NaN"], DIM),
    ("cumsum", COUNTABLE, ONE),
    ("cumprod", FINITE + list(INTS), ONE),
    ("logcumsumexp", ALL, ONE),
    ("cummax", COUNTABLE, ONE),
    ("cummin", COUNTABLE, ONE),
    ("norm", ALL, [((), {}), ((1,), {}), ((inf, 0), {}), ((-inf, 0), {}), ((3, -1, True), {}), ((0.5,), {}), ((0, -1), {}),
                   ((-1, 0), {})]),
    ("norm", ["ties", "a cube"], [(("fro", [0, 1]), {}), (("fro", 0), {})]),
    ("linalg.vector_norm", ALL, [((), {}), ((inf, 0), {}), ((1.5,), {"dim": [-1], "keepdim": True}), ((-2,), {})]),
    ("linalg.norm", FINITE, [((), {}), ((1,), {}), ((), {"dim": 0}), ((2,), {"dim": -1, "keepdim": True})]),
    ("renorm", ["ties", "a cube", "nothing but zeros"], [((2, 0, 1), {}), ((1, -1, 2), {}), ((inf, 1, 0.5), {})]),
    ("cov", FINITE, [((), {}), ((), {"correction": 0})]),
    ("corrcoef", ["a row", "one"], [((), {})]),
    ("diff", COUNTABLE, [((), {}), ((2,), {}), ((1, 0), {})]),
    ("trapezoid", ALL + ["integers"], [((), {}), ((), {"dx": 0.5, "dim": 0})]),
    ("cumulative_trapezoid", [n for n in ALL if n != "a number"], [((), {}), ((), {"dx": 0.5, "dim": 0})]),
    ("softmax", ALL, ONE),
    ("log_softmax", ALL, ONE),
    ("nn.functional.softmin", ALL, ONE),
    ("nn.functional.normalize", [*MATRICES, "far apart"], [((), {}), ((1, 0), {}), ((inf, -1, 0.5), {})]),
]


def tensor(values, dtype=None):
    return values.clone() if isinstance(values, torch.Tensor) else torch.tensor(values, dtype=dtype)


def written(t):
    if t.is_floating_point():
        # Some zeros have no memory.
        t = t + torch.zeros(t.shape, dtype=t.dtype)

    def number(v):
        if isinstance(v, bool) or isinstance(v, int):
            return int(v)
        return float(f"{v:.7g}") if math.isfinite(v) else str(v).replace("inf", "Infinity").replace("nan", "NaN")

    return [number(v) for v in t.reshape(-1).tolist()]


def cotangents(outputs):
    return [(1 + (torch.arange(y.numel()) % 5) / 4 + k / 8).double().reshape(y.shape) for k, y in enumerate(outputs)]


def second(grad, x, gs):
    if grad is None or not grad.requires_grad:
        return None
    weight = (1 - (torch.arange(grad.numel()) % 3) / 4).to(x.dtype).reshape(grad.shape)
    try:
        return torch.autograd.grad(grad, [x, *gs], weight, allow_unused=True)
    except RuntimeError:
        return None


def differentiate(function, x, args, options):
    """Outputs, gradient, and second gradients by the input and by the cotangents; None for what there is not."""
    found = function(x, *args, **options)
    outputs = list(found) if isinstance(found, tuple) else [found]
    roots = [y for y in outputs if y.requires_grad]
    gs = [g.to(x.dtype).requires_grad_() for g in cotangents(roots)]
    try:
        grad = torch.autograd.grad(roots, x, gs, create_graph=True, allow_unused=True)[0] if roots else None
    except RuntimeError:
        # Some derivatives fail for tensors without dimensions or elements.
        return outputs, False, None
    return outputs, grad if roots else False, second(grad, x, gs)


def difference(a, b):
    """Between results in float32 and float64, as a share of the largest element."""
    finite = torch.isfinite(a) & torch.isfinite(b)
    return ((a - b)[finite].abs() / max(1, b[finite].abs().max())).max().item() if finite.any() else 0


def run(name, source, args, options):
    function = torch
    for part in name.split("."):
        function = getattr(function, part)
    case = {"function": name, "input": source, "args": [str(a).replace("inf", "Infinity") if a in (inf, -inf) else a for a in args],
            "options": {k: v for k, v in options.items() if v is not None}}
    is_float = source in FLOATS
    x = tensor(FLOATS[source], torch.float64) if is_float else tensor(INTS[source])
    # Inputs are those that the library can hold.
    x = x.float().double().requires_grad_() if is_float else x.int() if x.dtype != torch.bool else x
    try:
        outputs, grad, seconds = differentiate(function, x, args, options)
    except (RuntimeError, IndexError, TypeError) as error:
        case["error"] = str(error).split("\n")[0]
        return case
    kinds = {torch.float64: "float32", torch.float32: "float32", torch.int64: "int32", torch.int32: "int32", torch.bool: "bool"}
    case["outputs"] = [{"shape": list(y.shape), "dtype": kinds[y.dtype], "data": written(y)} for y in outputs]
    if grad is False:
        return case
    case["grad"] = None if grad is None else written(grad)
    # At infinity and beyond, what PyTorch has for second derivatives depends on how the first is written down.
    if seconds and source not in ("infinities", "NaN"):
        case["second"] = [None if s is None else [None if v == "NaN" else v for v in written(s)] for s in seconds]
    _, grad32, seconds32 = differentiate(function, x.detach().float().requires_grad_(), args, options)
    pairs = [(grad32, grad), *zip(seconds32 or [], seconds or [])]
    lost = max(difference(a, b) for a, b in pairs if a is not None and b is not None) if grad is not None else 0
    if lost > 1e-6:
        case["lost"] = float(f"{lost:.2g}")
    return case


def main():
    inputs = {name: {"shape": list(tensor(v).shape), "data": written(tensor(v)),
                     "dtype": "float32" if name in FLOATS else "bool" if name == "bools" else "int32"}
              for name, v in {**FLOATS, **INTS}.items()}
    cases = []
    for name, sources, variants in CASES:
        for source in sources:
            for args, options in variants:
                cases.append(run(name, source, args, options))
    json.dump({"inputs": inputs, "cases": cases}, sys.stdout, separators=(",", ":"))
    print()


main()
