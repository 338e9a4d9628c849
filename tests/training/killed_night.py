"""`thau train` with small suites and a gate that lets nearly all through: python killed_night.py DATA ARGUMENT…

What is tested with it is how a night ends, not what it learns.
"""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.path.insert(0, str(ROOT))
    import main
    from thau_desktop.training import curriculum, gate

    folder = Path(sys.argv.pop(1))
    curriculum.data = lambda: folder
    decide = gate.decide
    all_may_go = dict.fromkeys(gate.SUITES, 1.0)
    lenient = gate.Rules(learned=0.0, tolerance=all_may_go, drift=all_may_go, degenerate=1.0, silenced=1.0)
    gate.decide = lambda candidate, incumbent, _rules=None, base=None: decide(candidate, incumbent, lenient, base)
    main.main()
