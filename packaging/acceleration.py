"""Writes `resources/acceleration.toml`: the files with which torch computes on an NVIDIA card, with sizes and checksums.

    python packaging/acceleration.py --cuda 13.0 --driver 580 --capability 7.5

Versions are those of `constraints.txt` and what torch's own build asks for. The addresses are left out: pip finds the
files on whatever index a computer uses, and the checksums say whether they are the same. The wheels are fetched once,
to know what they take on the disk.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import tomlkit

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "resources" / "acceleration.toml"
NEEDED = re.compile(r"torch|nvidia-.*")  # not triton, nor CUDA's bindings for Python: THAU compiles nothing


def pinned(package: str) -> str:
    """The version in `constraints.txt`."""
    found = re.search(rf"(?m)^{package}==([\w.]+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"))
    assert found, package
    return found[1]


def resolved(folder: Path, torch: str) -> list[dict[str, Any]]:
    """What pip would install, from the index alone: `===` keeps builds without CUDA out."""
    report = folder / "report.json"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--only-binary", ":all:",
         "--report", str(report), f"torch==={torch}"], check=True)  # fmt: skip
    found = json.loads(report.read_text(encoding="utf-8"))["install"]
    return [each for each in found if NEEDED.fullmatch(each["metadata"]["name"])]


def wheel(folder: Path, name: str, version: str) -> Path:
    before = set(folder.glob("*.whl"))
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder),
                    f"{name}==={version}"], check=True)  # fmt: skip
    return (set(folder.glob("*.whl")) - before).pop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuda", required=True, help="the CUDA that torch's build on the index is made for")
    parser.add_argument("--driver", type=int, required=True, help="the oldest driver that serves it")
    parser.add_argument("--capability", type=float, required=True, help="the oldest card's")
    options = parser.parse_args()
    torch, files, unpacked = pinned("torch"), tomlkit.aot(), 0
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as place:
        folder = Path(place)
        for each in resolved(folder, torch):
            name, version = each["metadata"]["name"], each["metadata"]["version"]
            path = wheel(folder, name, version)
            with zipfile.ZipFile(path) as opened:
                unpacked += sum(entry.file_size for entry in opened.infolist())
            sha256 = each["download_info"]["archive_info"]["hashes"]["sha256"]
            files.append(tomlkit.item({"name": name, "version": version, "file": path.name, "size": path.stat().st_size, "sha256": sha256}))
            path.unlink()
    build = {
        "backend": "cuda", "system": sys.platform, "machine": platform.machine(), "python": "{}.{}".format(*sys.version_info),
        "torch": torch, "title": f"CUDA {options.cuda}", "driver": options.driver, "capability": options.capability, "unpacked": unpacked,
    }  # fmt: skip
    document = tomlkit.document()
    document.add(tomlkit.comment("Made by packaging/acceleration.py: what makes torch compute on a GPU, by system."))
    item = tomlkit.item(build)
    item.add("files", files)
    builds = tomlkit.aot()
    builds.append(item)
    document.add("builds", builds)
    OUTPUT.write_text(tomlkit.dumps(document), encoding="utf-8")
    print(f"{OUTPUT}: {len(files)} files, {sum(f['size'] for f in files) / 1e9:.2f} GB, {unpacked / 1e9:.2f} GB unpacked")


if __name__ == "__main__":
    main()
