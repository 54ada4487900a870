"""What PyTorch makes of bad and of extreme input: for every family of operations calls with shapes, dtypes and dims that do
not fit, with tensors of no elements, with NaN and infinities, and with sizes beyond any memory; as tests/data/misuse.json.

    python3 tests/data/misuse.py > tests/data/misuse.json

A tensor is written as [shape, dtype, fill]; indices are int64 here and int32 there. A call that PyTorch refuses has an
"error", its first line; the others have "outputs".
"""

import json
import math
import resource
import sys
import warnings

import torch

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
# What is beyond any memory is so at once.
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
inf, nan = math.inf, math.nan
SPECIAL = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, 3e38, -3e38, 1e-40, 88.8, -104.0, 1e10]
DTYPES = {"float32": torch.float32, "int32": torch.int32, "index": torch.int64, "bool": torch.bool}
NAMES = {torch.float32: "float32", torch.int32: "int32", torch.int64: "int32", torch.bool: "bool"}


class T:
    """A tensor: numbers that count up from -1 by a third; or those given; or one number throughout."""

    def __init__(self, *shape, dtype="float32", fill="ramp"):
        self.shape, self.dtype, self.fill = list(shape), dtype, fill

    def make(self):
        count = math.prod(self.shape)
        if self.fill == "ramp":
            unit = 3 if self.dtype == "float32" else 1
            data = [(i - (unit if unit > 1 else 0)) / unit for i in range(count)]
        else:
            data = self.fill if isinstance(self.fill, list) else [self.fill] * count
        return torch.tensor(data, dtype=torch.float64).reshape(self.shape).to(DTYPES[self.dtype])

    def written(self):
        fill = [number(v) for v in self.fill] if isinstance(self.fill, list) else number(self.fill)
        return {"tensor": [self.shape, self.dtype.replace("index", "int32"), fill]}


def L(*values):
    return T(len(values), dtype="index", fill=list(values))


def number(v):
    if not isinstance(v, float) or math.isfinite(v):
        return "-0" if isinstance(v, float) and v == 0 and math.copysign(1, v) < 0 else v
    return "NaN" if math.isnan(v) else "Infinity" if v > 0 else "-Infinity"


def made(v):
    return v.make() if isinstance(v, T) else [made(w) for w in v] if isinstance(v, list) else v


def written(v):
    return v.written() if isinstance(v, T) else [written(w) for w in v] if isinstance(v, list) else number(v)


def outputs(v):
    if isinstance(v, torch.Tensor):
        data = [number(x) for x in v.to(torch.float64).flatten().tolist()] if v.numel() < 5000 else None
        return [{"shape": list(v.shape), "dtype": NAMES[v.dtype], "data": data}]
    return [o for w in v for o in outputs(w)]


def function(name):
    found = torch.nn.functional if name.startswith("F.") else torch
    for part in name.removeprefix("F.").split("."):
        found = getattr(found, part, None) or getattr(torch.Tensor, part)
    return found


cases = []


def call(group, name, *args, **options):
    case = {"group": group, "function": name, "args": written(list(args)), "options": written_options(options)}
    try:
        case["outputs"] = outputs(function(name)(*made(list(args)), **{k: made(v) for k, v in options.items()}))
    except (RuntimeError, IndexError, ValueError, TypeError, ArithmeticError, AssertionError, AttributeError) as error:
        case["error"] = str(error).split("\n")[0][:200]
    cases.append(case)


def written_options(options):
    return {key: written(v) for key, v in options.items()}


# Not asked: the sine of a large number, of which the library states how far it reduces; where PyTorch overflows although the
# result does not.
REDUCED = "sin cos tan sinc rad2deg digamma log1p i0 special.i1 F.hardswish".split()
# The library gives the limits at -infinity, which are 0, where PyTorch has inf * 0; and NaN of NaN, as later versions do.
LIMITED = {name: T(5, fill=[nan, inf, 0.0, -0.0, 1.0]) for name in ("F.gelu", "F.mish", "F.silu")}
LIMITED["F.softshrink"] = T(5, fill=[inf, -inf, 0.0, -0.0, 1.0])


