"""The class vocabularies: one per pixel (semantic) and one per instance (interaction)."""

from enum import IntEnum

PLANES = ("U", "V", "Y")
"""Wire planes, in drift order and in the order they are shown, top to bottom."""


class PixelClass(IntEnum):
    """Semantic class of a lit pixel; a lower value wins where particles overlap.

    Order and priority are those of SparseSSNet (MICROBOONE-NOTE-1091-PUB).
    """

    UNKNOWN = -1
    HIP = 0
    MIP = 1
    SHOWER = 2
    DELTA = 3
    MICHEL = 4

    @property
    def label(self) -> str:
        """The word shown to people."""
        return _PIXEL_LABELS[self]


_PIXEL_LABELS = {
    PixelClass.UNKNOWN: "unknown",
    PixelClass.HIP: "HIP",
    PixelClass.MIP: "MIP",
    PixelClass.SHOWER: "shower",
    PixelClass.DELTA: "delta",
    PixelClass.MICHEL: "Michel",
}

PIXEL_CLASSES = tuple(c for c in PixelClass if c is not PixelClass.UNKNOWN)
"""The five classes a network scores, in score-column order."""


class InstanceClass(IntEnum):
    """Class of an interaction: all charge with one ancestor (MICROBOONE-NOTE-1081-PUB)."""

    UNKNOWN = -1
    COSMIC = 0
    NEUTRINO = 1
    NEUTRON = 2
    PROTON = 3
    ELECTRON = 4
    OTHER = 5
