"""What PyTorch computes for recurrent layers, attention and transformers: outputs, gradients, second gradients, in float64.

    python3 tests/data/nn/modules.py

writes modules.json beside this script; tests/nn/sequences.test.ts reads it. Inputs and parameters follow the formula of
cases.py; parameter number i of a module has phase 20 + i. Second gradients are those of the sum of all first gradients times
weights, by the inputs and the parameters. Cases with a seed are made in float32, with PyTorch's own initial parameters, in
training mode: they also say in which order random numbers are drawn.
"""

import json
import pathlib

import torch
from torch import nn

from cases import camel, numbers, written


def floats(*shape, phase=1, scale=1.0):
    return {"floats": list(shape), "phase": phase, "scale": scale}


def mask(rows):
    return {"mask": rows}


def case(name, module, args, inputs, options=None, call=None, training=False, seed=None):
    return {"name": name, "module": module, "args": args, "options": options or {}, "inputs": inputs, "call": call or {}, "training": training, "seed": seed}


STATE = floats(1, 2, 4, phase=2)
CAUSAL = mask([[0, 1, 1], [0, 0, 1], [0, 0, 0]])
PADDING = mask([[0, 0, 0], [0, 0, 1]])
SMALL = {"dim_feedforward": 5, "dropout": 0.0}