def pointwise():
    special = T(len(SPECIAL), fill=SPECIAL)
    unary = "abs acos acosh asin asinh atan atanh ceil cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor frac"
    unary += " isfinite isinf isnan lgamma log log10 log1p log2 logical_not logit neg positive rad2deg reciprocal relu round"
    unary += " rsqrt sigmoid sign signbit sin sinc sinh sqrt square tan tanh trunc nan_to_num i0 special.i0e special.i1"
    unary += " F.elu F.gelu F.hardsigmoid F.hardswish F.hardtanh F.leaky_relu F.logsigmoid F.mish F.relu6 F.selu F.silu"
    unary += " F.softplus F.softsign F.tanhshrink F.softshrink F.hardshrink F.celu"
    reduced = T(9, fill=[nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, 1e-40])
    for name in unary.split():
        call("pointwise", name, LIMITED.get(name, reduced if name in REDUCED else special))
        for empty in [T(0), T(2, 0, 3)]:
            call("pointwise", name, empty)
    a = T(7, 1, fill=[nan, inf, -inf, 0.0, -0.0, 1.5, -2.0])
    b = T(7, fill=[nan, inf, -inf, 0.0, -0.0, 1.5, -2.0])
    binary = "add sub mul div pow atan2 maximum minimum fmax fmin fmod remainder hypot eq ne lt le gt ge floor_divide"
    binary += " logaddexp logaddexp2 copysign xlogy logical_and logical_or logical_xor special.xlog1py heaviside"
    shapes = [((2, 3), (4,)), ((0,), (1,)), ((0, 3), (2, 3)), ((3, 0), (1,)), ((2, 1), (0,)), ((0,), (2,)), ((), (0,))]
    for name in binary.split():
        call("pointwise", name, a, b)
        for left, right in shapes:
            call("pointwise", name, T(*left), T(*right))
    whole = T(4, dtype="int32", fill=[7, -7, 1, 0])
    for name in ["fmod", "remainder", "floor_divide"]:
        call("pointwise", name, whole, T(4, dtype="int32", fill=[3, 3, -2, 5]))
        call("pointwise", name, whole, T(4, dtype="int32", fill=[0, 3, 0, 0]))
    flags = T(2, dtype="bool", fill=[1, 0])
    call("pointwise", "sub", flags, flags)
    call("pointwise", "neg", flags)
    call("pointwise", "pow", whole, T(4, dtype="int32", fill=[-1, 1, 1, 1]))
    call("pointwise", "pow", whole, -1)
    for args in [(T(2, 3), 1, 0), (T(3), nan, 1), (T(3), T(2), None), (T(3), None, None), (T(0), 0, 1), (T(3), inf, -inf)]:
        call("pointwise", "clamp", *args)
    for args in [(flags, T(3), T(3)), (T(2, dtype="bool"), T(3, 1), T(2)), (T(2), T(2), T(2)), (T(0, dtype="bool"), T(0), T(1))]:
        call("pointwise", "where", *args)
    call("pointwise", "lerp", T(3), T(2), 0.5)
    call("pointwise", "lerp", T(3, fill=inf), T(3, fill=-inf), 0.5)
    call("pointwise", "addcmul", T(3), T(2), T(3))
    call("pointwise", "addcdiv", T(3), T(3, fill=0.0), T(3, fill=0.0))
    call("pointwise", "bitwise_and", T(2), T(2))
    call("pointwise", "bitwise_not", T(2))
    call("pointwise", "mvlgamma", T(3, fill=0.1), 2)
    call("pointwise", "polygamma", -1, T(2))


