"""Which reader a file gets, and what is said of files that cannot be read."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from larcv3_files import Larcv3Sample
from native_files import simple_event
from open_samples_files import OpenSample

from lartpc.errors import EventFileError
from lartpc.readers import FORMATS, open_events
from lartpc.writer import EventWriter

SHARED = Path(__file__).parents[4] / "shared" / "data"


def native(path):
    with EventWriter(path, "microboone", "simulation") as writer:
        writer.append(simple_event(pixels=40))
    return path


def open_sample(path):
    sample = OpenSample([(1, 2, 3)])
    sample.plane(0, 2, {5: [30.0] * 6, 6: [40.0] * 6}, 6, wires=range(4, 9))
    sample.hit(0, 1, 2, 5, time=3.0)
    sample.particle(0, 1, 13)
    sample.deposit(0, 1, 1, 1.0)
    return sample.write(path)


def larcv3(path):
    sample = Larcv3Sample((30, 20))
    sample.sparse["wire"] = [[{(3, 4): 50.0}] * 3]
    sample.sparse["cosmicseg"] = [[{(3, 4): 1.0}] * 3]
    sample.clusters["merged"] = [[{2: {(3, 4): 1.0}}] * 3]
    sample.particles["neutrino"] = [[]]
    return sample.write(path)


MAKERS = {"ArgonScope": native, "MicroBooNE Open Samples": open_sample, "larcv3": larcv3}


def read_all(path):
    """Everything the interface offers of a file."""
    with open_events(path) as file:
        for entry in range(len(file)):
            file.summary(entry)
            file.waveform(entry, "Y", 5)
            yield file[entry]


def test_every_format_has_a_maker_here():
    assert set(MAKERS) == set(FORMATS)


@pytest.mark.parametrize("name", MAKERS)
def test_the_content_decides_and_not_the_suffix(tmp_path, name):
    path = MAKERS[name](tmp_path / "events.dat")
    with open_events(str(path)) as file:
        assert (file.format, file.path, len(file)) == (name, path, 1)
        assert file[0].id.file == "events.dat"
        assert len(file[0].images["Y"]) > 0


@pytest.mark.parametrize("name", MAKERS)
def test_a_truncated_file_is_reported_wherever_it_ends(tmp_path, name):
    path = MAKERS[name](tmp_path / "events.h5")
    content = path.read_bytes()
    for share in (0.02, 0.3, 0.6, 0.9, 0.999):
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(
            EventFileError, match=r"^events.h5: .* cannot be read .*; expected an undamaged file\.$"
        ):
            list(read_all(path))


def datasets(path):
    names = []
    with h5py.File(path) as file:
        file.visititems(lambda name, node: names.append(name) if isinstance(node, h5py.Dataset) else None)
    return names


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    "strange",
    [
        np.float32(3.0),
        np.zeros(0),
        np.zeros((1, 1, 1)),
        np.array([b"text"] * 3000),
        np.full(9000, 2**63, np.uint64),
        np.full((9000, 3), -1),
    ],
    ids=["scalar", "empty", "three-dimensional", "text", "huge", "negative"],
)
def test_strange_columns_give_a_sentence_or_an_event(tmp_path, name, strange):
    """Whatever stands in a column, the only error is ours, and every event is sound."""
    path = MAKERS[name](tmp_path / "events.h5")
    content = path.read_bytes()
    sentences = []
    for dataset in datasets(path):
        path.write_bytes(content)
        with h5py.File(path, "r+") as file:
            del file[dataset]
            file[dataset] = strange
        try:
            found = list(read_all(path))
        except EventFileError as error:
            sentences.append(str(error))
            continue
        for event in found:
            for image in event.images.values():
                assert np.isfinite(image.adc).all()
                assert len(image.rows) == len(image.wires) == len(image.adc)
                assert (image.rows < image.shape[0]).all()
                assert (image.wires < image.shape[1]).all()
    assert sentences
    assert all(s.startswith("events.h5: ") and "; expected " in s for s in sentences)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(
        EventFileError, match=r"^none.h5: there is no such file; expected the name of a file\.$"
    ):
        open_events(tmp_path / "none.h5")
    with pytest.raises(EventFileError, match="there is no such file"):
        open_events(tmp_path)


@pytest.mark.parametrize("content", [b"", b"run,event\n1,2\n", bytes(5000)])
def test_a_file_of_another_kind_is_reported_with_the_kinds_there_are(tmp_path, content):
    path = tmp_path / "events.h5"
    path.write_bytes(content)
    with pytest.raises(
        EventFileError, match=r"is not an HDF5 file; expected HDF5 of one of ArgonScope .*; larcv3"
    ):
        open_events(path)


def test_hdf5_of_another_kind_is_reported_with_what_it_has(tmp_path):
    path = tmp_path / "cats.h5"
    with h5py.File(path, "w") as file:
        file["cats"], file["dogs"] = [1], [2]
    with pytest.raises(
        EventFileError,
        match=r"HDF5 of an unknown kind, with cats, dogs; expected one of ArgonScope \(.*\); "
        r"MicroBooNE Open Samples \(event_table .*\); larcv3 \(.*\)\.$",
    ):
        open_events(path)


def test_a_file_that_cannot_be_read_is_not_left_open(tmp_path):
    path = larcv3(tmp_path / "events.h5")
    with h5py.File(path, "r+") as file:
        del file["Data/sparse2d_wire_group"]
    with pytest.raises(EventFileError):
        open_events(path)
    # HDF5 refuses to open for writing what is still open for reading.
    with h5py.File(path, "r+") as file:
        assert "Data" in file


def shared(name):
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the trial file {name} is not beside the repository")
    return path


def test_the_microboone_trial_event():
    with open_events(shared("uboone_layout_event.h5")) as file:
        event = file[0]
        waveform = file.waveform(0, "U", 60)
    assert (event.id.run, event.id.subrun, event.id.event) == (7001, 12, 601)
    assert {p: i.shape for p, i in event.images.items()} == {
        "U": (1067, 2400),
        "V": (1067, 2400),
        "Y": (1067, 3456),
    }
    assert {plane: len(image) for plane, image in event.images.items()} == {
        "U": 50186,
        "V": 65156,
        "Y": 26161,
    }
    assert event.truth is None
    assert 0.05 < event.images["Y"].gain < 0.4
    rows = np.add.reduceat(waveform.adc, np.arange(0, 6400, 6))
    image = event.images["U"]
    assert image.adc[image.wires == 60].tolist() == rows[rows > 10].tolist()


def test_the_sbnd_trial_events():
    with open_events(shared("cosmic_tagging_light.h5")) as file:
        assert len(file) == 5
        found = [file[0], file[4]]
        lit = file.summary(4).lit
    assert (
        lit
        == {plane: len(image) for plane, image in found[1].images.items()}
        == {"U": 15775, "V": 16056, "Y": 3066}
    )
    for event in found:
        geometry, (x, y, z) = event.detector, event.truth.vertex_cm
        # Charge of the neutrino lies within ten pixels of its vertex, a gap at the cathode included.
        neutrino = {i.id for i in event.truth.interactions if i.instance_class == 1}
        for plane, image in event.images.items():
            mine = np.isin(event.truth.instances[plane], list(neutrino))
            rows = image.rows[mine] + 0.5 - geometry.tick_at(x) / image.ticks_per_row
            wires = image.wires[mine] - geometry.plane(plane).wire_at(y, z)
            assert np.hypot(rows, wires).min() < 10