CASES = [
    case("RNN", "RNN", [3, 4], [floats(5, 2, 3)]),
    case("RNN with relu and a first state", "RNN", [3, 4], [floats(5, 2, 3), STATE], {"nonlinearity": "relu"}),
    case("RNN of two layers and directions, batch first", "RNN", [3, 4], [floats(2, 5, 3), floats(4, 2, 4, phase=2)], {"num_layers": 2, "bidirectional": True, "batch_first": True}),
    case("RNN of a single sequence without biases", "RNN", [3, 4], [floats(5, 3), floats(1, 4, phase=2)], {"bias": False}),
    case("LSTM", "LSTM", [3, 4], [floats(5, 2, 3)]),
    case("LSTM of one step", "LSTM", [3, 4], [floats(1, 1, 3)]),
    case("LSTM with first states", "LSTM", [3, 4], [floats(4, 2, 3), [STATE, floats(1, 2, 4, phase=3)]]),
    case("LSTM of two layers and directions, batch first", "LSTM", [3, 4], [floats(2, 3, 3), [floats(4, 2, 4, phase=2), floats(4, 2, 4, phase=3)]], {"num_layers": 2, "bidirectional": True, "batch_first": True}),
    case("LSTM with projected states", "LSTM", [3, 4], [floats(3, 2, 3), [floats(2, 2, 2, phase=2), floats(2, 2, 4, phase=3)]], {"proj_size": 2, "bidirectional": True}),
    case("LSTM of a single sequence without biases", "LSTM", [3, 4], [floats(3, 3)], {"bias": False, "num_layers": 2}),
    case("LSTM that drops all between layers", "LSTM", [3, 4], [floats(3, 2, 3)], {"num_layers": 2, "dropout": 1.0}, training=True),
    case("LSTM that drops nothing in eval", "LSTM", [3, 4], [floats(3, 2, 3)], {"num_layers": 2, "dropout": 0.5}),
    case("GRU", "GRU", [3, 4], [floats(5, 2, 3), STATE]),
    case("GRU of two layers and directions", "GRU", [3, 4], [floats(3, 2, 3)], {"num_layers": 2, "bidirectional": True}),
    case("GRU of a single sequence, batch first, without biases", "GRU", [3, 4], [floats(4, 3)], {"batch_first": True, "bias": False}),
    case("GRU with a state as wide as a vector and more", "GRU", [2, 6], [floats(3, 3, 2)]),
    case("RNNCell", "RNNCell", [3, 4], [floats(2, 3), floats(2, 4, phase=2)]),
    case("RNNCell with relu on a single input", "RNNCell", [3, 4], [floats(3)], {"nonlinearity": "relu"}),
    case("LSTMCell", "LSTMCell", [3, 4], [floats(2, 3), [floats(2, 4, phase=2), floats(2, 4, phase=3)]]),
    case("LSTMCell without biases", "LSTMCell", [3, 4], [floats(3)], {"bias": False}),
    case("GRUCell", "GRUCell", [3, 4], [floats(2, 3), floats(2, 4, phase=2)]),
    case("GRUCell without a state", "GRUCell", [3, 4], [floats(2, 3)]),
    case("attention", "MultiheadAttention", [4, 2], [floats(3, 2, 4), floats(5, 2, 4, phase=2), floats(5, 2, 4, phase=3)]),
    case("attention, keys that are values, batch first", "MultiheadAttention", [4, 2], [floats(2, 3, 4), floats(2, 5, 4, phase=2), {"same": 1}], {"batch_first": True}),
    case("attention to oneself, single sequence, all heads", "MultiheadAttention", [4, 2], [floats(3, 4), {"same": 0}, {"same": 0}], call={"average_attn_weights": False}),
    case("attention with both masks", "MultiheadAttention", [4, 2], [floats(3, 2, 4), {"same": 0}, {"same": 0}], call={"attn_mask": CAUSAL, "key_padding_mask": PADDING}),
    case("attention with masks, without weights", "MultiheadAttention", [4, 2], [floats(2, 3, 4), {"same": 0}, {"same": 0}], {"batch_first": True}, call={"attn_mask": CAUSAL, "key_padding_mask": PADDING, "need_weights": False}),
    case("attention with a mask that is added, for each head", "MultiheadAttention", [4, 2], [floats(3, 2, 4), floats(5, 2, 4, phase=2), {"same": 1}], call={"attn_mask": floats(4, 3, 5, phase=4)}),
    case("attention with keys and values of other widths", "MultiheadAttention", [4, 2], [floats(3, 2, 4), floats(5, 2, 3, phase=2), floats(5, 2, 6, phase=3)], {"kdim": 3, "vdim": 6}),
    case("attention with a learned key and one of zeros", "MultiheadAttention", [4, 2], [floats(3, 2, 4), {"same": 0}, {"same": 0}], {"add_bias_kv": True, "add_zero_attn": True}, call={"attn_mask": CAUSAL, "key_padding_mask": PADDING}),
    case("attention with a learned key, batch first, other widths, no biases", "MultiheadAttention", [4, 2], [floats(2, 3, 4), floats(2, 5, 3, phase=2), floats(2, 5, 4, phase=3)], {"add_bias_kv": True, "batch_first": True, "kdim": 3, "bias": False}),
    case("encoder layer", "TransformerEncoderLayer", [4, 2], [floats(3, 2, 4)], SMALL),
    case("encoder layer, norms first, gelu, masks", "TransformerEncoderLayer", [4, 2], [floats(2, 3, 4)], {**SMALL, "norm_first": True, "activation": "gelu", "batch_first": True, "layer_norm_eps": 1e-3}, call={"src_mask": CAUSAL, "src_key_padding_mask": PADDING}),
    case("decoder layer", "TransformerDecoderLayer", [4, 2], [floats(3, 2, 4), floats(4, 2, 4, phase=2)], SMALL, call={"tgt_mask": CAUSAL}),
    case("decoder layer, norms first, masks", "TransformerDecoderLayer", [4, 2], [floats(3, 2, 4), floats(3, 2, 4, phase=2)], {**SMALL, "norm_first": True}, call={"memory_mask": CAUSAL, "tgt_key_padding_mask": PADDING, "memory_key_padding_mask": PADDING}),
    case("transformer", "Transformer", [4, 2, 2, 2], [floats(3, 2, 4), floats(4, 2, 4, phase=2)], SMALL, call={"src_mask": CAUSAL, "memory_key_padding_mask": PADDING}),
    case("seeded RNN with dropout", "RNN", [3, 4], [floats(5, 2, 3)], {"num_layers": 3, "dropout": 0.5}, training=True, seed=1),
    case("seeded LSTM with dropout", "LSTM", [3, 4], [floats(5, 2, 3)], {"num_layers": 2, "dropout": 0.25, "bidirectional": True}, training=True, seed=2),
    case("seeded GRUCell", "GRUCell", [3, 4], [floats(2, 3)], training=True, seed=3),
    case("seeded attention", "MultiheadAttention", [4, 2], [floats(3, 2, 4), {"same": 0}, {"same": 0}], {"dropout": 0.5, "batch_first": True}, training=True, seed=4),
    case("seeded attention with separate weights", "MultiheadAttention", [4, 2], [floats(3, 2, 4), floats(5, 2, 3, phase=2), floats(5, 2, 6, phase=3)], {"kdim": 3, "vdim": 6, "add_bias_kv": True}, training=True, seed=5),
    case("seeded transformer", "Transformer", [4, 2, 1, 1, 6, 0.5], [floats(3, 2, 4), floats(4, 2, 4, phase=2)], training=True, seed=6),
]


