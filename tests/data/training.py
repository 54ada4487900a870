"""Writes what PyTorch's optimizers make of a small network, for tests/optim/training.test.ts.

    python3 training.py > training.json                 # PyTorch 1.13

Each run begins with a seed, draws the network's weights and the data, and takes 20 steps (LBFGS 3). A run has the name of its
optimizer with its options, the `losses` before each step, and the sums of the elements of all parameters at the end.
NAdam is left out: its formula in 1.13 differs from the published one and from that of 2.x.
"""

import json

import torch
from torch import nn, optim


def run(optimizer, net, loss, **options):
    torch.manual_seed(0)
    if net == "classifier":
        model = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 4))
    else:
        model = nn.Sequential(nn.Linear(20, 8), nn.Tanh(), nn.Linear(8, 1), nn.Sigmoid())
    x = torch.randn(32, 20)
    if loss == "crossEntropy":
        y = torch.randint(0, 4, (32,))
        criterion = nn.CrossEntropyLoss()
    else:
        y = torch.rand(32, 1)
        criterion = nn.MSELoss() if loss == "mseLoss" else nn.BCELoss()
    opt = getattr(optim, optimizer)(model.parameters(), **options)
    losses = []

    def closure():
        opt.zero_grad()
        value = criterion(model(x), y)
        value.backward()
        return value

    # LBFGS reaches the bottom soon, where rounding decides which way it turns.
    for _ in range(3 if optimizer == "LBFGS" else 20):
        losses.append(opt.step(closure).item())
    camel = {"".join([k.split("_")[0]] + [w.title() for w in k.split("_")[1:]]): v for k, v in options.items()}
    sums = [p.sum().item() for p in model.parameters()]
    return {"optimizer": optimizer, "net": net, "loss": loss, "options": camel, "losses": losses, "sums": sums}


RUNS = [
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
    ("SGD", dict(lr=0.1, momentum=0.5, dampening=0.3)),
    ("Adam", dict(lr=0.01)),
    ("Adam", dict(lr=0.01, weight_decay=0.1, amsgrad=True)),
    ("AdamW", dict(lr=0.01, weight_decay=0.1)),
    ("RMSprop", dict(lr=0.01, momentum=0.5, centered=True)),
    ("Adagrad", dict(lr=0.1, lr_decay=0.1)),
    ("Adadelta", dict(lr=1.0)),
    ("Adamax", dict(lr=0.01)),
    ("RAdam", dict(lr=0.01)),
    ("Rprop", dict(lr=0.01)),
    ("ASGD", dict(lr=0.1, t0=5)),
    ("LBFGS", dict(lr=0.5, max_iter=4)),
    ("LBFGS", dict(line_search_fn="strong_wolfe", max_iter=4)),
]
runs = [run(name, "classifier", "crossEntropy", **options) for name, options in RUNS]
runs += [run("Adam", "regressor", loss, lr=0.05) for loss in ("mseLoss", "binaryCrossEntropy")]
print("[")
print(",\n".join(json.dumps(r, separators=(",", ":")) for r in runs))
print("]")
