"""What the bundle and the installers are made of, without making them; `make smoke` tries the result."""

from __future__ import annotations

import ast
import importlib.util
import re
import runpy
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from configparser import ConfigParser
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from thau_desktop import __version__, licences

PACKAGING = ROOT / "packaging"
OWN = {"thau_desktop", "ui", "main"}
OPTIONAL = {"llama_cpp", "winreg", "msvcrt", "ctypes", "gradio"}  # asked for where they are, and done without elsewhere


def imported(path: Path) -> set[str]:
    """The packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name.partition(".")[0] for name in found}


def left_out() -> set[str]:
    """The modules that the spec excludes."""
    tree = ast.parse((PACKAGING / "thau.spec").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "LEFT_OUT":
            return set(ast.literal_eval(node.value))
    raise AssertionError("the spec has no LEFT_OUT")


def test_every_import_of_the_application_comes_with_the_bundle() -> None:
    """Not one of a development tool, of the tests, or of what the spec leaves out."""
    shipped = {package.name.lower().replace("_", "-") for package in licences.packages()}
    where = metadata.packages_distributions()
    wrong = {}
    sources = [ROOT / "main.py", *(ROOT / "thau_desktop").rglob("*.py"), *(ROOT / "ui").rglob("*.py")]
    assert len(sources) > 200
    excluded = left_out()
    for path in sources:
        for name in imported(path) - OWN - set(sys.stdlib_module_names) - OPTIONAL:
            homes = {one.lower().replace("_", "-") for one in where.get(name, [])}
            if name in excluded or not homes & shipped:
                wrong[f"{path.relative_to(ROOT)}: {name}"] = sorted(homes)
    assert not wrong


def test_what_is_left_out_is_nothing_that_is_used() -> None:
    whole = {name for name in left_out() if "." in name}
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "ui").rglob("*.py"))
    assert not [name for name in whole if re.search(rf"\b{re.escape(name)}\b", text)]


def test_manual_page_and_completions_name_every_command(tmp_path: Path) -> None:
    write = runpy.run_path(str(PACKAGING / "command_line.py"))["write"]
    man, bash, _zsh, fish = (path.read_text(encoding="utf-8") for path in write(tmp_path))
    for command in ("chat", "images generate", "versions rollback"):
        assert rf"\fBthau {command}\fR" in man
    assert "-a rollback" in fish and '"versions")' in bash


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_offers_what_may_follow(tmp_path: Path) -> None:
    write = runpy.run_path(str(PACKAGING / "command_line.py"))["write"]
    script = write(tmp_path)[1]

    def offered(*words: str) -> list[str]:
        place = f'COMP_WORDS=({" ".join(words)} ""); COMP_CWORD={len(words)}'
        asked = f'source {script}; {place}; _thau; echo "${{COMPREPLY[@]}}"'
        return subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True).stdout.split()

    assert {"chat", "versions", "--help"} <= set(offered("thau"))
    assert "rollback" in offered("thau", "versions") and "chat" not in offered("thau", "versions")
    assert "--message" in offered("thau", "chat", "--message", "hola")


def test_the_desktop_learns_of_the_entry_its_icon_and_its_files() -> None:
    entry = ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment,method-assign]
    entry.read(PACKAGING / "linux" / "thau.desktop", encoding="utf-8")
    about: dict[str, Any] = dict(entry["Desktop Entry"])
    assert about["Exec"] == "thau-desktop %U" and about["StartupWMClass"] == "thau"
    kinds = ElementTree.parse(PACKAGING / "linux" / "thau-mime.xml").getroot()
    names = {kind.get("type") for kind in kinds}
    assert names <= set(about["MimeType"].split(";"))
    software = ElementTree.parse(PACKAGING / "linux" / "thau.metainfo.xml").getroot()
    assert software.findtext("launchable") == "thau.desktop"
    assert {each.text for each in software.iter("mediatype")} == names


@pytest.mark.skipif(importlib.util.find_spec("cyclonedx") is None, reason="the packaging tools are not installed")
def test_a_package_holds_the_bundle_and_what_belongs_to_the_system(tmp_path: Path) -> None:
    bundle = tmp_path / "thau"
    bundle.mkdir()
    for name in ("thau", "thau-desktop"):
        (bundle / name).write_text("#!/bin/sh\n")
        (bundle / name).chmod(0o755)
    command = [sys.executable, str(PACKAGING / "installers.py"), "--bundle", str(bundle), "--output", str(tmp_path)]
    done = subprocess.run([*command, "--only", "deb,sbom"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (package,) = tmp_path.glob(f"thau-desktop_{__version__}_*.deb")
    inside = subprocess.run(["dpkg", "--contents", str(package)], capture_output=True, text=True, check=True).stdout
    for path in (
        "./opt/thau/thau",
        "./usr/bin/thau -> /opt/thau/thau",
        "share/applications/thau.desktop",
        "man1/thau.1",
    ):
        assert path in inside
    assert package.name in (tmp_path / "SHA256SUMS").read_text()
    assert '"pkg:pypi/torch@' in next(tmp_path.glob("*.sbom.json")).read_text()
