"""Events for tests of our own layout, small and arbitrary."""

import numpy as np
from hypothesis import strategies as st

from lartpc.classes import PLANES, InstanceClass
from lartpc.detector import Detector
from lartpc.event import Event, EventId, Interaction, Particle, Truth, WireImage

MICROBOONE = Detector.load("microboone")
whole = st.integers(-(2**31), 2**31 - 1)
real = st.floats(allow_nan=False, allow_infinity=False)
point = st.tuples(real, real, real)
box = st.tuples(*[st.integers(0, 2**31 - 1)] * 4)


@st.composite
def wire_images(draw, plane):
    """An image of at most 12 x 9 pixels, any subset of them lit."""
    shape = draw(st.tuples(st.integers(1, 12), st.integers(1, 9)))
    lit = sorted(draw(st.sets(st.integers(0, shape[0] * shape[1] - 1), max_size=30)))
    adc = draw(
        st.lists(
            st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=len(lit), max_size=len(lit)
        )
    )
    dead = sorted(draw(st.sets(st.integers(0, shape[1] - 1), max_size=3)))
    return WireImage(
        plane=plane,
        rows=np.array(lit, np.int32) // shape[1],
        wires=np.array(lit, np.int32) % shape[1],
        adc=np.array(adc, np.float32),
        shape=shape,
        ticks_per_row=draw(st.integers(1, 12)),
        first_tick=draw(st.integers(-100, 6400)),
        first_wire=draw(st.integers(0, 3000)),
        tick_order=draw(st.sampled_from([1, -1])),
        dead_wires=np.array(dead, np.int32),
        gain=draw(st.floats(0.001, 1000)),
    )


@st.composite
def truths(draw, images):
    """Truth with any of its pixel columns, on any of the planes."""
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    makers = {
        "classes": lambda n: rng.integers(-1, 5, n).astype(np.int8),
        "instances": lambda n: rng.integers(-1, 9, n).astype(np.int32),
        "particle_ids": lambda n: rng.integers(-1, 99, n).astype(np.int32),
        "class_charge": lambda n: rng.normal(size=(n, 5)).astype(np.float32),
    }
    pixels = {
        name: {p: make(len(images[p])) for p in sorted(images) if draw(st.booleans())}
        for name, make in makers.items()
    }
    interaction = st.builds(
        Interaction,
        whole,
        st.sampled_from(InstanceClass),
        whole,
        real,
        st.dictionaries(st.sampled_from(PLANES), box),
    )
    particle = st.builds(Particle, whole, whole, whole, whole, real, point, point, st.text(max_size=5))
    return Truth(
        **pixels,
        interactions=tuple(draw(st.lists(interaction, max_size=3))),
        particles=tuple(draw(st.lists(particle, max_size=3))),
        vertex_cm=draw(st.none() | point),
    )


@st.composite
def events(draw):
    """An event of up to three planes, with or without truth."""
    planes = draw(st.lists(st.sampled_from(PLANES), unique=True))
    images = {plane: draw(wire_images(plane)) for plane in planes}
    event_id = EventId(draw(whole), draw(whole), draw(whole), "", 0)
    truth = draw(st.none() | truths(images))
    notes = tuple(draw(st.lists(st.text(max_size=8), max_size=2)))
    return Event(event_id, MICROBOONE, images, truth, "simulation", notes)


def simple_event(number=0, pixels=4):
    """An event of one lit row on Y, with pixel classes."""
    image = WireImage(
        "Y",
        np.zeros(pixels, np.int32),
        np.arange(pixels, dtype=np.int32),
        np.arange(1, pixels + 1, dtype=np.float32) + number,
        (3, 50),
    )
    truth = Truth(classes={"Y": np.ones(pixels, np.int8)})
    return Event(EventId(1, 2, number, "", number), MICROBOONE, {"Y": image}, truth, "simulation")


def assert_same_event(found, given):
    """The events agree in everything but the names of file and source."""
    assert (found.id.run, found.id.subrun, found.id.event) == (given.id.run, given.id.subrun, given.id.event)
    assert found.notes == given.notes
    assert set(found.images) == set(given.images)
    for plane, image in given.images.items():
        assert_same_arrays(vars(found.images[plane]), vars(image))
    assert (found.truth is None) == (given.truth is None)
    if given.truth is not None:
        for name in ("classes", "instances", "particle_ids", "class_charge"):
            assert_same_arrays(getattr(found.truth, name), getattr(given.truth, name))
        for name in ("interactions", "particles", "vertex_cm"):
            assert getattr(found.truth, name) == getattr(given.truth, name)


def assert_same_arrays(found, given):
    """The mappings have the same keys and equal values, arrays of the same type."""
    assert set(found) == set(given)
    for name, value in given.items():
        if isinstance(value, np.ndarray):
            assert found[name].dtype == value.dtype
            np.testing.assert_array_equal(found[name], value)
        else:
            assert found[name] == value
