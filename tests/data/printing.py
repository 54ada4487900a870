"""Writes what PyTorch prints for many tensors, for tests/core/format.test.ts.

    python3 printing.py > printing.json             # the committed cases (PyTorch 1.13)
    python3 printing.py --seed 7 --random 5000      # other random ones, to look for differences

Each case holds the elements (or `range`: [count, first, step], all exact in float32), the shape and what else shows,
the options that were set, and the text.
"""

import argparse
import json
import math
import random

import torch

cases = []


def function(name):
    """An autograd function whose gradFn prints as `name` + "Backward"."""

    def forward(ctx, x):
        return x.clone()

    members = {"forward": staticmethod(forward), "backward": staticmethod(lambda ctx, g: g)}
    return type(name, (torch.autograd.Function,), members).apply


def number(value):
    """JSON has no names for what is not finite; float32 values are written with the digits they need."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        for digits in range(1, 18):
            short = float(f"{value:.{digits}g}")
            if torch.tensor(short, dtype=torch.float32).item() == value:
                return math.copysign(short, value)
    return int(value)


def add(data, shape=None, dtype="float32", grad=False, name=None, parameter=False, **options):
    """`data`: nested list, or ("range", count, first, step). `grad`: a leaf that requires grad. `name`: of its function."""
    case = {}
    if isinstance(data, tuple):
        _, count, first, step = data
        case["range"] = [count, first, step]
        flat = torch.arange(count, dtype=torch.float64) * step + first
    else:
        flat = torch.tensor(data, dtype=torch.float64).flatten()
        shape = torch.tensor(data).shape if shape is None else shape
    tensor = flat.to(getattr(torch, dtype)).reshape(shape if shape is not None else (flat.numel(),))
    if "range" in case:
        assert dtype == "bool" or torch.equal(tensor.to(torch.float64).flatten(), flat)
    else:
        case["data"] = [number(value) for value in tensor.flatten().tolist()]
    case["shape"] = list(tensor.shape)
    if dtype != "float32":
        case["dtype"] = dtype
    if grad or name or parameter:
        tensor.requires_grad_()
        case["requiresGrad"] = True
    if parameter:
        tensor = torch.nn.Parameter(tensor)
        case["parameter"] = True
    if name:
        tensor = function(name)(tensor)
        case["gradFn"] = name + "Backward"
        assert type(tensor.grad_fn).__name__ == case["gradFn"]
    if options:
        case["options"] = options
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**{snake(key): value for key, value in options.items()})
    case["text"] = repr(tensor)
    torch.set_printoptions(profile="default")
    cases.append(case)


def snake(name):
    return "".join("_" + c.lower() if c.isupper() else c for c in name)


def crafted():
    inf, nan = math.inf, math.nan
    # 0-d
    for value in [9, -20, 0, -0.0, 0.1, -0.2879, 6.7012, 1e-4, 1e-5, -1e-5, 9.99e-5, 1e8, 100000008, 1e30, 3.4e38, 1e-45,
                  1.17549435e-38, nan, inf, -inf, 16777216, 99999.99, 123456.789, 0.00011, 1 / 3, 1000000]:
        add(value, [])
    add(9, [], name="Pow")
    add(0.1, [], grad=True)
    for value in [0, 7, -7, 2147483647, -2147483648]:
        add(value, [], "int32")
    for value in [0, 1]:
        add(value, [], "bool")
    # ties, rounded to even from the exact value
    for value in [0.03125, 0.09375, 0.12345, 0.15625, 0.21875, 0.96875, 0.99995, 0.999950, 9.99995, 2.5, 1.00005, 1.5e-5]:
        add([value, -value])
    add([0.03125, 0.09375, 0.15625, 0.21875, 0.28125, 0.34375, 0.40625, 0.46875, 0.53125, 0.59375, 0.65625, 0.90625])
    add([100005.0, 1.0])
    add([100015.0, 100025.0, 99999.5, 999995.0, 1.0])
    add([2097155.0, 20971550.0, 1000050.0, 1000150.0, 10000500.0, 10001500.0, 100005000.0, 100015000.0, 1.5])
    for precision in range(0, 9):
        add([0.5, 1.5, 2.5, 3.5, -0.5, 0.25, 0.75, 0.125, 0.375, 0.0625, 0.1875, 0.03125], precision=precision)
        add([0.5, 1.5, 2.5, 0.25, 0.375, 95.0, 105.0, 0.00390625], precision=precision, sciMode=True)
    # one format for all; scientific or not
    add([0.1, -2.5, 3.25])
    add([[1.5, -100.25], [3, 4]])
    add([1, 1000])
    add([1, 1001])
    add([0.5, 500])
    add([0.5, 500.5])
    add([1e8, 1e6])
    add([100000008, 1e6])
    add([1e8 - 0.5, 99999992.5])
    add([0.0001, 0.05])
    add([0.00010001, 0.05])
    add([1e-10, 1e-5, 1, 1e5, 1e10])
    add([1.4e-45, -3.4e38])
    add([0, 0.0, -0.0])
    add([-0.0, 1, 2])
    add([-0.0, 1.5, 2])
    add([-0.0, 1e-6, 2])
    add([-0.00001, 100 / 128, 5e-3])
    add([-2e-5, 1e-2])
    # not finite
    add([nan, inf, -inf, 1])
    add([nan, inf, 0.5])
    add([nan, inf, -inf])
    add([nan, 0])
    add([inf, 1e-6, -1])
    add([nan, -0.0, 1e10, 1])
    add([[nan, 1], [2, inf]], name="Div")
    # empty
    for shape in [(0,), (2, 0), (0, 3), (0, 0), (3, 0, 2), (1, 0, 1, 1), (0,) * 30]:
        for dtype in ["float32", "int32", "bool"]:
            add([], shape, dtype)
        add([], shape, grad=True)
        add([], shape, name="Mul")
        add([], shape, name="AVeryLongNameOfAFunctionThatHasToGoOnALineOfItsOwn")
    # int32 and bool
    add([1, 2, 3], dtype="int32")
    add([[1, -20], [300, 4]], dtype="int32")
    add([[1, 0], [0, 0]], dtype="bool")
    add([1, 1, 1], dtype="bool")
    add([0] * 40, dtype="bool")
    add(list(range(100)), dtype="int32")
    add([2147483647, -2147483648, 0], dtype="int32")
    # lines of 80, blocks of every rank
    for count in [13, 14, 25, 26, 27, 100]:
        add([(i * 37 % 101) / 8 for i in range(count)])
        add([float(i) for i in range(count)])
    for shape in [(2, 30), (30, 2), (2, 3, 4), (2, 2, 2, 2), (1, 1, 1, 1, 1), (2, 1, 2, 1, 2), (3, 1, 14), (1, 20), (20, 1)]:
        count = math.prod(shape)
        add([(i * 29 % 83) / 16 - 2 for i in range(count)], shape)
        add([(i * 29 % 83) / 16 - 2 for i in range(count)], shape, name="View")
        add([i % 7 - 3 for i in range(count)], shape, "int32")
    add([1e-6 * i for i in range(30)], (3, 10))
    # summarised
    add(("range", 1000, 0, 0.0), (1000,))
    for shape in [(1001,), (4000,), (6, 200), (7, 200), (200, 6), (200, 7), (40, 50), (2, 3, 400), (9, 10, 12),
                  (2, 1000), (1000, 2), (2, 8, 1, 70), (1, 1500), (1500, 1), (1, 2, 7, 80), (1, 1, 1001)]:
        count = math.prod(shape)
        add(("range", count, -3.0, 0.25), shape)
        add(("range", count, 0, 1), shape, "int32")
        add(("range", count, 0, 1), shape, grad=True)
        add(("range", count, 0, 0), shape, name="Sum")
    add(("range", 2000, 0, 1), (2000,), "bool")
    add(("range", 2000, -1024.5, 1), (2, 1000), name="Mul")
    add(("range", 1200, 0.0, 0.0), (1200,))
    # suffixes that just fit, and just do not
    for length in range(40, 70):
        add([1.5, 2.5, 3.5], name="F" * length)
    for length in range(44, 60, 3):
        add([[1.5], [3.5]], name="F" * length)
    for count in range(8, 28):
        add([0.5] * count, name="Mul")
        add([1] * count, grad=True)
        add([1] * count, dtype="int32")
    for count in range(1, 9):
        add([], (0,) + (1,) * count, name="F" * (70 - 3 * count))
        add([], (0,) + (10,) * (2 * count), grad=True)
    # parameters
    add([1.5, -2], parameter=True)
    add([[0.25, 0.5], [1, 2]], parameter=True)
    add(0.5, [], parameter=True)
    # options
    many = [(i * 37 % 101) / 8 - 3 for i in range(60)]
    for options in [{"precision": 0}, {"precision": 2}, {"precision": 8}, {"precision": 12}, {"linewidth": 40},
                    {"linewidth": 120}, {"linewidth": 1}, {"threshold": 10},
                    {"threshold": 10, "edgeitems": 1}, {"threshold": 0, "edgeitems": 5}, {"profile": "short"},
                    {"profile": "short", "threshold": 10}, {"profile": "full"}, {"profile": "full", "precision": 1},
                    {"sciMode": True}, {"sciMode": False}, {"sciMode": True, "precision": 1}]:
        add(many, **options)
        add(many, (6, 10), **options)
        add(many, (3, 4, 5), grad=True, **options)
        add([1, 20, 300], **options)
        add([1e-5, 2e10, nan, -0.0, 0], **options)
        add([0, 0], **options)
        add([1, 2, 3], dtype="int32", **options)
    add(("range", 1100, 0, 0.0), (10, 110), profile="full")
    add([1e30, 1e21, 1.5], sciMode=False)
    add([1e30, 3.4e38, 1e22], sciMode=False)


def element(rng, kind):
    if kind == "whole":
        return float(rng.randint(-50, 50))
    if kind == "dyadic":
        return rng.randint(-400, 400) / 2 ** rng.randint(0, 8)
    if kind == "normal":
        return rng.gauss(0, 1)
    if kind == "small":
        return rng.gauss(0, 1) * 10 ** rng.uniform(-7, 0)
    if kind == "large":
        return rng.gauss(0, 1) * 10 ** rng.uniform(0, 10)
    if kind == "bits":
        exponent = rng.randint(-149, 104)
        return rng.randint(-(2 ** 24) + 1, 2 ** 24 - 1) * 2.0 ** exponent if exponent < 104 else float(2 ** 127)
    if kind == "decimal":
        return float(rng.randint(-99999, 99999) * 10 ** rng.randint(0, 9) + 5 * rng.randint(0, 1))
    if kind == "mixed":
        return rng.choice([math.nan, math.inf, -math.inf, -0.0, 0.0, 1.0, rng.gauss(0, 1), rng.gauss(0, 1)])
    return rng.choice([0.0, -0.0])


def drawn(seed, count):
    rng = random.Random(seed)
    kinds = ["whole", "dyadic", "normal", "normal", "small", "large", "bits", "decimal", "mixed", "zero"]
    for _ in range(count):
        shape = [rng.choice([1, 2, 2, 3, 3, 4, 5, 7, 8, 16]) for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4]))]
        while math.prod(shape) > 150:
            shape.pop(rng.randrange(len(shape)))
        size = math.prod(shape)
        dtype = rng.choice(["float32"] * 6 + ["int32", "bool"])
        kind = rng.choice(kinds)
        if dtype == "float32":
            data = [element(rng, kind) for _ in range(size)]
        elif dtype == "int32":
            data = [rng.randint(-(10 ** rng.randint(1, 9)), 10 ** rng.randint(1, 9)) for _ in range(size)]
        else:
            data = [rng.randint(0, 1) for _ in range(size)]
        extra = {}
        if dtype == "float32":
            extra = rng.choice([{}, {}, {"grad": True}, {"name": "F" * rng.randint(1, 70)}, {"parameter": True}])
        options = {}
        if rng.random() < 0.4:
            choices = {"precision": rng.randint(0, 10), "threshold": rng.randint(0, 60), "edgeitems": rng.randint(1, 4),
                       "linewidth": rng.randint(10, 120), "sciMode": rng.random() < 0.5}
            options = {key: value for key, value in choices.items() if rng.random() < 0.4}
        add(data, shape, dtype, **extra, **options)


parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--random", type=int, default=120)
arguments = parser.parse_args()
crafted()
drawn(arguments.seed, arguments.random)
print("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]")
