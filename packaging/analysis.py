"""What the bundle would hold, without building it: every module of ours, and all that ours import.

    python packaging/analysis.py        # make analysis: some minutes

PyInstaller follows the imports as it does for the bundle. What one of our modules imports and a bundle would lack, though it can
be imported here, would fail only on a user's computer.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "analysis"
OWN = ("thau_desktop", "ui")
ELSEWHERE = {"llama_cpp", "winreg", "msvcrt", "gradio"}  # asked for where they are, and done without
_LINE = re.compile(r"(missing|excluded) module named '?([\w.]+)'? - imported by (.+)")


def modules() -> set[str]:
    """The names of our modules."""
    found = set()
    for package in OWN:
        for file in (ROOT / package).rglob("*.py"):
            parts = file.relative_to(ROOT).with_suffix("").parts
            found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def lacking(warnings: str) -> dict[str, list[str]]:
    """What our modules import and the bundle lacks: name → importers."""
    found = {}
    for line in warnings.splitlines():
        if not (told := _LINE.match(line)):
            continue
        _kind, name, by = told.groups()
        importers = [each.split(" ")[0] for each in by.split(", ") if each.startswith(tuple(f"{own}." for own in OWN))]
        if importers and name.partition(".")[0] not in ELSEWHERE and is_module(name):
            found[name] = importers
    return found


def is_module(name: str) -> bool:
    """Whether the name is that of a module here (not of something in one), or of nothing at all."""
    parent = name.rpartition(".")[0]
    try:
        return importlib.util.find_spec(name) is not None or not parent
    except ImportError:  # its parent is no package
        return importlib.util.find_spec(name.partition(".")[0]) is None


def main() -> None:
    command = [sys.executable, "-m", "PyInstaller", str(ROOT / "packaging" / "thau.spec"), "--noconfirm", "--log-level", "WARN",
               "--workpath", str(WORK), "--distpath", str(WORK / "dist")]
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "THAU_ANALYSIS_ONLY": "1"})
    table = ast.literal_eval((WORK / "thau" / "Analysis-00.toc").read_text(encoding="utf-8"))
    held = {entry[0] for part in table if isinstance(part, list) for entry in part if isinstance(entry, tuple)}
    problems = [f"{name} is not in the bundle" for name in sorted(modules() - held)]
    lost = lacking((WORK / "thau" / "warn-thau.txt").read_text(encoding="utf-8"))
    problems += [f"{name} is not in the bundle, and {', '.join(importers)} import it" for name, importers in sorted(lost.items())]
    starters = [f"resources/starter/{name}" for name in ("thau-nano-v1/model.safetensors", "thau-image-v1/model_index.json")]
    problems += [f"{path} is not in the bundle" for path in [*starters, "thau_desktop/store/migrations/0001_conversations.sql"]
                 if path not in {name.replace("\\", "/") for name in held}]
    if problems:
        raise SystemExit("\n".join(problems))
    print(f"{len(modules())} modules of ours and {len(held):,} files and modules in all: nothing is lacking")


if __name__ == "__main__":
    main()
