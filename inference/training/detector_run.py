"""`argonscope train smask-rcnn`: options to a configuration, training, and weights at the end."""

from __future__ import annotations

import argparse
from pathlib import Path

from torch import Tensor

from inference.cards import read_card
from inference.detector_weights import detector_config, load_detector_weights
from inference.networks.smask_rcnn import SMaskRCNN, SMaskRCNNConfig
from inference.training.detector_export import export_detector
from inference.training.detector_loop import DetectorTrainingConfig, train
from inference.training.detector_loss import LossConfig
from inference.training.images import ImageSourceConfig
from inference.training.record import chain
from inference.training.session import Start, load_checkpoint, share_done
from inference.training.source import FIRST_TRAINING_SEED
from inference.training.translate import TRUNK
from inference.weights_file import load_tensors
from lartpc.classes import PLANES


def train_detector(given: argparse.Namespace) -> int:
    """Train, and write weights and card for the plane (or each plane) when the budget is spent."""
    config = detector_training_config(given)
    initial = None if given.init is None else starting_point(given.init, config.network)
    state = train(config, given.out, initial)
    checkpoint = given.out / "checkpoint.pt"
    if share_done(config, state) < 1.0:
        print(f"Stopped at step {state.step}; the same command goes on from {checkpoint}.")
        return 0
    for path in export_detector(checkpoint, config.source.planes, given.out, given.validation_events):
        print(f"Wrote {path}")
    return 0


def detector_training_config(given: argparse.Namespace) -> DetectorTrainingConfig:
    """The configuration that the command line asks for."""
    return DetectorTrainingConfig(
        network=SMaskRCNNConfig(depth=given.depth, width=given.width, classes=given.classes),
        source=ImageSourceConfig(
            planes=PLANES if given.plane == "all" else (given.plane,),
            uses=given.uses,
            classes=given.classes,
            seed=FIRST_TRAINING_SEED + given.seed,
        ),
        loss=LossConfig(neutrino_weight=given.neutrino_weight),
        minutes=given.minutes,
        steps=given.steps,
        learning_rate=given.lr,
        device=given.device,
        threads=given.threads,
        workers=given.workers,
        progress_minutes=given.progress_minutes,
        progress_events=given.progress_events,
    )


def starting_point(path: Path, config: SMaskRCNNConfig) -> Start:
    """Averaged weights of a checkpoint, those of a safetensors file, or a translated trunk among weights
    from the seed. Raises ValueError for others."""
    if path.suffix == ".safetensors":
        card = read_card(path).card
        if card["network"] == TRUNK:
            return Start(_with_trunk(path, config), [{"trunk": card["translated_from"]}])
        found = detector_config(card, path.with_suffix(".json").name)
        weights, earlier = dict(load_detector_weights(path, found).state_dict()), chain(card["training"])
    else:
        saved = load_checkpoint(path)
        found = SMaskRCNNConfig.from_dict(saved["config"]["network"])
        own = {"source": saved["config"]["source"], **saved["counters"]}
        weights, earlier = dict(saved["average"]), [*saved.get("earlier", []), own]
    if found != config:
        raise ValueError(f"{path.name}: weights of another network; expected {config.as_dict()}")
    return Start(weights, earlier)


def _with_trunk(path: Path, config: SMaskRCNNConfig) -> dict[str, Tensor]:
    network = SMaskRCNN(config)
    trunk = network.sparse.trunk
    trunk.load_state_dict(load_tensors(path, trunk.state_dict(), f"the trunk of a {config.name}"))
    return dict(network.state_dict())