def reductions():
    names = "sum mean prod amax amin argmax argmin var std logsumexp any all norm cumsum cumprod logcumsumexp cummax cummin"
    names += " max min median nanmedian mode sort argsort topk kthvalue softmax log_softmax nansum count_nonzero diff unbind"
    names += " var_mean std_mean aminmax quantile nanmean"
    needs = {"topk": (2,), "kthvalue": (1,), "quantile": (0.5,)}
    listed = "sum mean amax amin var std logsumexp nansum nanmean norm"
    for name in names.split():
        before = needs.get(name, ())
        first = {"norm": (2,)}.get(name, before)
        for shape in [(2, 3), (0,), (2, 0), (0, 3), ()]:
            # PyTorch looks at no dim of a tensor without elements or dimensions.
            if name in ("cummax", "cummin") and (0 in shape or shape == ()):
                continue
            for dim in [0, 1, -1, 2, -3]:
                options = {"n": 1} if name == "diff" else {}
                if name == "aminmax":
                    options, args = {"dim": dim}, (T(*shape),)
                elif name == "diff":
                    args, options = (T(*shape), 1, dim), {}
                else:
                    args = (T(*shape), *first, dim)
                call("reductions", name, *args, **options)
        if name in listed.split():
            for dims in [[0, 0], [0, 2], [0, -2], [-1, 0]]:
                call("reductions", name, T(2, 3), *first, dims)
        if name not in ("cumsum cumprod logcumsumexp cummax cummin softmax log_softmax unbind logsumexp topk kthvalue quantile diff norm").split():
            for shape in [(0,), (2, 0), ()]:
                call("reductions", name, T(*shape))
        special = T(3, 3, fill=[nan, 1.0, 2.0, inf, -inf, 0.0, -inf, -inf, -inf])
        if name in ("kthvalue", "var_mean", "std_mean"):  # ties in an order of its own; the mean of -infinities as NaN
            special = T(2, 3, fill=[nan, 1.0, 2.0, 3.0, 0.0, -inf] if name == "kthvalue" else [nan, 1.0, 2.0, inf, -inf, 0.0])
        if name not in ("count_nonzero", "unbind", "quantile", "mode", "diff", "aminmax"):
            call("reductions", name, special, *first, 1)
    for k in [-1, 0, 3, 4]:
        call("reductions", "topk", T(3), k)
        call("reductions", "kthvalue", T(3), k)
    for q in [-0.1, 1.5, nan]:
        call("reductions", "quantile", T(3), q)
    # softmax, which PyTorch has for no integers, takes them as float32.
    for name in ["mean", "var", "std", "logsumexp", "median"]:
        call("reductions", name, T(3, dtype="int32"), 0)
        call("reductions", name, T(3, dtype="bool"), 0)
    call("reductions", "softmax", T(2, 2, fill=-inf), 1)
    call("reductions", "norm", T(3), inf)
    call("reductions", "norm", T(0), inf)
    call("reductions", "norm", T(3), 0)
    call("reductions", "histc", T(4), 0)
    call("reductions", "histc", T(4), 4, 1, 0)
    call("reductions", "histc", T(4, fill=[nan, 1.0, 2.0, 3.0]), 4)
    call("reductions", "bincount", L(0, 1, -1))
    call("reductions", "bincount", T(2))
    call("reductions", "bincount", T(0, dtype="index"))
    call("reductions", "cdist", T(2, 3), T(2, 4))
    call("reductions", "cdist", T(0, 3), T(2, 3))
    call("reductions", "trapezoid", T(3), T(4))
    call("reductions", "renorm", T(2, 2), -1, 0, 1)
    call("reductions", "searchsorted", T(3), T(2, 2))
    call("reductions", "bucketize", T(3), T(2, 2))


