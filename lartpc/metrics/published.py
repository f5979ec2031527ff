"""Published figures that stand beside ours, with the document each comes from.

They are of other simulations: comparable in kind, not digit by digit. Shares from 0 to 1.
"""

from __future__ import annotations

from typing import Any

PUBLISHED: dict[str, dict[str, Any]] = {
    "sparse_ssnet": {
        "source": "MICROBOONE-NOTE-1091-PUB",
        "title": "SparseSSNet [5-32], plane Y, test sample",
        "nonzero_accuracy": 0.95,
        "nonzero_accuracy_training": 0.97,
        "recall": {"HIP": 0.928, "MIP": 0.981, "shower": 0.941, "delta": 0.782, "Michel": 0.843},
        # The note has true classes as columns; here they are rows, as everywhere in ArgonScope.
        "confusion_share_of_true": [
            [0.928, 0.066, 0.006, 0.000, 0.000],
            [0.009, 0.981, 0.009, 0.002, 0.000],
            [0.003, 0.021, 0.941, 0.033, 0.003],
            [0.000, 0.028, 0.188, 0.782, 0.002],
            [0.001, 0.021, 0.100, 0.035, 0.843],
        ],
        "track_shower": {"accuracy": 0.99, "purity": 0.99},
    },
    "uresnet": {
        "source": "arXiv:1903.05663",
        "title": "Sparse U-ResNet, public simulation; Michel and delta without and with truth of primary "
        "ionisation and pixel weights",
        "nonzero_accuracy_3d": 0.99,
        "recall_plain": {"Michel": 0.566, "delta": 0.857},
        "recall_primary_ionisation_weighted": {"Michel": 0.957, "delta": 0.972},
        "worst_share": 0.0005,
    },
    "ssnet": {
        "source": "arXiv:1808.07269",
        "title": "SSNet, dense, track against shower: ICPF",
        "icpf_track_shower": {
            "test": {"mean": 0.019, "quantile_90": 0.046, "shower": 0.041, "track": 0.026},
            "νe": {"mean": 0.060, "quantile_90": 0.138, "shower": 0.076, "track": 0.138},
            "νµ": {"mean": 0.039, "quantile_90": 0.045, "shower": 0.142, "track": 0.043},
            "1e1p": {"mean": 0.022, "quantile_90": 0.057, "shower": 0.028, "track": 0.040},
            "1µ1p-LE": {"mean": 0.023, "quantile_90": 0.022, "shower": 0.062, "track": 0.024},
            "1e1p-LE": {"mean": 0.039, "quantile_90": 0.115, "shower": 0.038, "track": 0.080},
        },
    },
}

WORST_SHARE = 0.0005
"""The share of events that arXiv:1903.05663 calls the worst and looks at by eye."""

PUBLISHED_PHYSICISTS: dict[str, Any] = {
    "source": "arXiv:1808.07269, HAP 2019 talk",
    "title": "SSNet and physicists, pixels of stopping muons with a Michel electron, data and simulation",
    "agreement_above": 0.96,
}
