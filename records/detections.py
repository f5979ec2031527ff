"""What a detector said of one plane."""

from __future__ import annotations

from dataclasses import dataclass

from lartpc.instances import Instance


@dataclass(frozen=True, eq=False)
class Detections:
    """Instances of one plane, best score first.

    image_pixels: number of lit pixels of the image that `Instance.pixels` count in. seconds: time of
    the bare detector call. weights_hash: SHA-256 of the weights file.
    """

    plane: str
    instances: tuple[Instance, ...]
    image_pixels: int
    network: str
    weights: str
    weights_hash: str
    device: str
    seconds: float
