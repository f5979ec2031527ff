"""The larcv3 reader, on small files with known answers."""

import h5py
import numpy as np
import pytest
from larcv3_files import Larcv3Sample, particle

from lartpc.classes import InstanceClass
from lartpc.errors import EventFileError
from lartpc.readers import open_events

SBND = (1280, 2048)


def lit(image):
    """{(row, wire): adc} of an image."""
    return {(int(r), int(w)): float(a) for r, w, a in zip(image.rows, image.wires, image.adc, strict=True)}


@pytest.fixture
def sample():
    """Two SBND events; on each plane of the first, three pixels of a cosmic and two of a neutrino."""
    sample = Larcv3Sample(SBND, events=2)
    pixels = {(5, 9): 50.0, (6, 9): 60.0, (6, 8): 70.0, (1279, 2047): 80.0, (0, 0): 90.0}
    labels = {(5, 9): 1.0, (6, 9): 1.0, (6, 8): 0.0, (1279, 2047): 2.0, (0, 0): 2.0}
    clusters = {
        3: {(5, 9): 1.0, (6, 9): 2.0, (6, 8): 4.0, (7, 7): 8.0},
        4: {},
        12: {(1279, 2047): 5.0, (0, 0): 6.0, (6, 9): 0.5},
    }
    sample.sparse["sbndwire"] = [[pixels] * 3, [{}, {(2, 3): 4.5}, {}]]
    sample.sparse["sbnd_cosmicseg"] = [[labels] * 3, [{}, {(2, 3): 0.0}, {}]]
    sample.clusters["sbndsegmerged"] = [[clusters] * 3, [{}, {}, {}]]
    sample.particles["sbndneutrino"] = [
        [
            particle(0, 14, 1.5, 1.5, (10.0, 20.0, 30.0)),
            particle(4, 13, 0.5, 0.48882, (10.0, 20.0, 30.0), parent=0),
        ],
        [],
    ]
    return sample


