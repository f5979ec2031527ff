"""What a study's images can be chosen by."""

from __future__ import annotations

import numpy as np
from hand_made import block, image_of, line

from lartpc.classes import PixelClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Truth
from records.catalogue import candidates
from records.predictions import Prediction
from records.selection import Stratum, select_images


def test_values_of_events_with_and_without_truth_and_prediction() -> None:
    image, classes = image_of(
        {PixelClass.MIP: line(50, range(100, 140)), PixelClass.MICHEL: block(52, 139, 4, 4)}
    )
    truth = Truth(classes={"Y": classes})
    events = [
        Event(EventId(1, 2, i, f"/data/file{i}.h5", i), Detector.load("microboone"), {"Y": image}, t, source)
        for i, (t, source) in enumerate(((truth, "simulation"), (None, "data")))
    ]
    scores = np.eye(5, dtype=np.float32)[classes]
    prediction = Prediction("Y", scores, "uresnet", "toy", "a" * 64, "cpu", 0.0)
    simulated, data = candidates(events, ("U", "Y"), lambda _: prediction)
    assert simulated.values == {
        "file": "file0.h5",
        "entry": 0,
        "source": "simulation",
        "plane": "Y",
        "lit": len(image),
        "true_michel": 16,
        "michels": 1,
    }
    assert "true_michel" not in data.values
    assert "michels" not in candidates(events, ("Y",))[0].values
    wanted = Stratum("data", 1, {"source": "data", "michels": {"min": 1}})
    (chosen,) = select_images([simulated, data], [wanted], seed=0)
    assert chosen.candidate == data