def shapes():
    def of(name, tensor, *rest):
        for args in rest:
            # Of a tensor without elements PyTorch does not look at everything.
            unchecked = name in ("roll", "repeat", "tile", "tril") and 0 in tensor.shape
            if not unchecked and not (name == "index_select" and tensor.shape == []):
                call("shapes", name, tensor, *args)

    x, none = T(2, 3), T(0, 3)
    for t in [x, none, T(0), T()]:
        of("reshape", t, ([5],), ([-1, -1],), ([-1, 0],), ([0, -1],), ([-2],), ([0],), ([6],), ([-1],), ([],), ([3, 0],), ([-1, 4],))
        of("unsqueeze", t, (0,), (2,), (-3,), (4,), (-5,))
        of("squeeze", t, (0,), (1,), (3,), (-4,))
        of("flatten", t, (0, -1), (1, 0), (0, 3), (-3, 1))
        of("transpose", t, (0, 1), (0, 2), (-3, 0))
        of("select", t, (0, 0), (0, 2), (1, -4), (2, 0))
        of("narrow", t, (0, 0, 0), (0, 1, 1), (0, 1, 5), (0, -1, 1), (0, 0, -1), (3, 0, 1), (1, 2, 1))
        of("split", t, (1,), (0,), (-1,), (2, 1), (2, 5), ([1, 1],), ([1, 2], 1))
        of("chunk", t, (1,), (0,), (-2,), (4, 0), (2, 3))
        of("flip", t, ([0],), ([0, 0],), ([2],), ([],))
        of("roll", t, (1,), (1, 0), ([1, 1], [0]), (1, 3))
        of("cumsum", t, (0,))
        of("unbind", t, (0,), (2,))
        of("expand", t, ([2, 3],), ([3],), ([-1, 3],), ([2, 2, 3],), ([0],), ([-1, -1, -1],), ([0, 3],))
        of("repeat", t, ([2],), ([2, 1],), ([0, 1],), ([-1, 1],), ([1, 1, 2],))
        of("tile", t, ([2],), ([-1],))
        of("permute", t, ([1, 0],), ([0, 0],), ([0],), ([0, 2],), ([],))
        of("movedim", t, (0, 1), ([0, 1], [1, 1]), ([0], [0, 1]), (3, 0))
        of("diagonal", t, (0, 0, 1), (5, 0, 1), (0, 0, 0), (0, 0, 2))
        of("tril", t, (0,), (9,), (-9,))
        of("unfold", t, (0, 1, 1), (0, 5, 1), (0, 1, 0), (1, 2, 1), (3, 1, 1))
        of("index_select", t, (0, L(0)), (0, L(2)), (0, L(-1)), (1, L(0, 2)), (0, L()), (0, T(1)), (0, T(1, 1, dtype="index")), (3, L(0)))
        of("unflatten", t, (0, [1, 2]), (0, [2, 2]), (1, [-1, 3]), (5, [1]))
        of("swapaxes", t, (0, 1), (0, 3))
        of("rot90", t, (1, [0, 1]), (1, [0, 0]), (1, [0, 5]))
        of("broadcast_to", t, ([2, 3],), ([4],))
        of("take", t, (L(0),), (L(6),), (L(-7),), (T(2),))
        of("masked_select", t, (T(2, 3, dtype="bool"),), (T(4, dtype="bool"),), (T(2, 3),))
        of("masked_fill", t, (T(2, 3, dtype="bool"), 1), (T(4, dtype="bool"), 1), (T(2, 3), 1))
        of("gather", t, (0, T(1, 3, dtype="index", fill=1)), (0, T(1, 3, dtype="index", fill=2)), (1, T(2, 4, dtype="index", fill=0)),
           (0, T(1, 4, dtype="index", fill=0)), (0, L(0)), (0, T(1, 3)), (2, T(1, 3, dtype="index", fill=0)), (0, T(0, 3, dtype="index")))
        index = T(1, 3, dtype="index", fill=1)
        of("scatter", t, (0, index, T(1, 3)), (0, T(1, 3, dtype="index", fill=2), T(1, 3)), (0, index, T(1, 2)), (0, T(1, 4, dtype="index", fill=0), T(1, 4)),
           (0, index, T(1, 3, dtype="int32")), (3, index, T(1, 3)))
        of("scatter_add", t, (0, index, T(1, 3)), (0, T(1, 3, dtype="index", fill=-3), T(1, 3)), (0, L(0), T(1, 3)))
        of("index_add", t, (0, L(0, 1), T(2, 3)), (0, L(0, 2), T(2, 3)), (0, L(0), T(2, 3)), (0, L(0, 1), T(2, 4)), (2, L(0), T(2, 3)))
        of("index_copy", t, (0, L(0, 1), T(2, 3)), (0, L(5), T(1, 3)), (0, L(0), T(2, 3)))
        of("index_fill", t, (0, L(0), 1), (0, L(4), 1), (2, L(0), 1))
        of("tensor_split", t, (2,), (0,), ([1, 5],), (2, 3))
    for lists in [[], [T(2, 3), T(3, 2)], [T(2, 3), T(0)], [T(0), T(0)], [T(2, 3), T(0, 3)], [T()], [T(2), T(2, 1)], [T(2), T(3)]]:
        for name in ["cat", "stack", "hstack", "vstack", "dstack", "column_stack", "broadcast_tensors", "block_diag"]:
            if name in ("broadcast_tensors", "block_diag"):
                continue
            call("shapes", name, lists)
        if len(lists) == 0 or max(len(t.shape) for t in lists) > 1:
            call("shapes", "cat", lists, 1)
        call("shapes", "stack", lists, 3)
    for args in [(0, 5, 0), (5, 0, 1), (0, inf, 1), (nan, 1, 1), (0, 0, 1), (0, -3, -1), (1, 2, -1)]:
        call("shapes", "arange", *args)
    for args in [(0, 1, -1), (0, 1, 0), (0, 1, 1), (nan, 1, 2)]:
        call("shapes", "linspace", *args)
    for args in [(-1,), (0,), (2, -1), (0, 3)]:
        call("shapes", "eye", *args)
    for size in [[-1], [2, -3], [2**31 - 1, 2**31 - 1], [2**40], [2**31, 2**31, 2**31], [65536, 65536], [0, 2**31 - 1], [2**16, 0, 2**16]]:
        call("shapes", "zeros", size)
        call("shapes", "full", size, 1.5)
    for size in [[2**31 - 1], [2**20, 2**20], [2**62]]:
        call("shapes", "repeat", T(4), size)
    call("shapes", "one_hot" if hasattr(torch, "one_hot") else "F.one_hot", L(0, 3), 3)
    call("shapes", "F.one_hot", L(-1), 3)
    call("shapes", "F.one_hot", L(), 3)
    call("shapes", "meshgrid", [T(2, 2), T(2)], indexing="ij")
    call("shapes", "tril_indices", -1, 2)
    call("shapes", "combinations", T(2, 2), 2)
    call("shapes", "cartesian_prod", T(0), T(2))
    call("shapes", "vander", T(2, 2))


