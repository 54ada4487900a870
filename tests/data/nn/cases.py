"""What PyTorch computes for functions of torch.nn.functional: values, gradients, second gradients, in float64.

    python3 tests/data/nn/cases.py

writes one file of cases for each family beside this script; tests/support/oracle.ts runs them. Inputs are not written out:
element i of a tensor with phase p is ((7919 i + 104729 p) mod 2003) / 1001.5 - 1, times a scale, plus an offset. Second
gradients are those of the sum of the gradients times weights, by the inputs and by the cotangents.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

from families import FAMILIES, Ints, Tensor

HERE = pathlib.Path(__file__).parent


def number(i: int, phase: int) -> float:
    return ((7919 * i + 104729 * phase) % 2003) / 1001.5 - 1


def numbers(shape, phase, scale=1.0, offset=0.0):
    count = math.prod(shape)
    data = torch.tensor([number(i, phase) for i in range(count)], dtype=torch.float64) * scale + offset
    # The library computes on float32 inputs.
    return data.float().double().reshape(shape)


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def written(values):
    return [float(f"{v:.7g}") if math.isfinite(v) else str(v) for v in values.reshape(-1).tolist()]


class Reader:
    """Turns a specification into PyTorch's arguments and into what the case file says."""

    def __init__(self):
        self.inputs = []

    def read(self, spec):
        if isinstance(spec, Tensor):
            made = numbers(spec.shape, spec.phase, spec.scale, spec.offset)
            if spec.requires_grad:
                made.requires_grad_()
                self.inputs.append(made)
            return made, {"tensor": spec.__dict__}
        if isinstance(spec, Ints):
            return torch.tensor(spec.data).reshape(spec.shape), {"ints": spec.__dict__}
        return spec, spec


def second(outputs, inputs, cotangents, wanted):
    grads = torch.autograd.grad(outputs, inputs, cotangents, create_graph=True, allow_unused=True)
    if not wanted:
        return grads, None
    used = [i for i, g in enumerate(grads) if g is not None and g.requires_grad]
    weights = [numbers(g.shape, 50 + i) if g is not None else None for i, g in enumerate(grads)]
    targets = [*inputs, *cotangents]
    if not used:
        return grads, [None] * len(targets)
    total = sum((grads[i] * weights[i]).sum() for i in used)
    return grads, torch.autograd.grad(total, targets, allow_unused=True)


def run(case):
    reader = Reader()
    args = [reader.read(a) for a in case.args]
    options = {k: reader.read(v) for k, v in case.options.items()}
    result = getattr(F, case.function)(*(a for a, _ in args), **{k: v for k, (v, _) in options.items()})
    outputs = list(result) if isinstance(result, tuple) else [result]
    floats = [o for o in outputs if o.requires_grad]
    cotangents = [numbers(o.shape, 80 + i).requires_grad_() for i, o in enumerate(floats)]
    grads, seconds = second(floats, reader.inputs, cotangents, case.second)
    return {
        "name": case.name,
        "function": camel(case.function),
        "args": [said for _, said in args],
        "options": {camel(k): said for k, (_, said) in options.items()},
        "outputs": [{"shape": list(o.shape), "data": written(o)} for o in outputs],
        "grads": [None if g is None else written(g) for g in grads],
        "seconds": seconds and [None if g is None else written(g) for g in seconds],
    }


if __name__ == "__main__":
    for family, cases in FAMILIES.items():
        lines = ",\n".join(json.dumps(run(case), separators=(",", ":")) for case in cases)
        (HERE / f"{family}.json").write_text(f"[\n{lines}\n]\n")
