"""Writes what PyTorch's CPU generator draws, for tests/kernels/random.test.ts.

    python3 random_numbers.py > random.json             # PyTorch 1.13, built without MKL

Each sequence begins with a seed and holds draws in order. A draw has an `op` with its arguments, the number `n` of
elements, and their `values`; of more than 150 elements only the first and the last five are kept.
"""

import json
import math

import torch
from torch import nn

sequences = []


def draw(op, tensor, **arguments):
    values = [int(x) if x == int(x) else x for x in tensor.flatten().tolist()]
    n = len(values)
    if n > 150:
        values = values[:5] + values[-5:]
    return {"op": op, "n": n, **arguments, "values": values}


def uniform(n, low=0.0, high=1.0):
    return draw("uniform", torch.empty(n).uniform_(low, high), low=low, high=high)


def normal(n, mean=0.0, std=1.0):
    return draw("normal", torch.empty(n).normal_(mean, std), mean=mean, std=std)


def randint(n, low, high):
    return draw("randint", torch.randint(low, high, (n,)), low=low, high=high)


def randperm(n):
    return draw("randperm", torch.randperm(n))


def bernoulli(n, p):
    return draw("bernoulli", torch.empty(n).bernoulli_(p), p=p, value=1)


def bernoulli_each(p):
    p = torch.tensor(p)
    return draw("bernoulliEach", torch.bernoulli(p), p=p.tolist())


def dropout(n, p):
    value = (torch.ones(1) / (1 - p)).item()
    return draw("bernoulli", nn.functional.dropout(torch.ones(n), p), p=1 - p, value=value)


def exponential(n, rate):
    return draw("exponential", torch.empty(n).exponential_(rate), rate=rate)


def multinomial(weights, samples):
    places = torch.multinomial(torch.tensor(weights), samples, replacement=True)
    return draw("multinomial", places, weights=weights, samples=samples)


def linear(inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    bound = 1 / math.sqrt(inputs)
    return [draw("uniform", t, low=-bound, high=bound) for t in (layer.weight, layer.bias)]


def conv2d(inputs, outputs, kernel):
    layer = nn.Conv2d(inputs, outputs, kernel)
    bound = 1 / math.sqrt(inputs * kernel**2)
    return [draw("uniform", t, low=-bound, high=bound) for t in (layer.weight, layer.bias)]


def embedding(count, size):
    return [draw("normal", nn.Embedding(count, size).weight, mean=0, std=1)]


def sequence(name, seed, draws):
    torch.manual_seed(seed)
    sequences.append({"name": name, "seed": seed, "draws": draws()})


for seed in (0, 1, 42, 2**31, 2**32 + 5, -1):
    sequence("rand(5)", seed, lambda: [uniform(5)])
    sequence("randn(3, 3)", seed, lambda: [normal(9)])
    sequence("randn(4, 5)", seed, lambda: [normal(20)])
    sequence("randint", seed, lambda: [randint(20, 0, 10)])
    sequence("randperm(10)", seed, lambda: [randperm(10)])

for n in (1, 2, 15, 16, 17, 31, 32, 33, 100, 1000):
    sequence(f"randn({n}) twice", 0, lambda: [normal(n), normal(n)])
for n in (623, 624, 625, 1249):
    sequence(f"rand({n}) and on", 0, lambda: [uniform(n), uniform(3)])
sequence("rand(3, 1000)", 0, lambda: [uniform(3000)])
sequence("uniform_", 0, lambda: [uniform(40, -0.1, 0.7), uniform(3, 100, 101.3), uniform(40, -3, 1e-3), uniform(5, 2, 2)])
sequence("normal_", 0, lambda: [normal(5, 3, 2.5), normal(40, 3, 2.5), normal(2, 0, 0), normal(16, -1, 1e-3)])
sequence("randint", 0, lambda: [randint(20, -5, 1000000), randint(700, 0, 2**31 - 1), randint(5, -(2**31), 2**31 - 1)])
sequence("randperm", 0, lambda: [randperm(1000), randperm(1), randperm(2), randperm(150)])
sequence("bernoulli", 0, lambda: [bernoulli(100, 0.5), bernoulli(7, 0.1), bernoulli(1000, 0.9), bernoulli(20, 0.0)])
sequence("bernoulli of 1", 0, lambda: [uniform(1), bernoulli(400, 1.0), uniform(2)])
sequence("bernoulli of a tensor", 0, lambda: [bernoulli_each([0.5, 0.1, 0.9, 0.0, 1.0] * 5), uniform(1)])
sequence("dropout", 0, lambda: [dropout(60, 0.5), dropout(60, 0.1), uniform(1), dropout(60, 0.25)])
sequence("exponential_", 0, lambda: [exponential(20, 1.0), exponential(7, 2.5), uniform(1), exponential(300, 0.1)])
sequence(
    "multinomial",
    0,
    lambda: [multinomial([0.1, 3.0, 0.0, 2.5, 1.0], 30), multinomial([[1.0, 2.0, 3.0], [0.5, 0.0, 0.0]], 10)],
)
sequence(
    "a normal kept for later",
    7,
    lambda: [normal(3), uniform(2), normal(1), normal(20), normal(1), normal(2), bernoulli(3, 0.5), normal(1)],
)
sequence("seeding drops a kept normal", 7, lambda: [normal(1)])
sequence("Linear(4, 3)", 0, lambda: linear(4, 3))
sequence("Linear(784, 128)", 0, lambda: linear(784, 128))
sequence("Conv2d(2, 3, 3)", 0, lambda: conv2d(2, 3, 3))
sequence("Embedding(5, 3)", 0, lambda: embedding(5, 3))
sequence("Embedding(10, 4)", 0, lambda: embedding(10, 4))
sequence("a small network", 0, lambda: linear(3, 5) + linear(5, 5) + embedding(3, 3) + linear(5, 1) + embedding(3, 2))

print("[")
print(",\n".join(json.dumps(s, separators=(",", ":")) for s in sequences))
print("]")
