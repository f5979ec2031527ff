"""Accounts, small images and actions for the tests of labels."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np

from lartpc.classes import PixelClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth, WireImage
from records.images import LabelledImage, labelled_images
from records.pixel_runs import encode_pixels

WEIGHTS = "ab" * 32
KEY = "cd" * 32


def image(seed: int = 0, plane: str = "Y", pixels: int = 40) -> WireImage:
    """Pixels along a diagonal of a plane of 100 × 120; another seed, other charge."""
    adc = np.random.default_rng(seed).uniform(20, 200, pixels).astype(np.float32)
    steps = np.arange(pixels, dtype=np.int32)
    return WireImage(plane, steps, steps + 3, adc, (100, 120))


def event(seed: int = 0, planes: str = "Y", source: str = "simulation", pixels: int = 40) -> Event:
    """An event with truth: a muon (MIP), and a Michel electron in the last quarter of each plane."""
    images = {plane: image(seed * 10 + i, plane, pixels) for i, plane in enumerate(planes)}
    classes = np.full(pixels, PixelClass.MIP, np.int8)
    classes[3 * pixels // 4 :] = PixelClass.MICHEL
    truth = Truth(classes={plane: classes.copy() for plane in planes}) if source == "simulation" else None
    place = EventId(6000 + seed, 1, seed, f"/somewhere/{source}.h5", seed)
    return Event(place, Detector.load("microboone"), images, truth, source)


def labelled(seed: int = 0, planes: str = "Y", source: str = "simulation") -> dict[str, LabelledImage]:
    return labelled_images(event(seed, planes, source))


def action(
    tool: str, payload: dict[str, Any], image_hash: str, plane: str = "Y", **others: Any
) -> dict[str, Any]:
    """An action as a browser sends it."""
    return {
        "id": str(uuid.uuid4()),
        "plane": plane,
        "image_hash": image_hash,
        "tool": tool,
        "payload": payload,
        "time": 1.8e9,
        "prediction": [],
        "app_version": "0.1.0",
        **others,
    }


def paint(pixels: Any, label: int, image_hash: str, tool: str = "brush", **others: Any) -> dict[str, Any]:
    return action(tool, {"class": label, "pixels": encode_pixels(pixels)}, image_hash, **others)


def undo(of: dict[str, Any], tool: str = "undo") -> dict[str, Any]:
    return action(tool, {"action": of["id"]}, of["image_hash"], of["plane"])