class Reader:
    def __init__(self, dtype):
        self.dtype = dtype
        self.inputs = []

    def read(self, spec):
        if isinstance(spec, list):
            return tuple(self.read(s) for s in spec)
        if not isinstance(spec, dict):
            return spec
        if "same" in spec:
            return self.inputs[spec["same"]]
        if "mask" in spec:
            return torch.tensor(spec["mask"]).bool()
        made = numbers(spec["floats"], spec["phase"], spec["scale"]).to(self.dtype).requires_grad_()
        self.inputs.append(made)
        return made


def flat(result):
    if isinstance(result, torch.Tensor):
        return [result]
    return [t for part in result if part is not None for t in flat(part)]


def run(given):
    seed = given["seed"]
    dtype = torch.float64 if seed is None else torch.float32
    if seed is not None:
        torch.manual_seed(seed)
    module = getattr(nn, given["module"])(*given["args"], **given["options"]).to(dtype).train(given["training"])
    parameters = dict(module.named_parameters())
    if seed is None:
        with torch.no_grad():
            for i, p in enumerate(parameters.values()):
                p.copy_(numbers(p.shape, 20 + i))
    reader = Reader(dtype)
    inputs = [reader.read(s) for s in given["inputs"]]
    call = {k: reader.read(v) for k, v in given["call"].items()}
    outputs = flat(module(*inputs, **call))
    cotangents = [numbers(o.shape, 80 + i).to(dtype) for i, o in enumerate(outputs)]
    targets = [*reader.inputs, *parameters.values()]
    grads = torch.autograd.grad(outputs, targets, cotangents, create_graph=True, allow_unused=True)
    weights = [None if g is None else numbers(g.shape, 50 + i).to(dtype) for i, g in enumerate(grads)]
    seconds = None
    if seed is None:
        total = sum((g * w).sum() for g, w in zip(grads, weights) if g is not None)
        seconds = torch.autograd.grad(total, targets, allow_unused=True)
    said = {**given, "options": {camel(k): v for k, v in given["options"].items()}, "call": {camel(k): v for k, v in given["call"].items()}}
    optional = lambda ts: ts and [None if t is None else written(t) for t in ts]
    return {
        **said,
        "parameters": {name: list(p.shape) for name, p in parameters.items()},
        "outputs": [{"shape": list(o.shape), "data": written(o)} for o in outputs],
        "grads": optional(grads),
        "seconds": optional(seconds),
    }


torch.backends.mkldnn.enabled = False
lines = ",\n".join(json.dumps(run(c), separators=(",", ":")) for c in CASES)
(pathlib.Path(__file__).parent / "modules.json").write_text(f"[\n{lines}\n]\n")
