"""Keys are kept by the system's keyring, and in a file of the owner's alone where there is none."""

from __future__ import annotations

import json
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from thau_desktop import privacy
from thau_desktop.errors import KeysLocked
from thau_desktop.keys import HUB, Keys
from thau_desktop.paths import Paths


class MemoryKeyring(KeyringBackend):
    """A system's keyring, as far as it is asked; `locked` refuses everything."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self._look()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._look()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._look()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("nothing there")

    def _look(self) -> None:
        self.asked += 1
        if self.locked:
            raise KeyringLocked("locked")


@pytest.fixture
def system() -> Iterator[MemoryKeyring]:
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def no_system() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


def test_a_key_is_kept_by_the_keyring_and_only_its_name_by_the_file(home: Path, system: MemoryKeyring) -> None:
    keys = Keys(Paths(home))
    keys.set(HUB, "hf_secret")
    assert Keys(Paths(home)).get(HUB) == "hf_secret"
    assert list(system.kept.values()) == ["hf_secret"]
    assert "hf_secret" not in (home / "keys.json").read_text()
    keys.delete(HUB)
    assert keys.get(HUB) is None and system.kept == {}


def test_a_key_that_was_never_given_costs_no_look_into_the_keyring(home: Path, system: MemoryKeyring) -> None:
    assert Keys(Paths(home)).get(HUB) is None
    assert system.asked == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps other users out of the folder")
def test_without_a_keyring_the_file_is_its_owners_alone(home: Path, no_system: None) -> None:
    keys = Keys(Paths(home))
    keys.set("server:lab", "sk-1")
    keys.set(HUB, "hf_secret")
    assert stat.S_IMODE((home / "keys.json").stat().st_mode) == 0o600
    assert keys.get("server:lab") == "sk-1"
    assert keys.names() == [HUB, "server:lab"]
    keys.delete(HUB)
    assert json.loads((home / "keys.json").read_text()) == {"server:lab": "sk-1"}


def test_a_locked_keyring_is_told_with_what_to_do(home: Path, system: MemoryKeyring) -> None:
    keys = Keys(Paths(home))
    keys.set(HUB, "hf_secret")
    system.locked = True
    with pytest.raises(KeysLocked) as told:
        keys.get(HUB)
    assert "Unlock" in told.value.advice
    keys.set(HUB, "hf_other")
    assert keys.get(HUB) == "hf_other"


def test_two_homes_have_keys_of_their_own(home: Path, tmp_path: Path, system: MemoryKeyring) -> None:
    Keys(Paths(home)).set(HUB, "one")
    (tmp_path / "other").mkdir()
    Keys(Paths(tmp_path / "other")).set(HUB, "two")
    assert Keys(Paths(home)).get(HUB) == "one"


def test_a_damaged_file_holds_no_keys(home: Path) -> None:
    (home / "keys.json").write_text("{")
    assert Keys(Paths(home)).names() == []


def test_deleting_everything_deletes_the_keys(home: Path, system: MemoryKeyring) -> None:
    paths = Paths(home).create()
    Keys(paths).set(HUB, "hf_secret")
    list(privacy.delete_everything(paths, threading.Event()))
    assert system.kept == {} and not (home / "keys.json").exists()
