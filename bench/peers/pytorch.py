"""PyTorch's side of every case: serves the protocol of harness/protocol.ts over standard input and output.

A case is a function of its name (dashes become underscores) that takes the variant's label and returns `run` and `check`,
as a side does in cases/. Inputs are made by the same functions as in harness/data.ts.
"""

import json
import re
import sys
import time
import traceback

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

CASES = {}


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


class NotAvailable(Exception):
    pass


# --- inputs ---------------------------------------------------------------------------------------------------------


def uniform(count, seed, scale=1.0):
    h = np.arange(count, dtype=np.uint32) + np.uint32((seed * 0x9E3779B9) & 0xFFFFFFFF)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    h = (h ^ (h >> np.uint32(16))) >> np.uint32(8)
    return ((h.astype(np.float64) - 0x800000) / 0x800000 * scale).astype(np.float32)


def tensor(shape, seed, scale=1.0):
    return torch.from_numpy(uniform(int(np.prod(shape)), seed, scale)).reshape(shape)


def labels(count, classes, seed):
    return torch.from_numpy(((uniform(count, seed).astype(np.float64) + 1) / 2 * classes).astype(np.int64))


def linear(inputs, outputs, seed):
    bound = 1 / np.sqrt(inputs)
    return [tensor((outputs, inputs), seed, bound), tensor((outputs,), seed + 1, bound)]


def moons(count):
    t = (uniform(count, 1).astype(np.float64) + 1) / 2 * np.pi
    noise = uniform(2 * count, 2, 0.1).reshape(count, 2).astype(np.float64)
    upper = np.arange(count) % 2 == 0
    across = np.where(upper, np.cos(t), 1 - np.cos(t)) + noise[:, 0]
    along = np.where(upper, np.sin(t), 0.5 - np.sin(t)) + noise[:, 1]
    points = np.stack([across, along], axis=1).astype(np.float32)
    signs = np.where(upper, 1, -1).astype(np.float32).reshape(count, 1)
    return torch.from_numpy(points), torch.from_numpy(signs)


def set_parameters(model, values):
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(value)


def seed_parameters(model, seed):
    bounds = [1 / np.sqrt(p.numel() / (p.shape[0] if p.dim() > 1 else 1)) for p in model.parameters()]
    set_parameters(model, [tensor(p.shape, seed + i, bounds[i]) for i, p in enumerate(model.parameters())])


# --- training steps -------------------------------------------------------------------------------------------------

CHECKED_RATE = 1e-2
TIMED_RATE = 1e-6
CHECKED_STEPS = 5


def training(build):
    """`build(rate)` returns a step that returns its loss. See support/training.ts."""

    def check():
        step = build(CHECKED_RATE)
        return [step().item() for _ in range(CHECKED_STEPS)]

    return build(TIMED_RATE), check


def supervised(optimizer, model, loss_of):
    def step():
        optimizer.zero_grad()
        loss = loss_of(model)
        loss.backward()
        optimizer.step()
        return loss

    return step


@case
def mlp_step(variant):
    batch = int(variant.split()[1])
    x = (tensor((batch, 784), 1) + 1) / 2
    y = labels(batch, 10, 2)

    def build(rate):
        model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
        set_parameters(model, linear(784, 128, 3) + linear(128, 10, 5))
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        return supervised(optimizer, model, lambda m: F.cross_entropy(m(x), y))

    return training(build)


@case
def moons_step(_variant):
    x, y = moons(100)

    def build(rate):
        model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))
        set_parameters(model, linear(2, 16, 0) + linear(16, 16, 10) + linear(16, 1, 20))
        parameters = list(model.parameters())
        optimizer = torch.optim.SGD(parameters, lr=rate)

        def loss_of(m):
            return (1 - m(x) * y).relu().mean() + 1e-4 * sum((p * p).sum() for p in parameters)

        return supervised(optimizer, model, loss_of)

    return training(build)


@case
def cnn_step(variant):
    batch = int(variant.split()[1])
    x, y = tensor((batch, 1, 28, 28), 1), labels(batch, 10, 2)

    def build(rate):
        model = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(784, 10),
        )
        seed_parameters(model, 10)
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        return supervised(optimizer, model, lambda m: F.cross_entropy(m(x), y))

    return training(build)


@case
def lstm_step(_variant):
    x, y = tensor((32, 16, 64), 1), tensor((32, 16, 64), 2)

    def build(rate):
        model = nn.LSTM(64, 64)
        seed_parameters(model, 10)
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        return supervised(optimizer, model, lambda m: F.mse_loss(m(x)[0], y))

    return training(build)


