"""What a person asks for: a version as a file or in Ollama, by its name; and what is still to be put there."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from thau_desktop.errors import ModelMissing, ServerUnreachable, ThauError
from thau_desktop.export import ollama
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.inference.ollama_client import OllamaClient, connect
from thau_desktop.messages import Exported, ExportEvent, ExportProgress, Pushed, PushEvent, Sampling
from thau_desktop.paths import Paths, atomic_write
from thau_desktop.settings import Settings
from thau_desktop.store.personas import Personas
from thau_desktop.store.versions import Versions

if TYPE_CHECKING:
    from thau_desktop.export.modelfile import Modelfile

# What reads and writes models is imported late, in the methods: numpy and gguf would delay every start.

Format = Literal["gguf", "safetensors"]
_BY_OLLAMA = {"q4_k_m": "q4_K_M"}  # what Ollama makes itself where it can't be made here
_TRY_AGAIN = 3600.0  # seconds

_logger = logging.getLogger(__name__)


class Publisher:
    """Exports and pushes. `find` gives a model or a version by its name."""

    def __init__(
        self,
        paths: Paths,
        find: Callable[[str], InstalledModel],
        versions: Versions,
        personas: Personas,
        settings: Callable[[], Settings],
    ) -> None:
        self._paths, self._find = paths, find
        self._versions, self._personas, self._settings = versions, personas, settings
        self._tried, self._tried_at = "", 0.0
        self._record = paths.export_gguf.parent / "ollama.json"

    def export(
        self,
        name: str = "",
        form: Format = "gguf",
        quantization: str = "",
        output: Path | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[ExportEvent]:
        """Write a version, by default the one in use, as a GGUF file with a Modelfile beside it or as a model folder.

        `output` is a file, or a folder that is there; by default `export/gguf/` in the home. Raises `ThauError`.
        """
        from thau_desktop.export.gguf import to_gguf
        from thau_desktop.export.merge import to_safetensors

        model = self._find(name or self._settings().model.name)
        if form == "safetensors":
            path = self._target(output, model.name)
            yield from to_safetensors(model.folder, path, name=model.name, adapter=model.adapter, cancel=cancel)
            return
        kind = (quantization or self._settings().export.quantization).lower()
        path = self._target(output, f"{model.name}-{kind}.gguf")
        for event in to_gguf(model.folder, path, kind, name=model.name, adapter=model.adapter, cancel=cancel):
            if isinstance(event, Exported) and event.state == "complete":
                beside = path.with_suffix(".Modelfile")
                atomic_write(beside, self._modelfile(path).text(path.name).encode())
                event = replace(event, commands=_commands(model.name, beside))
            yield event

    def push(
        self, name: str = "", quantization: str = "", cancel: threading.Event | None = None
    ) -> Iterator[PushEvent]:
        """Make a version, by default the one in use, a model of Ollama and `thau:latest`. Raises `ThauError`."""
        from thau_desktop.export.gguf import to_gguf

        cancel = cancel or threading.Event()
        model = self._find(name or self._settings().model.name)
        folder = model.folder
        client = connect()
        if not client.server.safe:
            _logger.warning(" ".join(client.server.hole()))
        kind = (quantization or self._settings().export.quantization).lower()
        made_there = kind in _BY_OLLAMA
        self._paths.export_gguf.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".push-", dir=self._paths.export_gguf) as temporary:
            path = Path(temporary) / f"{model.name}.gguf"
            written = False
            for event in to_gguf(
                folder,
                path,
                "f16" if made_there else kind,
                name=model.name,
                adapter=model.adapter,
                cancel=cancel,
            ):
                if isinstance(event, ExportProgress):
                    yield event
                else:
                    written = event.state == "complete"
            if not written:
                yield Pushed(model.name, ollama.LATEST, 0.0, state="stopped")
                return
            calls = "generate_image" in model.manifest.native_tools
            quantize = _BY_OLLAMA.get(kind, "")
            for pushed in ollama.push(
                client, model.name, path, self._modelfile(path), calls=calls, quantize=quantize, cancel=cancel
            ):
                if isinstance(pushed, Pushed) and pushed.state == "complete":
                    self._remember(model.name)
                    pushed = replace(pushed, removed=self._forget_old(client))
                yield pushed

    def catch_up(self, cancel: threading.Event) -> Iterator[PushEvent]:
        """Push the version in use if the person wants that, it is a trained one, and Ollama runs and lacks it."""
        name = self.waiting()
        if not name:
            return
        try:
            yield from self.push(name, cancel=cancel)
        except ServerUnreachable:
            _logger.info("%s waits until Ollama runs", name)

    def keep_up(self, cancel: threading.Event) -> None:
        """Do the same where `is_due` says so, without a word: what goes wrong is told in the log, and tried again."""
        if not self.is_due():
            return
        try:
            for _event in self.catch_up(cancel):
                pass
        except ThauError as problem:
            _logger.warning("%s", problem)

    def is_due(self) -> bool:
        """Whether something waits and was not tried within the last hour. Cheap enough for every second."""
        name = self.waiting()
        if not name or (self._tried == name and time.monotonic() - self._tried_at < _TRY_AGAIN):
            return False
        self._tried, self._tried_at = name, time.monotonic()
        return True

    def waiting(self) -> str:
        """The version in use where it is still to be put into Ollama; "" for none."""
        settings = self._settings()
        name = settings.model.name
        if not settings.export.push_to_ollama or self._versions.find(name) is None:
            return ""
        return "" if self.latest() == name else name

    def latest(self) -> str:
        """The version that was pushed last; "" for none."""
        return str(self._read().get("latest", ""))

    def _target(self, output: Path | None, name: str) -> Path:
        if output is None:
            return self._paths.export_gguf / name
        output = output.expanduser().absolute()
        return output / name if output.is_dir() and output.name != name else output

    def _modelfile(self, path: Path) -> Modelfile:
        from thau_desktop.export import modelfile

        chat = self._settings().chat
        persona = self._personas.get_or_default(chat.persona)
        sampling = persona.over(Sampling(chat.temperature, chat.top_p, chat.top_k))
        return modelfile.of(path, persona.system_prompt, sampling)

    def _forget_old(self, client: OllamaClient) -> tuple[str, ...]:
        """Of what was pushed from here, delete there what is no longer kept here."""
        gone = [name for name in self._pushed() if name != self.latest() and not self._is_kept(name)]
        removed = []
        for name in gone:
            try:
                client.delete(name)
            except ModelMissing:
                pass  # a person has deleted it
            except ThauError as problem:
                _logger.warning("%s stays in Ollama: %s", name, problem)
                continue
            removed.append(name)
        if removed:
            self._write(self.latest(), [name for name in self._pushed() if name not in removed])
        return tuple(removed)

    def _is_kept(self, name: str) -> bool:
        try:
            self._find(name)
        except ThauError:
            return False
        return True

    def _remember(self, name: str) -> None:
        self._write(name, [*(one for one in self._pushed() if one != name), name])

    def _pushed(self) -> list[str]:
        return list(map(str, self._read().get("pushed", ())))

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, latest: str, pushed: list[str]) -> None:
        atomic_write(self._record, json.dumps({"latest": latest, "pushed": pushed}, indent=2).encode())


def _commands(name: str, beside: Path) -> tuple[str, ...]:
    return (f'ollama create {name} -f "{beside}"', f"ollama run {name}")
