"""Run as a program, in one thread: what spconv answers to the networks and images of the tests.

spconv adds up its products in several threads without order or lock, so that only a process that
has had one OpenMP thread from its start gives answers worth comparing with.

    OMP_NUM_THREADS=1 python spconv_answers.py QUESTIONS.pt ANSWERS.pt

QUESTIONS: {"config": UResNetConfig fields, "weights": state_dict, "images": {name: [rows, wires,
shape, features]}}; ANSWERS: {name: logits (N, 5)}. Both are tensors and plain values only.
"""

from __future__ import annotations

import os
import sys

import torch

from inference.networks.uresnet import UResNet, UResNetConfig
from inference.sparse.backends import Spconv


def main(questions: str, answers: str) -> None:
    """Answer the questions of one file into another."""
    if os.environ.get("OMP_NUM_THREADS") != "1":
        raise SystemExit("spconv is right in one thread only; start with OMP_NUM_THREADS=1")
    torch.set_num_threads(1)
    asked = torch.load(questions, weights_only=True)
    network = UResNet(UResNetConfig(**asked["config"])).eval()
    network.load_state_dict(asked["weights"])
    backend = Spconv(torch.device("cpu"))
    replica = backend.network(network)
    found = {}
    with torch.no_grad():
        for name, (rows, wires, shape, features) in asked["images"].items():
            found[name] = replica(backend.tensor(rows, wires, (shape[0], shape[1]), features))
    torch.save(found, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
