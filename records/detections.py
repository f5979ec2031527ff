"""What a detector said of one plane; `records.answers` stores it.

Shape shorthand: K instances, M pixels of all their masks together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lartpc.classes import InstanceClass
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

    def metadata(self) -> dict[str, Any]:
        """Everything but the instances, as JSON values."""
        return {
            "plane": self.plane,
            "image_pixels": self.image_pixels,
            "network": self.network,
            "weights": self.weights,
            "weights_hash": self.weights_hash,
            "device": self.device,
            "seconds": self.seconds,
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The instances as columns: classes int8 (K,), scores float32 (K,), boxes float32 (K, 4), pixels
        int32 (M,) of all masks in turn; those of instance k are offsets[k] to offsets[k + 1], int32 (K + 1,).

        Raises ValueError for instances that contradict themselves or the image.
        """
        sizes = [len(instance.pixels) for instance in self.instances]
        columns: dict[str, NDArray[Any]] = {
            "classes": np.array([instance.instance_class for instance in self.instances], np.int8),
            "scores": np.array([instance.score for instance in self.instances], np.float32),
            "boxes": np.array([instance.box for instance in self.instances], np.float32).reshape(-1, 4),
            "offsets": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
            "pixels": np.concatenate([np.empty(0), *(i.pixels for i in self.instances)]).astype(np.int32),
        }
        _check(columns, self.image_pixels)
        return columns

    @classmethod
    def from_arrays(cls, metadata: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Detections:
        """Inverse of metadata and arrays. Raises ValueError, KeyError, TypeError for anything else."""
        columns = {name: arrays[name] for name in ("classes", "scores", "boxes", "offsets", "pixels")}
        _check(columns, metadata["image_pixels"])
        masks = np.split(columns["pixels"], columns["offsets"][1:-1]) if len(columns["classes"]) else []
        instances = tuple(
            Instance(InstanceClass(int(kind)), float(score), (box[0], box[1], box[2], box[3]), pixels)
            for kind, score, box, pixels in zip(
                columns["classes"], columns["scores"], columns["boxes"].tolist(), masks, strict=True
            )
        )
        return cls(instances=instances, **metadata)


def _check(columns: Mapping[str, NDArray[Any]], image_pixels: Any) -> None:
    """Raises ValueError with what is wrong of the columns of `Detections.arrays`."""
    count = len(columns["classes"])
    shapes = {"classes": (count,), "scores": (count,), "boxes": (count, 4), "offsets": (count + 1,)}
    for name, shape in shapes.items():
        if columns[name].shape != shape:
            raise ValueError(f"{name} of shape {columns[name].shape}; expected {shape}")
    for name, kind in {"classes": "i", "scores": "f", "boxes": "f", "offsets": "i", "pixels": "i"}.items():
        if columns[name].dtype.kind != kind:
            raise ValueError(f"{name} of kind {columns[name].dtype}; expected {kind}")
    if type(image_pixels) is not int:
        raise ValueError(f"image_pixels is {image_pixels!r}; expected a whole number")
    _check_values(columns)
    _check_masks(columns["offsets"], columns["pixels"], image_pixels)


def _check_values(columns: Mapping[str, NDArray[Any]]) -> None:
    classes, scores, boxes = columns["classes"], columns["scores"], columns["boxes"]
    if not np.isin(classes, [int(c) for c in InstanceClass]).all():
        raise ValueError(f"classes {sorted(set(classes.tolist()))}; expected those of InstanceClass")
    if not ((scores >= 0) & (scores <= 1)).all() or (np.diff(scores) > 0).any():
        raise ValueError("scores that are not within 0 to 1, the best first")
    if not np.isfinite(boxes).all() or (boxes[:, :2] > boxes[:, 2:]).any():
        raise ValueError("boxes that are not finite, low edges before high ones")


def _check_masks(offsets: NDArray[Any], pixels: NDArray[Any], image_pixels: int) -> None:
    if offsets[0] != 0 or offsets[-1] != len(pixels) or (np.diff(offsets) < 0).any():
        raise ValueError(f"offsets that do not divide {len(pixels)} pixels")
    if pixels.ndim != 1 or (len(pixels) and not 0 <= pixels.min() <= pixels.max() < image_pixels):
        raise ValueError(f"pixels outside the {image_pixels} of the image")
    starts = np.zeros(len(pixels) + 1, bool)
    starts[offsets] = True
    if (np.diff(pixels)[~starts[1:-1]] <= 0).any():
        raise ValueError("pixels of a mask that do not ascend")