def linear_algebra():
    vectors = [T(3), T(2), T(0)]
    matrices = [T(2, 3), T(3, 2), T(3, 3), T(0, 3), T(3, 0), T(2, 2, 3), T(3, 3, 2), T(2, 3, 3), T()]
    for a in vectors + matrices:
        for b in vectors + matrices:
            call("linalg", "matmul", a, b)
    few = [T(3), T(0), T(2, 3), T(3, 2), T(0, 3), T(2, 2, 3), T(2, 3, 2), T()]
    for name in ["mm", "bmm", "mv", "dot", "inner", "outer"]:
        for a in few:
            for b in few:
                call("linalg", name, a, b)
    call("linalg", "mm", T(2, 2, dtype="int32"), T(2, 2))
    call("linalg", "matmul", T(2, 2, dtype="bool"), T(2, 2, dtype="bool"))
    call("linalg", "matmul", T(2, 2, fill=[nan, 0.0, 1.0, 2.0]), T(2, 2, fill=[0.0, inf, 1.0, 1.0]))
    call("linalg", "addmm", T(3), T(2, 3), T(3, 2))
    call("linalg", "addmm", T(2, 2), T(2, 3), T(3, 2), beta=0, alpha=0)
    call("linalg", "baddbmm", T(2), T(2, 2, 3), T(2, 3, 2))
    call("linalg", "addmv", T(3), T(2, 3), T(3))
    singular, square = T(2, 2, fill=[1.0, 2.0, 2.0, 4.0]), T(2, 2, fill=[2.0, 1.0, 1.0, 3.0])
    indefinite = T(2, 2, fill=[1.0, 2.0, 2.0, 1.0])
    odd = [T(2, 3), T(3), T(), T(0, 0), T(0, 2, 2), singular, square, indefinite, T(2, 2, dtype="int32")]
    for name in "inv det slogdet cholesky eigvalsh svdvals pinv matrix_rank matrix_exp qr".split():
        for a in odd:
            if name in ("svdvals", "qr", "pinv") and a is singular:
                continue
            if name == "qr":
                continue
            call("linalg", f"linalg.{name}", a)
    for a in odd:
        for b in [T(2), T(3), T(2, 1), T(3, 1), T(0)]:
            if a not in (singular,):
                call("linalg", "linalg.solve", a, b)
    call("linalg", "linalg.solve", singular, T(2))
    for n in [-1, 0, 1, 3]:
        for a in [T(2, 3), square, singular, T(0, 0)]:
            call("linalg", "linalg.matrix_power", a, n)
    for order in [2, "fro", "nuc", 1, inf, -2, "bad", 3]:
        call("linalg", "linalg.matrix_norm", square, order)
        call("linalg", "linalg.matrix_norm", T(3), order)
    for order in [0, 1, -1, inf, -inf, 2.5]:
        call("linalg", "linalg.vector_norm", T(2, 2), order)
        call("linalg", "linalg.vector_norm", T(0), order)
        call("linalg", "linalg.vector_norm", T(2, 2), order, 5)
    for a, b in [(T(3), T(3)), (T(2), T(2)), (T(2, 3), T(3)), (T(3, 2), T(3, 2)), (T(0, 3), T(0, 3)), (T(3), T(4))]:
        call("linalg", "linalg.cross", a, b)
        call("linalg", "kron", a, b)
        call("linalg", "tensordot", a, b, 1)
    for a in [T(3), T(2, 3), T(2, 2, 2), T(0, 0)]:
        call("linalg", "trace", a)
        call("linalg", "t", a)
        call("linalg", "diag", a)
    for equation, ops in [("ij,jk->ik", [T(2, 3), T(2, 3)]), ("ij", [T(2)]), ("ij,jk", [T(2, 3)]), ("i->j", [T(2)]), ("ii->i", [T(2, 3)]),
                          ("ij->ji", [T(0, 3)]), ("i,i->", [T(0), T(0)]), ("i1->i", [T(2, 2)]), ("...ij->...ji", [T(2)]), ("ij->ii", [T(2, 2)])]:
        call("linalg", "einsum", equation, *ops)
    for a in [T(2, 3), T(2, 2, 3), T(3)]:
        call("linalg", "linalg.multi_dot", [a, T(3, 2)])


