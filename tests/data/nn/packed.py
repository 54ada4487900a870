"""Writes what PyTorch's recurrent layers make of packed sequences, for tests/nn/packed.test.ts.

    python3 packed.py > packed.json           # PyTorch 1.13

Parameter i has elements ((7 k + 3 i) mod 11 - 5) / 8. Three sequences go in unsorted, with states of their own; the loss
weighs element k of the output by k / 10, of the states by k / 7.
"""

import json

import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence

SEQUENCES = [[[0.1, -0.2], [0.3, 0.4], [-0.5, 0.6]], [[0.7, -0.8]], [[-0.9, 1.0], [1.1, -1.2]]]
LAYERS = [
    ("RNN", nn.RNN, {}),
    ("GRU", nn.GRU, {}),
    ("GRU", nn.GRU, {"num_layers": 2, "bidirectional": True}),
    ("LSTM", nn.LSTM, {}),
    ("LSTM", nn.LSTM, {"num_layers": 2, "bidirectional": True}),
    ("LSTM", nn.LSTM, {"proj_size": 2, "bidirectional": True}),
]
KEYS = {"num_layers": "numLayers", "bidirectional": "bidirectional", "proj_size": "projSize"}


def values(t):
    return [round(v, 6) for v in t.detach().flatten().tolist()]


def weighted(t, by):
    return (t * torch.arange(t.numel()).view(t.shape)).sum() / by


def run(name, layer, options):
    model = layer(2, 3, **options)
    for i, p in enumerate(model.parameters()):
        with torch.no_grad():
            p.copy_(((torch.arange(p.numel()) * 7 + i * 3) % 11 - 5).float().view(p.shape) / 8)
    sequences = [torch.tensor(s).requires_grad_() for s in SEQUENCES]
    packed = pack_sequence(sequences, enforce_sorted=False)
    n = options.get("num_layers", 1) * (2 if options.get("bidirectional") else 1)
    size = options.get("proj_size", 3)
    h0 = (torch.arange(n * 3 * size).float().view(n, 3, size) / 20 - 0.3).requires_grad_()
    c0 = (torch.arange(n * 3 * 3).float().view(n, 3, 3) / 30 - 0.2).requires_grad_()
    output, last = model(packed, (h0, c0) if name == "LSTM" else h0)
    states = list(last) if name == "LSTM" else [last]
    (weighted(output.data, 10) + sum(weighted(t, 7) for t in states)).backward()
    return {
        "layer": name,
        "options": {KEYS[k]: v for k, v in options.items()},
        "output": values(output.data),
        "batchSizes": output.batch_sizes.tolist(),
        "states": [values(t) for t in states],
        "inputGrads": [values(t.grad) for t in sequences],
        "stateGrads": [values(t.grad) for t in ([h0, c0] if name == "LSTM" else [h0])],
        "weightGrads": [values(p.grad) for p in model.parameters()],
    }


print(json.dumps({"sequences": SEQUENCES, "runs": [run(*layer) for layer in LAYERS]}))
