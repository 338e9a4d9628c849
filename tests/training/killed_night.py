"""`thau train` with small suites in the place of the shipped ones: python killed_night.py DATA ARGUMENT…"""

from __future__ import annotations

import multiprocessing
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

if __name__ == "__main__":
    multiprocessing.freeze_support()
    sys.path.insert(0, str(ROOT))
    import main
    from thau_desktop.training import curriculum

    folder = Path(sys.argv.pop(1))
    curriculum.data = lambda: folder
    main.main()
