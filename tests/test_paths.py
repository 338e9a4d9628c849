"""Where user data lies, and that a file is either old or new."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from thau_desktop.errors import StoreError
from thau_desktop.paths import Paths, atomic_write, resources


def test_thau_home_moves_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THAU_HOME", str(tmp_path / "elsewhere"))
    paths = Paths.find()
    assert paths.home == tmp_path / "elsewhere"
    assert paths.database == paths.home / "thau.db"
    assert paths.checkpoints == paths.home / "checkpoints" / "incremental"
    assert paths.export_gguf == paths.home / "export" / "gguf"


def test_an_explicit_home_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THAU_HOME", str(tmp_path / "environment"))
    assert Paths.find(tmp_path / "argument").home == tmp_path / "argument"


def test_without_a_choice_data_lies_in_the_users_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THAU_HOME", raising=False)
    home = Paths.find().home
    assert home.name == "THAU"
    assert Path(__file__).resolve().parent.parent not in home.parents


@pytest.mark.parametrize(("marker", "portable"), [(True, True), (False, False)])
def test_a_frozen_install_is_portable_only_with_its_marker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marker: bool, portable: bool
) -> None:
    monkeypatch.delenv("THAU_HOME", raising=False)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "thau"))
    if marker:
        (tmp_path / "portable").touch()
    assert (Paths.find().home == tmp_path / "data") is portable


def test_resources_are_found_from_source_and_frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (resources() / "locale").is_dir()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources() == tmp_path / "resources"


def test_create_makes_every_folder_and_may_be_called_again(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path / "año nuevo").create()
    paths.create()
    for folder in (paths.logs, paths.models, paths.training_queue, paths.checkpoints, paths.export_gguf, paths.backups):
        assert folder.is_dir()


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_new_home_can_be_read_by_nobody_else(tmp_path: Path) -> None:
    assert Paths.find(tmp_path / "home").create().home.stat().st_mode & 0o077 == 0


def test_a_home_that_can_not_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        Paths.find(tmp_path / "file" / "home").create()


def test_atomic_write_replaces_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "file"
    atomic_write(target, b"old")
    atomic_write(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_rename_that_fails_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        atomic_write(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name == "nt", reason="file size limits are POSIX")
def test_a_full_disk_keeps_the_old_file_and_is_said_in_a_sentence(tmp_path: Path) -> None:
    import resource

    target = tmp_path / "picture.png"
    target.write_bytes(b"old")
    script = (
        "import sys; from pathlib import Path; from thau_desktop.errors import DiskFull;"
        "from thau_desktop.paths import atomic_write\n"
        "try: atomic_write(Path(sys.argv[1]), bytes(100_000))\n"
        "except DiskFull as error: print(error, error.action.name)"
    )
    outcome = subprocess.run(
        [sys.executable, "-B", "-c", script, str(target)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        env={**os.environ, "THAU_LANGUAGE": "en"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert "The disk is full: picture.png could not be written." in outcome.stdout
    assert "open_folder" in outcome.stdout
    assert target.read_bytes() == b"old" and list(tmp_path.iterdir()) == [target]