def test_voxels_become_pixels_sorted_by_row(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        assert (file.format, len(file), file.source) == ("larcv3", 2, "simulation")
        first, second = file[0], file[1]
    assert list(first.images) == ["U", "V", "Y"]
    for image in first.images.values():
        assert image.shape == SBND
        assert image.rows.tolist() == [0, 5, 6, 6, 1279]
        assert image.wires.tolist() == [0, 9, 8, 9, 2047]
        assert image.adc.tolist() == [90.0, 50.0, 70.0, 60.0, 80.0]
    assert {plane: len(image) for plane, image in second.images.items()} == {"U": 0, "V": 1, "Y": 0}
    assert lit(second.images["V"]) == {(2, 3): 4.5}


def test_ids_of_minus_one_leave_the_entry_to_tell_events_apart(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        ids = [event.id for event in file]
    assert [(i.run, i.subrun, i.event, i.entry) for i in ids] == [(-1, -1, -1, 0), (-1, -1, -1, 1)]


def test_clusters_are_instances_with_the_class_of_most_labels(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        truth = file[0].truth
    # (6, 9) has 2.0 of cluster 3 and 0.5 of cluster 12; (7, 7) of cluster 3 is not lit.
    assert truth.instances["Y"].tolist() == [12, 3, 3, 3, 12]
    assert truth.classes == {}
    cosmic, neutrino = truth.interactions
    assert (cosmic.id, cosmic.instance_class, cosmic.energy_mev) == (3, InstanceClass.COSMIC, 15.0)
    assert (neutrino.id, neutrino.instance_class, neutrino.energy_mev) == (12, InstanceClass.NEUTRINO, 11.5)
    assert cosmic.boxes == dict.fromkeys("UVY", (5, 8, 6, 9))


def test_a_cluster_without_labels_has_no_class(sample, tmp_path):
    del sample.sparse["sbnd_cosmicseg"]
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        classes = {i.instance_class for i in file[0].truth.interactions}
    assert classes == {InstanceClass.UNKNOWN}


def test_particles_have_kinetic_energy_and_the_neutrino_gives_the_vertex(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        truth, second = file[0].truth, file[1].truth
    neutrino, muon = truth.particles
    assert (neutrino.parent, muon.parent, muon.process) == (-1, 0, "primary")
    # 0.5 GeV of total energy less the mass, sqrt(0.5² - 0.48882²) = 0.10514.
    assert muon.kinetic_energy_mev == pytest.approx(394.86, abs=0.05)
    assert truth.vertex_cm == (10.0, 20.0, 30.0)
    assert (second.particles, second.vertex_cm) == ((), None)


def test_charge_alone_has_no_truth(sample, tmp_path):
    sample.clusters, sample.particles = {}, {}
    del sample.sparse["sbnd_cosmicseg"]
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        assert (file[0].truth, file.source, file.summary(0).has_truth) == (None, "unknown", False)


def test_the_summary_counts_without_reading_pixels(sample, tmp_path):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        del file["Data/sparse2d_sbndwire_group/voxels"]
    with open_events(path) as file:
        assert file.summary(0).lit == {"U": 5, "V": 5, "Y": 5}
        assert file.summary(1).lit == {"U": 0, "V": 1, "Y": 0}
        with pytest.raises(EventFileError, match="has no column voxels"):
            file[0]


def test_the_direction_of_time_is_told(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        event = file[0]
    assert event.detector.name == "sbnd_larcv3"
    assert {image.tick_order for image in event.images.values()} == {1}
    assert "two drift volumes that join near row 640" in event.notes[0]


def test_another_shape_is_shown_with_a_nominal_geometry(tmp_path):
    sample = Larcv3Sample((30, 20))
    sample.sparse["charge"] = [[{(29, 19): 30.0}] * 2]
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        event = file[0]
    assert list(event.images) == ["U", "V"]
    assert event.images["V"].shape == (30, 20)
    assert event.detector.plane("V").wires == 20
    assert event.detector.readout_ticks == 30 * event.images["V"].ticks_per_row
    assert "does not tell its geometry" in event.notes[0]


def test_charge_is_found_by_name_among_labels(tmp_path):
    sample = Larcv3Sample((30, 20))
    for producer in ("aseg", "zwire", "label"):
        sample.sparse[producer] = [[{(1, 2): 3.0 if producer == "zwire" else 1.0}]]
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        assert lit(file[0].images["U"]) == {(1, 2): 3.0}


def test_labels_alone_are_no_event(tmp_path):
    sample = Larcv3Sample((30, 20))
    sample.sparse["cosmicseg"] = [[{(1, 2): 1.0}]]
    with pytest.raises(EventFileError, match=r"no product holds charge \(found sparse2d_cosmicseg\)"):
        open_events(sample.write(tmp_path / "a.h5"))


@pytest.mark.parametrize(
    ("voxel", "note"),
    [
        ((1280 * 2048, 5.0), "1 pixel of plane U outside the image of 1280 rows and 2048 wires left out."),
        ((2**63, 5.0), "1 pixel of plane U outside the image of 1280 rows and 2048 wires left out."),
        ((700, np.nan), "1 pixel of plane U whose ADC is not a finite number left out."),
        ((700, np.inf), "1 pixel of plane U whose ADC is not a finite number left out."),
        ((700, 1e20), "1 pixel of plane U above 1000000 ADC, far beyond any readout."),
    ],
)
def test_strange_voxels_are_noted(sample, tmp_path, voxel, note):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["Data/sparse2d_sbndwire_group/voxels"][0] = voxel
    with open_events(path) as file:
        event = file[0]
    assert note in event.notes
    assert np.isfinite(event.images["U"].adc).all()


def test_a_negative_voxel_is_not_lit(sample, tmp_path):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["Data/sparse2d_sbndwire_group/voxels"][0] = (9 * 1280 + 5, -4.0)
    with open_events(path) as file:
        assert (5, 9) not in lit(file[0].images["U"])


def test_a_fourth_projection_is_left_out_and_noted(tmp_path):
    sample = Larcv3Sample(SBND)
    sample.sparse["sbndwire"] = [[{(1, 1): 9.0}] * 4]
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        event = file[0]
        assert set(file.summary(0).lit) == set(event.images) == {"U", "V", "Y"}
    assert "A projection 3 beyond the planes U, V and Y was left out." in event.notes


@pytest.mark.parametrize("column", ["extents", "voxel_extents", "image_meta", "voxels"])
def test_a_missing_column_is_named(sample, tmp_path, column):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        del file[f"Data/sparse2d_sbndwire_group/{column}"]
    with (
        pytest.raises(EventFileError, match=f"sparse2d_sbndwire_group has no column {column}"),
        open_events(path) as file,
    ):
        file[0]


def test_voxels_that_end_early_are_noticed(sample, tmp_path):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        extents = file["Data/sparse2d_sbndwire_group/voxel_extents"]
        extents[2] = (10, 99, 2)
    with (
        open_events(path) as file,
        pytest.raises(EventFileError, match=r"voxels ends at row 16; expected rows 10 to 109"),
    ):
        file[0]
