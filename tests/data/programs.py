"""Random small programs with views and in-place operations, and what PyTorch makes of them: tests/data/programs.json.

Run with a PyTorch of any version: python3 tests/data/programs.py > tests/data/programs.json
"""

import json
import random

import torch

VIEWS = ["t", "select", "narrow", "flatten", "unsqueeze", "expand"]
SHAPES = {"a": (2, 3), "b": (3,), "c": (2, 3)}


def leaf(name):
    k = ord(name)
    count = 6 if len(SHAPES[name]) == 2 else 3
    values = [((k * 7 + 13 * i) % 17) / 8 - 1 for i in range(count)]
    return torch.tensor(values).view(SHAPES[name]).clone().requires_grad_(name != "c")


def broadcasts(x, y):
    try:
        torch.broadcast_shapes(x.shape, y.shape)
        return True
    except RuntimeError:
        return False


def choose(rng, regs):
    """One instruction: [op, register, ...]."""
    r = rng.randrange(len(regs))
    x = regs[r]
    kind = rng.random()
    scalar = rng.choice([-1.5, 0.5, 2, 3])
    if kind < 0.22:
        others = [i for i, y in enumerate(regs) if broadcasts(x, y)]
        return [rng.choice(["add", "mul", "sub"]), r, rng.choice(others)]
    if kind < 0.36:
        return rng.choice([["sin", r], ["tanh", r], ["mulScalar", r, scalar], ["relu", r], ["clone", r], ["square", r]])
    if kind < 0.44:
        return ["detach", r] if rng.random() < 0.3 else ["sum", r, rng.randrange(max(x.dim(), 1))] if x.dim() else ["sin", r]
    if kind < 0.68:
        options = []
        if x.dim() == 2:
            options += [["t", r]] * 2
        if x.dim() > 0:
            d = rng.randrange(x.dim())
            n = x.shape[d]
            options += [["select", r, d, rng.randrange(n)]] * 2
            length = rng.randint(1, n)
            options += [["narrow", r, d, rng.randrange(n - length + 1), length]] * 2
        if x.is_contiguous() and x.numel() > 1:
            options += [["flatten", r]]
        if x.dim() < 2:
            options += [["unsqueeze", r, 0]]
        if x.dim() == 1:
            options += [["expand", r]]
        return rng.choice(options)
    if kind < 0.84:
        return rng.choice(
            [["mulScalar_", r, scalar], ["addScalar_", r, scalar], ["sin_", r], ["tanh_", r], ["relu_", r], ["square_", r]]
            + [["zero_", r]]
        )
    others = [i for i, y in enumerate(regs) if broadcasts(x, y) and torch.broadcast_shapes(x.shape, y.shape) == x.shape]
    return [rng.choice(["add_", "mul_", "sub_", "copy_"]), r, rng.choice(others)]


def execute(step, regs):
    op, r, *rest = step
    x = regs[r]
    if op in ("add", "mul", "sub", "add_", "mul_", "sub_", "copy_"):
        return getattr(x, op)(regs[rest[0]])
    if op == "mulScalar":
        return x * rest[0]
    if op == "mulScalar_":
        return x.mul_(rest[0])
    if op == "addScalar_":
        return x.add_(rest[0])
    if op == "flatten":
        return x.view(-1)
    if op == "expand":
        return x.expand(2, *x.shape)
    return getattr(x, op)(*rest)


def message(error):
    return str(error).split("\n")[0].split(".")[0].split(":")[0][:80]


def checksum(t):
    values = t.flatten().tolist()
    return round(sum(v * (i + 1) for i, v in enumerate(values)), 4)


def name(t):
    """The name of what a tensor comes from. A view counts as one of a modified base also if that was written to in no_grad."""
    if t.grad_fn is None:
        return None
    plain = t.grad_fn.name().split(":")[-1]
    return "a view" if plain == "AsStridedBackward0" else plain


def run(seed):
    rng = random.Random(seed)
    leaves = [leaf(name) for name in SHAPES]
    regs = list(leaves)
    steps = [["clone", 0], ["clone", 1]]
    for step in steps:
        regs.append(execute(step, regs))
    result = {"steps": steps}
    for _ in range(rng.randint(6, 16)):
        step = choose(rng, regs)
        # Views made in no_grad are left out: PyTorch lets them require grad as leaves of their own.
        quiet = rng.random() < 0.12 and step[0] not in VIEWS
        steps.append(["noGrad", *step] if quiet else step)
        try:
            with torch.set_grad_enabled(not quiet):
                out = execute(step, regs)
        except RuntimeError as error:
            if rng.random() < 0.9:
                steps.pop()
                continue
            result["refused"] = message(error)
            return result
        if not step[0].endswith("_"):
            regs.append(out)
    result["registers"] = [
        {
            "sum": checksum(t.detach()),
            "requiresGrad": t.requires_grad,
            "isLeaf": t.is_leaf,
            "version": t._version,
            "name": name(t),
        }
        for t in regs
    ]
    chosen = [i for i, t in enumerate(regs) if t.requires_grad]
    chosen = rng.sample(chosen, min(len(chosen), 3))
    result["roots"] = chosen
    try:
        loss = sum((regs[i] * (k + 1)).sum() for k, i in enumerate(chosen))
        loss.backward()
    except RuntimeError as error:
        result["failed"] = message(error)
        return result
    result["grads"] = [None if t.grad is None else [round(v, 4) for v in t.grad.flatten().tolist()] for t in leaves[:2]]
    return result


def main():
    programs = []
    counts = {"refused": 0, "failed": 0}
    seed = 0
    while len(programs) < 250:
        seed += 1
        program = run(seed)
        kind = "refused" if "refused" in program else "failed" if "failed" in program else None
        if kind:
            counts[kind] += 1
            if counts[kind] > 50:
                continue
        elif not any(step[0].endswith("_") or step[0] == "noGrad" for step in program["steps"]):
            continue
        if any(abs(t["sum"]) > 1e3 for t in program.get("registers", [])):
            continue
        programs.append(program)
    print("[")
    print(",\n".join(json.dumps(program, separators=(",", ":")) for program in programs))
    print("]")


main()
