"""Keys to other people's services: Hugging Face's token, a server's API key. They are kept by the system's keyring.

`keys.json`, readable by its owner alone, lists which keys there are, so one that was never given costs no look into
the keyring. Where the system has no keyring, it holds the keys themselves.
"""

from __future__ import annotations

import json
import logging

from thau_desktop.errors import KeysLocked
from thau_desktop.paths import Paths, atomic_write
from thau_desktop.translation import _

HUB = "huggingface"  # the name of the token for huggingface.co
SERVER = "server:"  # how the name of a server's key begins

_logger = logging.getLogger(__name__)


class Keys:
    """The keys of one home. Every call may ask the system's keyring and block: not in the window's thread."""

    def __init__(self, paths: Paths) -> None:
        self._path = paths.home / "keys.json"
        self._service = f"THAU ({paths.home})"

    def names(self) -> list[str]:
        """The names of the keys that are kept."""
        return sorted(self._read())

    def get(self, name: str) -> str | None:
        """The key of that name, None where there is none. Raises `KeysLocked`."""
        kept = self._read()
        if name not in kept:
            return None
        value = kept[name]
        if value is not None:
            return value
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(self._service, name)
        except KeyringError as problem:
            raise KeysLocked(
                _("The system's keyring does not give out the key “{name}”.").format(name=name),
                _("Unlock the keyring, or give the key again."),
                details=str(problem),
            ) from problem

    def set(self, name: str, value: str) -> None:
        """Keep a key under a name. Raises `DiskFull`, and `OSError` where the home can't be written."""
        kept: dict[str, str | None] = {**self._read(), name: None if self._to_keyring(name, value) else value}
        self._write(kept)

    def delete(self, name: str) -> None:
        """Forget a key; nothing where there is none."""
        kept = self._read()
        if name not in kept:
            return
        if kept.pop(name) is None:
            import keyring
            from keyring.errors import KeyringError

            try:
                keyring.delete_password(self._service, name)
            except KeyringError as problem:
                _logger.warning("the keyring keeps %s: %s", name, problem)
        self._write(kept)

    def delete_all(self) -> None:
        """Forget every key."""
        for name in self.names():
            self.delete(name)

    def _to_keyring(self, name: str, value: str) -> bool:
        """Whether the system's keyring has taken the key."""
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(self._service, name, value)
            return keyring.get_password(self._service, name) == value  # some take it and keep nothing
        except KeyringError as problem:
            _logger.info("%s is kept in %s: %s", name, self._path, problem)
            return False

    def _read(self) -> dict[str, str | None]:
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as problem:
            _logger.warning("%s can't be read: %s", self._path, problem)
            return {}
        return dict(values) if isinstance(values, dict) else {}

    def _write(self, kept: dict[str, str | None]) -> None:
        atomic_write(self._path, json.dumps(kept, indent=1).encode())  # which makes it its owner's alone
