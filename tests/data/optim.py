"""Writes how PyTorch's optimizers move a parameter, for tests/kernels/optim.test.ts.

    python3 optim.py > optim.json             # PyTorch 1.13

Each run holds the options, the parameter before, and for every step the gradient and the parameter and state after.
"""

import json

import torch

torch.manual_seed(0)
N = 19
runs = []


def values(t):
    return t.detach().tolist()


def run(kind, make, **options):
    p = torch.randn(N, requires_grad=True)
    optimizer = make([p], **options)
    record = {"kind": kind, "options": options, "before": values(p), "steps": []}
    for t in range(1, 6):
        p.grad = torch.randn(N) * 10.0 ** torch.randint(-3, 2, (N,))
        if t == 4:
            p.grad[::2] = 0
        optimizer.step()
        state = {k: values(v) for k, v in optimizer.state[p].items() if k != "step" and v is not None}
        record["steps"].append({"grad": values(p.grad), "after": values(p), "state": state})
    runs.append(record)


SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
run("sgd", SGD, lr=0.1)
run("sgd", SGD, lr=0.1, weight_decay=0.05)
run("sgd", SGD, lr=0.1, maximize=True, weight_decay=0.05)
run("sgd", SGD, lr=0.01, momentum=0.9)
run("sgd", SGD, lr=0.01, momentum=0.9, dampening=0.3, weight_decay=0.1)
run("sgd", SGD, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1)
run("sgd", SGD, lr=0.01, momentum=0.5, nesterov=True, maximize=True)
run("adam", Adam)
run("adam", Adam, lr=0.1, betas=(0.5, 0.9), eps=1e-3)
run("adam", Adam, lr=0.01, weight_decay=0.1)
run("adam", Adam, lr=0.01, weight_decay=0.1, maximize=True, amsgrad=True, betas=(0.9, 0.5))
run("adamw", AdamW)
run("adamw", AdamW, lr=0.1, weight_decay=0.3, amsgrad=True, betas=(0.9, 0.5))
run("adamw", AdamW, lr=0.1, weight_decay=0.3, maximize=True)

print("[")
print(",\n".join(json.dumps(r, separators=(",", ":")) for r in runs))
print("]")