@case
def transformer_step(_variant):
    x, y = tensor((8, 64, 128), 1), tensor((8, 64, 128), 2)

    def build(rate):
        model = nn.TransformerEncoderLayer(128, 4, dim_feedforward=512, dropout=0, batch_first=True)
        seed_parameters(model, 10)
        optimizer = torch.optim.Adam(model.parameters(), lr=rate)
        return supervised(optimizer, model, lambda m: F.mse_loss(m(x), y))

    return training(build)


# --- single ops -----------------------------------------------------------------------------------------------------


@case
def scalar_chain(variant):
    ops = int(variant.split()[0])
    leaves = [torch.tensor(value, requires_grad=True) for value in (2.0, 0.999, 0.001)]

    def run():
        y, w, b = leaves
        for _ in range(0, ops, 2):
            y = y * w + b
        y.backward()
        gradients = [leaf.grad for leaf in leaves]
        for leaf in leaves:
            leaf.grad = None
        return gradients

    return run, lambda: [gradient.item() for gradient in run()]


@case
def sin_squared(_variant):
    def run():
        x = torch.tensor(4.0, requires_grad=True)
        x.pow(2).sin().backward()
        return x.grad.item()

    return run, lambda: [run()]


def samples(c):
    flat = c.reshape(-1)
    return [flat[0].item(), flat[flat.numel() // 2].item(), flat[-1].item()]


def product(m, k, n, transposed=None):
    a = tensor((k, m), 1).t() if transposed == "a" else tensor((m, k), 1)
    b = tensor((n, k), 2).t() if transposed == "b" else tensor((k, n), 2)
    return lambda: torch.matmul(a, b), lambda: samples(torch.matmul(a, b))


@case
def matmul(variant):
    return product(int(variant), int(variant), int(variant))


@case
def matmul_shapes(variant):
    m, k, n, transposed = re.fullmatch(r"(\d+)×(\d+)×(\d+)(?:, ([ab]) transposed)?", variant).groups()
    return product(int(m), int(k), int(n), transposed)


@case
def elementwise(variant):
    op, length, row = re.fullmatch(r"(\w+) (\w+)(, a row)?", variant).groups()
    size = {"1M": 1024, "4K": 64}[length]
    x, y = tensor((size, size), 1), tensor((size,) if row else (size, size), 2)
    run = {"add": lambda: x + y, "mul": lambda: x * y, "relu": lambda: x.relu()}[op]
    return run, lambda: samples(run())


@case
def transcendental(name):
    x = tensor((1 << 20,), 1, 4)
    if name == "log":
        x = x + np.float32(4.1)
    function = F.gelu if name == "gelu" else getattr(torch, name)
    return lambda: function(x), lambda: [function(x)[i].item() for i in (0, 1, 2, 3, 1 << 19, -1)]


@case
def reductions(name):
    x, target = tensor((1024, 1024), 1, 4), labels(1024, 1024, 2)
    run = {
        "sum": lambda: x.sum(),
        "max": lambda: x.max(),
        "argmax": lambda: x.argmax(),
        "softmax": lambda: x.softmax(1),
        "logSoftmax": lambda: x.log_softmax(1),
        "layerNorm": lambda: F.layer_norm(x, (1024,)),
        "crossEntropy": lambda: F.cross_entropy(x, target),
    }[name]
    return run, lambda: samples(run())


# --- protocol -------------------------------------------------------------------------------------------------------


def measure(run, budget_ms):
    """As measure.ts: all the time divided by all the repetitions; batches double until one takes a tenth of the budget."""
    budget, batch, repetitions, elapsed = budget_ms * 1e6, 1, 0, 0
    while elapsed < budget:
        start = time.perf_counter_ns()
        for _ in range(batch):
            run()
        taken = time.perf_counter_ns() - start
        elapsed += taken
        repetitions += batch
        if taken < budget / 10:
            batch *= 2
    return elapsed / repetitions


def warm_up(run, warmup_ms):
    end = time.perf_counter() + warmup_ms / 1e3
    run()
    run()
    while time.perf_counter() < end:
        run()


class Host:
    def __init__(self):
        self.run = None

    def answer(self, request):
        method = request["method"]
        if method == "prepare":
            if request["case"] not in CASES:
                raise NotAvailable("peers/pytorch.py has no such case")
            self.run, check = CASES[request["case"]](request["variant"])
            numbers = check() if check else []
            warm_up(self.run, request["warmupMs"])
            return {"check": numbers}
        if method == "measure":
            return {"ns": measure(self.run, request["budgetMs"])}
        self.run = None
        return {"released": True}


def main():
    torch.set_num_threads(1)
    host = Host()
    for line in sys.stdin:
        try:
            reply = host.answer(json.loads(line))
        except NotAvailable as reason:
            reply = {"unavailable": str(reason)}
        except Exception:
            reply = {"error": traceback.format_exc()}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
