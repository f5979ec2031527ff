"""The Open Samples reader: every trap of the format, on small files with known answers."""

import h5py
import numpy as np
import pytest
from open_samples_files import SIZES, OpenSample

from lartpc.classes import InstanceClass, PixelClass
from lartpc.errors import EventFileError
from lartpc.readers import open_events
from lartpc.readers.open_samples import sum_ticks

TICKS = 20  # 3 rows of 6 ticks and a last row of 2


def lit(image):
    """{(row, wire): adc} of an image."""
    return {(int(r), int(w)): float(a) for r, w, a in zip(image.rows, image.wires, image.adc, strict=True)}


@pytest.fixture
def sample():
    """One event, every plane complete and silent but for wire 7 of U."""
    sample = OpenSample([(7, 8, 9)])
    sample.plane(0, 0, {7: [5.0] * TICKS}, TICKS)
    sample.plane(0, 1, {}, TICKS)
    sample.plane(0, 2, {}, TICKS)
    return sample


def test_six_ticks_make_a_row_and_the_last_row_is_padded(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        event = file[0]
    assert (event.id.run, event.id.subrun, event.id.event, event.id.entry) == (7, 8, 9, 0)
    assert {p: i.shape for p, i in event.images.items()} == {"U": (4, 2400), "V": (4, 2400), "Y": (4, 3456)}
    # The last row has two ticks: 10 ADC, which is not above the cut.
    assert lit(event.images["U"]) == {(0, 7): 30.0, (1, 7): 30.0, (2, 7): 30.0}
    assert event.images["U"].ticks_per_row == 6
    assert (len(event.images["V"]), len(event.images["Y"])) == (0, 0)
    assert event.notes == ()
    assert event.detector.name == "microboone"


def test_a_full_readout_has_1067_rows(tmp_path):
    sample = OpenSample([(1, 1, 1)])
    late = np.zeros(6400)
    late[6399] = 44.0
    sample.plane(0, 2, {5: late}, 6400, wires=[5])
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        image = file[0].images["Y"]
    assert (image.shape, lit(image)) == ((1067, 3456), {(1066, 5): 44.0})


def test_wires_are_placed_by_number_and_not_by_order(tmp_path):
    sample = OpenSample([(1, 1, 1)])
    for wire, adc in ((30, 40.0), (10, 20.0), (20, 60.0)):
        sample.plane(0, 2, {wire: [adc]}, 6, wires=[wire])
        sample.plane(0, 0, {wire + 1: [adc + 1]}, 6, wires=[wire + 1])
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        images = file[0].images
    assert lit(images["Y"]) == {(0, 10): 20.0, (0, 20): 60.0, (0, 30): 40.0}
    assert lit(images["U"]) == {(0, 11): 21.0, (0, 21): 61.0, (0, 31): 41.0}


def test_an_event_is_found_by_its_row_and_not_by_its_position(tmp_path):
    """Entry 0 has no wires, and entry 2 stands before entry 1."""
    sample = OpenSample([(1, 1, 10), (1, 1, 11), (1, 1, 12)])
    sample.plane(2, 2, {4: [22.0]}, 6, wires=[3, 4])
    sample.plane(1, 2, {4: [11.0]}, 6, wires=[4])
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        assert [lit(event.images["Y"]) for event in file] == [{}, {(0, 4): 11.0}, {(0, 4): 22.0}]
        assert [file.event_id(entry).event for entry in range(3)] == [10, 11, 12]
        assert file[0].notes == ("wire_table has no rows for this event: the image is empty.",)


def test_rows_of_another_event_are_refused(sample, tmp_path):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["wire_table/event_id"][100] = (7, 8, 10)
    with (
        open_events(path) as file,
        pytest.raises(EventFileError, match="holds rows of event 7/8/10 for entry 0"),
    ):
        file[0]


def test_only_the_span_of_the_plane_is_read():
    """Rows 300 to 599 of a column of 1000 rows, in blocks that end where chunks end."""

    class Spy:
        chunks, shape, asked = (128, 6), (1000, 6), []

        def read_direct(self, buffer, rows, where):
            self.asked.append((rows.start, rows.stop))
            buffer[where] = 3.0

    rows, wires, adc, blank = sum_ticks(Spy(), np.arange(300, 600), np.arange(300))
    assert Spy.asked == [(300, 384), (384, 512), (512, 600)]
    assert set(rows) == {0}
    np.testing.assert_array_equal(wires, np.arange(300))
    assert set(adc) == {18.0}
    assert len(blank) == 0


def test_rows_of_other_planes_in_between_are_skipped():
    adc = np.zeros((6, 6), np.float32)
    adc[[1, 3, 4], 0] = (20.0, 30.0, 40.0)

    class Column:
        chunks, shape = None, adc.shape

        def read_direct(self, buffer, rows, where):
            buffer[where] = adc[rows]

    rows, wires, values, blank = sum_ticks(Column(), np.array([1, 2, 4]), np.array([50, 51, 52]))
    assert dict(zip(wires.tolist(), values.tolist(), strict=True)) == {50: 20.0, 52: 40.0}
    assert (rows.tolist(), blank.tolist()) == ([0, 0], [51])


def test_blank_wires_between_charge_are_dead_and_others_quiet(tmp_path):
    sample = OpenSample([(1, 1, 1)])
    # Charge on 100 to 104 and 107 to 110: 105 and 106 are dead; whatever lies beyond was passed by nothing.
    signals = {wire: [30.0] for wire in (*range(100, 105), *range(107, 111))}
    for plane in range(3):
        sample.plane(0, plane, signals if plane == 2 else {}, 6)
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        images = file[0].images
    assert images["Y"].dead_wires.tolist() == [105, 106]
    assert images["U"].dead_wires.tolist() == []


def test_wires_that_the_file_lacks_are_dead(tmp_path):
    sample = OpenSample([(1, 1, 1)])
    sample.plane(0, 0, {}, 6)
    sample.plane(0, 1, {}, 6)
    sample.plane(0, 2, {0: [30.0]}, 6, wires=range(3450))
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        event = file[0]
    assert event.images["Y"].dead_wires.tolist() == [3450, 3451, 3452, 3453, 3454, 3455]
    assert event.notes == ("Plane Y has 3450 of its 3456 wires; the others are shown as dead.",)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_adc_that_is_no_number_is_left_out_and_noted(sample, tmp_path, bad):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["wire_table/adc"][7, 8] = bad
    with open_events(path) as file:
        event = file[0]
    assert lit(event.images["U"]) == {(0, 7): 30.0, (2, 7): 30.0}
    left_out = "1 pixel of plane U whose ADC is not a finite number left out."
    assert event.notes == (() if bad == -np.inf else (left_out,))


def test_huge_adc_is_kept_and_noted_and_negative_adc_is_not_lit(sample, tmp_path):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["wire_table/adc"][7, :6] = 1e9
        file["wire_table/adc"][7, 6:12] = -1e9
    with open_events(path) as file:
        event = file[0]
    assert lit(event.images["U"]) == {(0, 7): pytest.approx(6e9), (2, 7): 30.0}
    assert event.notes == ("1 pixel of plane U above 1000000 ADC, far beyond any readout.",)


@pytest.mark.parametrize("wire", [2400.0, -1.0, np.nan, 1e30])
def test_a_wire_out_of_range_is_left_out_and_noted(sample, tmp_path, wire):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["wire_table/local_wire"][7] = wire
    with open_events(path) as file:
        event = file[0]
    assert len(event.images["U"]) == 0
    assert event.notes[0] == "1 row of wire_table names a wire outside plane U (0 to 2399) and was left out."


def test_a_row_of_no_plane_is_left_out_and_noted(sample, tmp_path):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["wire_table/local_plane"][7] = 3
    with open_events(path) as file:
        notes = file[0].notes
    assert "1 row of wire_table is of no plane 0, 1 or 2 and was left out." in notes


def test_the_waveform_has_every_tick(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        waveform = file.waveform(0, "U", 7)
        assert waveform.tick.tolist() == list(range(TICKS))
        assert waveform.adc.tolist() == [5.0] * TICKS
        assert {a.dtype for a in (waveform.tick, waveform.adc)} == {np.dtype(np.float32)}
        assert file.waveform(0, "V", 7).adc.tolist() == [0.0] * TICKS
        assert file.waveform(0, "U", 2400) is None
        assert file.waveform(0, "X", 7) is None


def test_the_summary_counts_pixels_once_they_have_been_read(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        assert file.summary(0).lit == {}
        _ = file[0]
        assert file.summary(0).lit == {"U": 3, "V": 0, "Y": 0}
        assert not file.summary(0).has_truth


def no_wire_sample():
    """A hit of 600 ADC·tick in the middle of row 10 of Y, and a muon that left it."""
    sample = OpenSample([(1, 2, 3), (1, 2, 4)])
    sample.hit(0, 0, 2, 40, time=63.0, rms=1.0, integral=600.0)
    sample.hit(0, 1, 0, 9, time=6399.0, rms=3.0, integral=600.0)
    return sample


def test_a_file_without_wires_shows_its_hits_and_says_so(tmp_path):
    with open_events(no_wire_sample().write(tmp_path / "a.h5")) as file:
        event, empty = file[0], file[1]
        assert file.waveform(0, "Y", 40) is None
    # 63 ± 2 ticks lie inside row 10, so the whole integral does.
    assert lit(event.images["Y"]) == {(10, 40): pytest.approx(600.0)}
    assert event.images["Y"].shape == (1067, 3456)
    # 6393 to 6400 of a hit that reaches to 6405: row 1065 has 6393 to 6396.
    assert set(lit(event.images["U"])) == {(1065, 9), (1066, 9)}
    assert sum(lit(event.images["U"]).values()) < 600.0
    assert event.notes[0].startswith("This file has no wire_table (a NoWire sample)")
    assert {len(image) for image in empty.images.values()} == {0}


def test_a_hit_is_spread_as_a_gaussian_cut_at_two_rms(tmp_path):
    sample = OpenSample([(1, 1, 1)])
    sample.hit(0, 0, 2, 5, time=60.0, rms=6.0, integral=1000.0)
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        found = lit(file[0].images["Y"])
    # Two rows each side: 34.13 % and 13.59 % of a Gaussian, of the 95.45 % within two rms.
    inner, outer = 1000 * 0.341345 / 0.954500, 1000 * 0.135905 / 0.954500
    assert found == {
        (8, 5): pytest.approx(outer, rel=1e-4),
        (9, 5): pytest.approx(inner, rel=1e-4),
        (10, 5): pytest.approx(inner, rel=1e-4),
        (11, 5): pytest.approx(outer, rel=1e-4),
    }


@pytest.fixture
def neutrino():
    """Row 0 of wires 10 to 16 of Y is lit; hits on 10 to 15 belong to particles, wire 16 is cosmic."""
    sample = OpenSample([(1, 1, 1)])
    sample.plane(0, 2, {wire: [20.0] * 12 for wire in range(10, 17)}, 12)
    sample.plane(0, 0, {}, 12)
    sample.plane(0, 1, {}, 12)
    for hit, wire in enumerate(range(10, 17)):
        sample.hit(0, hit, 2, wire, time=3.0, rms=1.0)
    sample.extra = {
        "nu_pdg": [14],
        "nu_energy": [1.5],
        "nu_vtx_corr": [(10.0, 20.0, 30.0)],
        "nu_vtx_wire_time": [5e6],
    }
    return sample


def truth_of(sample, folder):
    with open_events(sample.write(folder / "a.h5")) as file:
        return file[0].truth


def test_the_largest_share_of_a_hit_names_its_particle(neutrino, tmp_path):
    neutrino.particle(0, 1, 13)
    neutrino.particle(0, 2, 2212)
    neutrino.deposit(0, 0, 2, 0.3)
    neutrino.deposit(0, 0, 1, 0.6)
    neutrino.deposit(0, 0, 2, 0.1)
    neutrino.deposit(0, 1, 2, 1.0)
    truth = truth_of(neutrino, tmp_path)
    # Wires 10 to 16 in row 0, then the same wires in row 1, which no hit reaches.
    assert truth.classes["Y"].tolist() == [1, 0, -1, -1, -1, -1, -1] + [-1] * 7
    assert truth.particle_ids["Y"].tolist() == [1, 2, -1, -1, -1, -1, -1] + [-1] * 7
    assert truth.instances["Y"].tolist() == [0, 0, -1, -1, -1, -1, -1] + [-1] * 7
    assert truth.interactions[0].boxes == {"Y": (0, 10, 0, 11)}
    assert truth.interactions[0].instance_class is InstanceClass.NEUTRINO
    assert (truth.interactions[0].pdg, truth.interactions[0].energy_mev) == (14, 1500.0)


def test_a_hit_paints_two_rms_and_lit_pixels_alone(neutrino, tmp_path):
    neutrino.particle(0, 1, 13)
    neutrino.hit(0, 100, 2, 10, time=6.0, rms=2.5)
    neutrino.hit(0, 101, 2, 11, time=14.0, rms=1.0)
    neutrino.hit(0, 102, 2, 17, time=6.0, rms=2.5)
    for hit in (100, 101, 102):
        neutrino.deposit(0, hit, 1, 1.0)
    # Wire 10: 1 to 11 ticks, both rows. Wire 11: 12 to 16 ticks, after the image. Wire 17 is not lit.
    classes = truth_of(neutrino, tmp_path).classes["Y"]
    assert np.flatnonzero(classes == 1).tolist() == [0, 7]


def test_where_hits_overlap_the_lower_class_wins(neutrino, tmp_path):
    neutrino.particle(0, 1, 11)
    neutrino.particle(0, 2, 2212)
    neutrino.particle(0, 3, 2112)
    for number, particle in ((100, 2), (101, 1), (102, 3)):
        neutrino.hit(0, number, 2, 12, time=3.0, rms=1.0)
        neutrino.deposit(0, number, particle, 1.0)
    truth = truth_of(neutrino, tmp_path)
    assert (truth.classes["Y"][2], truth.particle_ids["Y"][2]) == (0, 2)


def test_an_unknown_particle_or_hit_gives_no_truth(neutrino, tmp_path):
    neutrino.particle(0, 1, 13)
    neutrino.deposit(0, 0, 77, 1.0)
    neutrino.deposit(0, 555, 1, 1.0)
    assert set(truth_of(neutrino, tmp_path).classes["Y"].tolist()) == {-1}


def test_the_vertex_is_where_the_image_shows_it(neutrino, tmp_path):
    neutrino.particle(0, 1, 13)
    with open_events(neutrino.write(tmp_path / "a.h5")) as file:
        event = file[0]
    assert event.truth.vertex_cm == (10.0, 20.0, 30.0)
    assert event.detector.tick_at(10.0) == pytest.approx(800 + 10.0 / 0.0548965)
    assert event.source == "simulation"
    assert any("cosmic rays in these samples are recorded data" in note for note in event.notes)


def test_a_vertex_that_is_not_there_is_none(neutrino, tmp_path):
    neutrino.particle(0, 1, 13)
    neutrino.extra["nu_vtx_corr"] = [(-999.0, -999.0, -999.0)]
    assert truth_of(neutrino, tmp_path).vertex_cm is None


def test_particles_carry_what_the_table_says(neutrino, tmp_path):
    neutrino.particle(0, 1, 13, momentum=1.0, end="muMinusCaptureAtRest")
    neutrino.particle(0, 2, 11, parent=1, start="muMinusCaptureAtRest", momentum=0.03)
    first, second = truth_of(neutrino, tmp_path).particles
    assert (first.id, first.pdg, first.parent, first.process) == (1, 13, -1, "primary")
    assert (second.parent, second.process, second.interaction) == (1, "muMinusCaptureAtRest", 0)
    assert first.kinetic_energy_mev == pytest.approx(1000 * ((1 + 0.105658**2) ** 0.5 - 0.105658))
    assert (first.start_cm, first.end_cm) == ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))


STOPPED, FLYING = {"end": "Decay"}, {"end": "CoupledTransportation"}


@pytest.mark.parametrize(
    ("pdg", "start", "momentum", "muon", "expected"),
    [
        (13, "primary", 0.5, STOPPED, PixelClass.MIP),
        (-211, "primary", 0.5, STOPPED, PixelClass.MIP),
        (2212, "primary", 0.2, STOPPED, PixelClass.HIP),
        (2212, "primary", 0.19, STOPPED, PixelClass.UNKNOWN),
        (321, "primary", 0.1, STOPPED, PixelClass.HIP),
        (2112, "primary", 0.5, STOPPED, PixelClass.UNKNOWN),
        (11, "primary", 0.5, STOPPED, PixelClass.SHOWER),
        (22, "primary", 0.5, STOPPED, PixelClass.SHOWER),
        (-11, "Decay", 0.04, STOPPED, PixelClass.MICHEL),
        (11, "muMinusCaptureAtRest", 0.04, {"end": "muMinusCaptureAtRest"}, PixelClass.MICHEL),
        (11, "muPlusCaptureAtRest", 0.04, {"end": "muPlusCaptureAtRest"}, PixelClass.MICHEL),
        (11, "muIoni", 0.01, STOPPED, PixelClass.DELTA),
        (11, "muIoni", 0.01, FLYING, PixelClass.DELTA),
        (11, "muPairProd", 0.01, FLYING, PixelClass.SHOWER),
        (11, "conv", 0.02, FLYING, PixelClass.SHOWER),
        (11, "compt", 0.001, FLYING, PixelClass.SHOWER),
        (22, "eBrem", 0.001, STOPPED, PixelClass.SHOWER),
    ],
)
def test_classes_follow_from_particles(neutrino, tmp_path, pdg, start, momentum, muon, expected):
    neutrino.particle(0, 1, 13, **muon)
    neutrino.particle(0, 2, pdg, parent=0 if start == "primary" else 1, start=start, momentum=momentum)
    neutrino.deposit(0, 0, 2, 1.0)
    assert truth_of(neutrino, tmp_path).classes["Y"][0] == expected


def test_an_event_without_particles_has_no_truth(sample, tmp_path):
    with open_events(sample.write(tmp_path / "a.h5")) as file:
        assert file[0].truth is None
        assert file.source == "unknown"


@pytest.mark.parametrize("column", ["local_plane", "local_wire", "adc", "event_id", "event_id.seq_cnt"])
def test_a_missing_column_is_named(sample, tmp_path, column):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        del file["wire_table"][column]
    with (
        pytest.raises(EventFileError, match=f"table /wire_table has no column {column}"),
        open_events(path) as file,
    ):
        file[0]


def test_columns_that_end_early_are_noticed(sample, tmp_path):
    path = sample.write(tmp_path / "a.h5")
    with h5py.File(path, "r+") as file:
        file["wire_table/event_id.seq_cnt"][0, 1] = 9000
    with open_events(path) as file, pytest.raises(EventFileError, match=f"ends at row {sum(SIZES)}"):
        file[0]
