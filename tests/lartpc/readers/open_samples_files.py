"""Small files in the layout of the MicroBooNE Open Samples, with as few ticks as a test needs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np

SIZES = (2400, 2400, 3456)
INTEGERS = {
    "g4_id",
    "g4_pdg",
    "parent_id",
    "category",
    "instance",
    "hit_id",
    "local_plane",
    "tpc",
    "nu_pdg",
    "is_cc",
}


class OpenSample:
    """Collects the rows of tables, then writes them as the samples do: 2-D columns, one group a table."""

    def __init__(self, events: Sequence[tuple[int, int, int]]) -> None:
        self.events = list(events)
        self.rows: dict[str, dict[int, list[Mapping[str, object]]]] = {}
        self.extra: dict[str, list[object]] = {}

    def add(self, table: str, entry: int, **row: object) -> None:
        """One row of a table; a column is a number, a sequence or bytes."""
        self.rows.setdefault(table, {}).setdefault(entry, []).append(row)

    def plane(
        self, entry: int, plane: int, signals: Mapping[int, Sequence[float]], ticks: int, wires=None
    ) -> None:
        """All wires of a plane (or those named), silent but for the signals: wire -> ADC from tick 0."""
        for wire in range(SIZES[plane]) if wires is None else wires:
            adc = np.zeros(ticks, np.float32)
            signal = signals.get(wire, ())
            adc[: len(signal)] = signal
            self.add("wire_table", entry, tpc=0, local_plane=plane, local_wire=float(wire), adc=adc)

    def hit(
        self, entry: int, number: int, plane: int, wire: int, time: float, rms=3.0, integral=100.0
    ) -> None:
        """One reconstructed hit."""
        self.add(
            "hit_table",
            entry,
            hit_id=number,
            integral=integral,
            rms=rms,
            tpc=0,
            local_plane=plane,
            local_wire=float(wire),
            local_time=time,
        )

    def deposit(self, entry: int, hit: int, particle: int, fraction: float) -> None:
        """Share of a particle in a hit."""
        self.add("edep_table", entry, hit_id=hit, g4_id=particle, energy=1.0, energy_fraction=fraction)

    def particle(
        self, entry: int, number: int, pdg: int, parent=0, start="primary", end="", momentum=0.5
    ) -> None:
        """One simulated particle."""
        self.add(
            "particle_table",
            entry,
            g4_id=number,
            g4_pdg=pdg,
            parent_id=parent,
            momentum=momentum,
            start_position=(0.0, 0.0, 0.0),
            end_position=(0.0, 0.0, 0.0),
            start_position_corr=(1.0, 2.0, 3.0),
            end_position_corr=(4.0, 5.0, 6.0),
            start_process=start.encode(),
            end_process=end.encode(),
        )

    def write(self, path: Path) -> Path:
        """The file; tables without a row are left out, as events without a row are in each table."""
        with h5py.File(path, "w") as file:
            columns = {"event_id": np.array(self.events, np.int32).reshape(-1, 3)}
            columns |= {name: _column(name, values) for name, values in self.extra.items()}
            _table(file, "event_table", columns, [(entry, 1) for entry in range(len(self.events))])
            for table, by_entry in self.rows.items():
                rows = [row for entry in by_entry for row in by_entry[entry]]
                ids = [self.events[entry] for entry in by_entry for _ in by_entry[entry]]
                columns = {name: _column(name, [row[name] for row in rows]) for name in rows[0]}
                columns["event_id"] = np.array(ids, np.int32)
                _table(file, table, columns, [(entry, len(rows)) for entry, rows in by_entry.items()])
        return path


def _column(name: str, values: list) -> np.ndarray:
    if isinstance(values[0], bytes):
        return np.array(values, f"S{max(len(v) for v in values) + 1}")[:, None]
    array = np.array(values, np.int32 if name in INTEGERS else np.float32)
    return array[:, None] if array.ndim == 1 else array


def _table(file: h5py.File, name: str, columns: Mapping[str, np.ndarray], counts: list) -> None:
    group = file.create_group(name)
    for column, values in columns.items():
        group.create_dataset(
            column, data=values, chunks=(min(128, len(values)), values.shape[1]), compression="gzip"
        )
    group["event_id.seq_cnt"] = np.array(counts, np.int64)
