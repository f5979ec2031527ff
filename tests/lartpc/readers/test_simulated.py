"""Events that no file keeps are those that `argonscope simulate` writes."""

from __future__ import annotations

import numpy as np
import pytest

from lartpc.readers.simulated import SimulatedEvents, is_simulated_name
from lartpc.simulation import BATCH, simulate_batch


def test_an_event_is_that_of_its_whole_batch() -> None:
    size = BATCH["bomb"]
    expected = simulate_batch("bomb", 3, range(size, 2 * size))[2]
    with SimulatedEvents("bomb-3") as events:
        event = events[size + 2]
        assert np.array_equal(event.images["Y"].adc, expected.images["Y"].adc)
        assert event.id == events.event_id(size + 2) == events.summary(size + 2).id
        assert events.waveform(0, "Y", 5) is None


@pytest.mark.parametrize("name", ["bnb", "bnb-", "bnb-x", "bnb--1", "other-1", "../bnb-1", "bnb-1\n"])
def test_other_names_stand_for_no_sample(name: str) -> None:
    assert not is_simulated_name(name)
    with pytest.raises(ValueError, match="expected one of"):
        SimulatedEvents(name)
