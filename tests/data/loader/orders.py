"""In which order PyTorch's samplers and loaders visit examples.

    python3 tests/data/loader/orders.py

writes orders.json beside this script.
"""

import json
import pathlib

import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler, SubsetRandomSampler, TensorDataset, random_split

DATA = TensorDataset(torch.arange(7))


def generator(seed):
    return torch.Generator().manual_seed(seed)


def epochs(loader, count=2):
    return [[batch[0].tolist() for batch in loader] for _ in range(count)]


def orders():
    torch.manual_seed(0)
    yield "shuffled", epochs(DataLoader(DATA, batch_size=3, shuffle=True))
    yield "after that", torch.randint(1000, (3,)).tolist()
    yield "in order, the last batch left out", epochs(DataLoader(DATA, batch_size=2, drop_last=True))
    yield "after that too", torch.randint(1000, (3,)).tolist()
    yield "from a generator", epochs(DataLoader(DATA, batch_size=4, shuffle=True, generator=generator(3)))
    yield "random", list(RandomSampler(DATA))
    yield "random and again", list(RandomSampler(DATA, num_samples=16))
    yield "with replacement", list(RandomSampler(DATA, replacement=True, num_samples=40, generator=generator(5)))
    yield "some", list(SubsetRandomSampler([2, 3, 5, 6]))
    yield "batches", list(BatchSampler(SequentialSampler(DATA), 3, False))
    yield "split", [part.indices for part in random_split(DATA, [4, 3], generator=generator(42))]
    yield "split in shares", [part.indices for part in random_split(DATA, [0.5, 0.25, 0.25])]


(pathlib.Path(__file__).parent / "orders.json").write_text(json.dumps(dict(orders()), indent=1) + "\n")
