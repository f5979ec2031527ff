"""``python -m benchmarks NAME [options]``: one measurement; all but the long ones where no name is given."""

from __future__ import annotations

import runpy
import signal
import sys

SHORT = ("page", "run", "simulation", "uresnet", "smask-rcnn")
NAMES = (*SHORT, "training")
"""`training` takes some forty minutes, so it runs only when it is named."""
USAGE = f"usage: python -m benchmarks [{'|'.join(NAMES)}] [options]"


def main() -> int:
    """Run the measurement that is named, with the options behind its name; all where none is."""
    name, options = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("", [])
    if name in ("-h", "--help"):
        print(USAGE)
        return 0
    if name and name not in NAMES:
        print(f"{USAGE}\nThere is no measurement {name!r}.", file=sys.stderr)
        return 2
    # A measurement that is stopped still closes its browser and its servers.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for chosen in [name] if name else SHORT:
        module = f"benchmarks.{chosen.replace('-', '_')}"
        sys.argv = [module, *options]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