def layers():
    def conv(name, n):
        x, w = (2,) + (5,) * n, (3, 2) + (3,) * n
        batched = (1, *x)
        call("layers", name, T(*batched), T(*w))
        for bad in [T(*x[1:]), T(1, 1, *batched), T(1, 3, *x[1:]), T(0, *x), T(1, 2, *[2] * n), T(1, 2, *[0] * n), T(*batched, dtype="int32")]:
            call("layers", name, bad, T(*w))
        for bad in [T(3, 2), T(3, 1, *[3] * n), T(0, 2, *[3] * n), T(3, 2, *[0] * n)]:
            call("layers", name, T(*batched), bad)
        for options in [{"stride": 0}, {"stride": -1}, {"padding": -1}, {"dilation": 0}, {"groups": 0}, {"groups": 2}, {"groups": 3}, {"dilation": 9},
                        {"padding": "same", "stride": 2}, {"padding": "other"}, {"stride": [1] * (n + 1)}, {"padding": 9}]:
            call("layers", name, T(*batched), T(*w), **options)
        call("layers", name, T(*batched), T(*w), T(2))
        call("layers", name, T(*batched), T(*w), T(3, 1))
        call("layers", name, T(*batched, fill=nan), T(*w))

    for n in (1, 2, 3):
        conv(f"F.conv{n}d", n)
    for options in [{}, {"stride": 0}, {"output_padding": 1}, {"output_padding": 2, "stride": 2}, {"padding": 9}, {"groups": 2}]:
        call("layers", "F.conv_transpose2d", T(1, 3, 4, 4), T(3, 2, 3, 3), **options)
    call("layers", "F.conv_transpose2d", T(1, 2, 4, 4), T(3, 2, 3, 3))
    for name in ["F.max_pool2d", "F.avg_pool2d"]:
        for x in [T(1, 2, 4, 4), T(2, 4, 4), T(4, 4), T(0, 2, 4, 4), T(1, 0, 4, 4), T(1, 2, 0, 4), T(1, 2, 1, 1), T(1, 2, 4, 4, dtype="int32"),
                  T(1, 1, 2, 2, fill=nan), T(1, 1, 2, 2, fill=-inf)]:
            call("layers", name, x, 2)
        for args in [(0,), (-1,), (2, 0), (2, 1, 2), (2, 1, -1), (9,), ([2, 2, 2],), ([],), (2, 2, 1)]:
            call("layers", name, T(1, 2, 4, 4), *args)
    call("layers", "F.max_pool2d", T(1, 2, 4, 4), 2, 1, 0, 0)
    call("layers", "F.avg_pool2d", T(1, 1, 2, 2), 2, divisor_override=0)
    for name in ["F.adaptive_avg_pool2d", "F.adaptive_max_pool2d"]:
        for size in [0, -1, 3, [2, 2, 2]]:
            call("layers", name, T(1, 2, 4, 4), size)
        call("layers", name, T(0, 2, 4, 4), 2)
        call("layers", name, T(1, 2, 0, 4), 2)
        call("layers", name, T(4), 2)
    ones = {"running_mean": T(3, fill=0.0), "running_var": T(3, fill=1.0)}
    for x in [T(2, 3), T(2, 3, 4), T(2, 4), T(0, 3), T(1, 3), T(3), T(2, 0), T(2, 3, fill=nan)]:
        if 0 not in x.shape:
            call("layers", "F.batch_norm", x, **ones)
            call("layers", "F.batch_norm", x, **ones, training=True)
            call("layers", "F.batch_norm", x, **ones, weight=T(2))
        call("layers", "F.layer_norm", x, [3])
        call("layers", "F.layer_norm", x, [2, 3])
        call("layers", "F.layer_norm", x, [])
        call("layers", "F.layer_norm", x, [3], weight=T(2))
    for groups in [0, -1, 1, 2, 3]:
        for x in [T(2, 3, 2), T(3), T(0, 3, 2), T(2, 3)]:
            call("layers", "F.group_norm", x, groups)
    call("layers", "F.instance_norm", T(2, 3))
    call("layers", "F.instance_norm", T(1, 3, 1))
    call("layers", "F.instance_norm", T(1, 3, 2))
    call("layers", "F.normalize", T(2, 3, fill=0.0))
    call("layers", "F.normalize", T(2, 3), 2, 5)
    call("layers", "F.local_response_norm", T(1, 3, 2), 0)
    call("layers", "F.local_response_norm", T(3), 2)
    for p in [-0.1, 1.5, nan, 0.0, 1.0]:
        call("layers", "F.dropout", T(3), p)
    for x, w in [(T(2, 3), T(4, 2)), (T(2, 3), T(3)), (T(), T(2, 3)), (T(0, 3), T(2, 3)), (T(3), T(2, 3)), (T(2, 0), T(3, 0))]:
        call("layers", "F.linear", x, w)
    call("layers", "F.linear", T(2, 3), T(2, 3), T(3))
    call("layers", "F.bilinear", T(2, 3), T(2, 4), T(2, 4, 3))
    for args in [([1],), ([1, 1, 1, 1, 1, 1],), ([-3, 0],), ([-1, -1],), ([0, 0],)]:
        call("layers", "F.pad", T(2, 3), *args)
    for mode in ["reflect", "replicate", "circular"]:
        for x in [T(1, 2, 3), T(2, 3), T(3), T(1, 2, 0), T(0, 2, 3)]:
            for pad in [[1, 1], [3, 0], [4, 0], [1, 1, 1, 1]]:
                # Later versions also pad without a batch around the edges.
                if not (mode == "circular" and len(pad) // 2 + 2 != len(x.shape)) and not (mode == "replicate" and 0 in x.shape):
                    call("layers", "F.pad", x, pad, mode)
    call("layers", "F.pad", T(3), [1, 1], "other")
    for index in [L(0, 1), L(2), L(-1), L(), T(2), T(0, 2, dtype="index")]:
        call("layers", "F.embedding", index, T(2, 3))
        call("layers", "F.embedding", index, T(3))
        call("layers", "F.embedding", index, T(0, 3))
    call("layers", "F.embedding", L(0), T(2, 3), padding_idx=2)
    for offsets in [L(0, 1), L(1), L(0, 5), L()]:
        call("layers", "F.embedding_bag", L(0, 1), T(2, 3), offsets)
    x = T(1, 2, 4, 4)
    for options in [{"size": 0}, {"size": -1}, {"scale_factor": 0.0}, {"scale_factor": -1.0}, {"size": [2, 2, 2]}, {"size": 2, "scale_factor": 2.0}, {},
                    {"size": 2, "mode": "linear"}, {"size": 2, "mode": "other"}, {"size": 2, "mode": "bilinear", "align_corners": True},
                    {"size": 2, "align_corners": True}, {"scale_factor": [1.0]}, {"size": 1, "mode": "bicubic"}]:
        call("layers", "F.interpolate", x, **options)
    call("layers", "F.interpolate", T(4, 4), size=2)
    call("layers", "F.interpolate", T(0, 2, 4, 4), size=2)
    call("layers", "F.interpolate", T(1, 0, 4, 4), size=2)
    for factor in [0, -1, 2, 3]:
        call("layers", "F.pixel_shuffle", T(1, 4, 2, 2), factor)
        call("layers", "F.pixel_unshuffle", T(1, 1, 4, 4), factor)
    call("layers", "F.unfold", T(1, 2, 4, 4), 5)
    call("layers", "F.unfold", T(1, 2, 4, 4), 0)
    call("layers", "F.unfold", T(2, 2), 1)
    call("layers", "F.unfold", T(0, 2, 4, 4), 2)
    call("layers", "F.fold", T(1, 8, 9), 4, 2)
    call("layers", "F.fold", T(1, 8, 4), 4, 2)
    call("layers", "F.fold", T(1, 7, 9), 4, 2)
    call("layers", "F.grid_sample", x, T(1, 2, 2, 3))
    call("layers", "F.grid_sample", x, T(2, 2, 2, 2))
    call("layers", "F.grid_sample", x, T(1, 1, 2, 2, fill=nan))
    for q, k, v in [((1, 2, 4), (1, 3, 4), (1, 3, 4)), ((1, 2, 4), (1, 3, 5), (1, 3, 4)), ((1, 2, 4), (1, 3, 4), (1, 2, 4)), ((2, 2, 4), (1, 3, 4), (1, 3, 4)),
                    ((1, 0, 4), (1, 3, 4), (1, 3, 4)), ((1, 2, 4), (1, 0, 4), (1, 0, 4)), ((0, 2, 4), (0, 3, 4), (0, 3, 4)), ((4,), (4,), (4,))]:
        attention(T(*q), T(*k), T(*v))
    attention(T(1, 2, 4), T(1, 3, 4), T(1, 3, 4), attn_mask=T(3, 2, fill=0.0))
    attention(T(1, 2, 4), T(1, 3, 4), T(1, 3, 4), attn_mask=T(2, 3, fill=-inf))
    for dim in [2, -3]:
        for name in ["F.softmax", "F.log_softmax", "F.softmin", "F.glu"]:
            call("layers", name, T(2, 3), dim)
    call("layers", "F.glu", T(2, 3), 1)
    call("layers", "F.glu", T(2, 0), 1)
    call("layers", "F.prelu", T(2, 3), T(2))
    call("layers", "F.cosine_similarity", T(2, 3), T(2, 4))
    call("layers", "F.cosine_similarity", T(2, 3), T(2, 3, fill=0.0))
    call("layers", "F.pairwise_distance", T(2, 3), T(3, 3))


def attention(q, k, v, **options):
    """PyTorch 1.13 has it with another result; what it errs at is what the products err at."""
    case = {"group": "layers", "function": "F.scaled_dot_product_attention", "args": written([q, k, v]), "options": written_options(options)}
    try:
        query, key, value = q.make(), k.make(), v.make()
        scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
        if options:
            scores = scores + options["attn_mask"].make()
        case["outputs"] = outputs(torch.softmax(scores, -1) @ value)
    except (RuntimeError, IndexError) as error:
        case["error"] = str(error).split("\n")[0][:200]
    cases.append(case)


def losses():
    pairs = "F.mse_loss F.l1_loss F.smooth_l1_loss F.huber_loss F.binary_cross_entropy F.binary_cross_entropy_with_logits F.kl_div F.soft_margin_loss F.poisson_nll_loss"
    half = {"fill": 0.5}
    for name in pairs.split():
        for a, b in [(T(2, 3, **half), T(2, 4, **half)), (T(0, **half), T(0, **half)), (T(2, 0), T(2, 0)), (T(**half), T(**half)), (T(2, fill=nan), T(2, **half)),
                     (T(2, fill=inf), T(2, fill=1.0))]:
            if "entropy" in name and a.fill in (inf,):
                continue
            for reduction in ["mean", "sum", "none", "other"]:
                call("losses", name, a, b, reduction=reduction)
    for p in [-0.1, 1.1, 0.0, 1.0]:
        call("losses", "F.binary_cross_entropy", T(2, fill=p), T(2, fill=1.0))
    call("losses", "F.binary_cross_entropy", T(2, **half), T(2, fill=1.0), weight=T(3))
    call("losses", "F.huber_loss", T(2), T(2), delta=0)
    call("losses", "F.smooth_l1_loss", T(2), T(2), beta=-1)
    for name in ["F.cross_entropy", "F.nll_loss"]:
        for x, target in [(T(2, 3), L(0, 2)), (T(2, 3), L(0, 3)), (T(2, 3), L(0, -1)), (T(2, 3), L(0)), (T(2, 3), L(0, 1, 2)), (T(3), L(0)), (T(0, 3), L()),
                          (T(2, 3), T(2)), (T(2, 3), L(0, -100)), (T(2, 3), L(-100, -100)), (T(2, 0), L(0, 0)), (T(), L(0)), (T(2, 3, 2), T(2, 2, dtype="index", fill=2)),
                          (T(2, 3, 2), T(2, 3, dtype="index", fill=2)), (T(2, 3, fill=inf), L(0, 1)), (T(2, 3, fill=nan), L(0, 1)), (T(2, 3, dtype="int32"), L(0, 1))]:
            for reduction in ["mean", "sum", "none"]:
                call("losses", name, x, target, reduction=reduction)
        call("losses", name, T(2, 3), L(0, 1), weight=T(2))
        call("losses", name, T(2, 3), L(0, 1), weight=T(3, fill=0.0))
        call("losses", name, T(2, 3), L(0, 1), reduction="other")
    call("losses", "F.cross_entropy", T(2, 3), T(2, 3, fill=1 / 3))
    call("losses", "F.cross_entropy", T(2, 3), L(0, 1), label_smoothing=2)
    call("losses", "F.margin_ranking_loss", T(2), T(2), T(2, 1))
    call("losses", "F.margin_ranking_loss", T(2), T(3), T(2))
    call("losses", "F.hinge_embedding_loss", T(2), T(3))
    call("losses", "F.cosine_embedding_loss", T(2, 3), T(2, 3), T(3))
    call("losses", "F.cosine_embedding_loss", T(2, 3), T(2, 4), T(2))
    call("losses", "F.triplet_margin_loss", T(2, 3), T(2, 3), T(2, 4))
    call("losses", "F.multi_margin_loss", T(2, 3), L(0, 3))
    call("losses", "F.multi_margin_loss", T(2, 3), L(0, 1), p=3)
    call("losses", "F.multilabel_margin_loss", T(3), L(0, 3, -1))
    call("losses", "F.multilabel_soft_margin_loss", T(2, 3), T(2, 4))
    call("losses", "F.gaussian_nll_loss", T(2), T(2), T(2, fill=-1.0))
    call("losses", "F.gaussian_nll_loss", T(2), T(2), T(3, fill=1.0))
    call("losses", "F.ctc_loss", T(4, 1, 3), T(1, 2, dtype="index", fill=1), L(4), L(2), blank=3)
    call("losses", "F.ctc_loss", T(4, 1, 3), T(1, 2, dtype="index", fill=1), L(5), L(2))
    call("losses", "F.ctc_loss", T(4, 1, 3), T(1, 2, dtype="index", fill=1), L(4), L(3))
    call("losses", "F.ctc_loss", T(2, 1, 3), T(1, 3, dtype="index", fill=1), L(2), L(3))


for family in [pointwise, reductions, shapes, linear_algebra, layers, losses]:
    family()
json.dump(cases, sys.stdout, separators=(",", ":"))
print()
