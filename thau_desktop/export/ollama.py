"""A version into Ollama: its file, the model made of it, questions asked of that, and only then `thau:latest`.

Whatever fails or is stopped, `thau:latest` stays what it was, and the model that was half made goes.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from thau_desktop.errors import ModelMissing, ThauError
from thau_desktop.inference.ollama_client import OllamaClient
from thau_desktop.messages import ExportProgress, Pushed, PushEvent
from thau_desktop.translation import _

if TYPE_CHECKING:
    from thau_desktop.export.modelfile import Modelfile

LATEST = "thau:latest"
CONTEXT = 2048  # tokens: the contract's num_ctx
_AT_ONCE = 1 << 22
_PLAIN = "Hola, ¿qué tal?"
_PICTURE = "Dibuja un gato azul con sombrero."
_TOKENS = 96

_logger = logging.getLogger(__name__)


def push(
    client: OllamaClient,
    name: str,
    file: Path,
    modelfile: Modelfile,
    *,
    calls: bool = False,
    quantize: str = "",
    cancel: threading.Event,
) -> Iterator[PushEvent]:
    """Make the model `name` in Ollama of a GGUF file and let `thau:latest` be it.

    `calls`: it was trained to call for pictures, and must. `quantize`: Ollama is to do it ("q4_K_M"). The last event is
    `Pushed`. Raises `ThauError`.
    """
    started = time.monotonic()
    digest = ""
    for event in _hashed(file, cancel):
        if isinstance(event, str):
            digest = f"sha256:{event}"
        else:
            yield event
    if cancel.is_set():
        yield _stopped(name, started)
        return
    if not client.has_blob(digest):  # what is there already is not sent again
        for sent in client.push_blob(file, digest, cancel):
            yield ExportProgress("uploading", sent.completed, sent.total)
    before = _names(client)
    try:
        if not cancel.is_set():
            yield from _created(client, name, file.name, digest, modelfile, quantize, cancel)
        if not cancel.is_set():
            yield from _asked(client, name, calls, cancel)
        if cancel.is_set():
            _forget(client, name, before)
            yield _stopped(name, started)
            return
        yield ExportProgress("switching", 0, 1)
        client.copy(name, LATEST)
    except BaseException:
        _forget(client, name, before)
        raise
    commands = (f"ollama run {LATEST.partition(':')[0]}", f"ollama run {name}")
    yield Pushed(name, LATEST, time.monotonic() - started, commands=commands)


def _hashed(file: Path, cancel: threading.Event) -> Iterator[ExportProgress | str]:
    """The file's digest, after how far it is read."""
    size, done, hashed = file.stat().st_size, 0, hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_AT_ONCE):
            if cancel.is_set():
                return
            hashed.update(block)
            done += len(block)
            yield ExportProgress("hashing", done, size)
    yield hashed.hexdigest()


def _created(
    client: OllamaClient,
    name: str,
    file: str,
    digest: str,
    modelfile: Modelfile,
    quantize: str,
    cancel: threading.Event,
) -> Iterator[ExportProgress]:
    for event in client.create(
        name,
        cancel,
        files={file: digest},
        template=modelfile.template,
        system=modelfile.system,
        parameters=modelfile.parameters,
        quantize=quantize,
    ):
        yield ExportProgress("creating", event.completed, event.total)


def _asked(client: OllamaClient, name: str, calls: bool, cancel: threading.Event) -> Iterator[ExportProgress]:
    """A greeting must be answered; a wish for a picture, too, where it was trained to, with a call.

    Raises `ThauError`.
    """
    questions = [(_PLAIN, ""), (_PICTURE, "<TOOL:generate_image>" if calls else "")]
    for number, (question, must) in enumerate(questions):
        yield ExportProgress("asking", number, len(questions))
        asked = {
            "model": name,
            "messages": [{"role": "user", "content": question}],
            "options": {"num_ctx": CONTEXT, "temperature": 0, "num_predict": _TOKENS},
        }
        answer = "".join(str(piece.get("message", {}).get("content", "")) for piece in client.chat(asked, cancel))
        if cancel.is_set():
            return
        if not answer.strip() or must not in answer:
            raise ThauError(
                _("{name} does not answer in Ollama as it does here, so {latest} stays as it was.").format(
                    name=name, latest=LATEST
                ),
                _("Update Ollama, then push again."),
                details=f"{question}\n{answer}",
            )
    yield ExportProgress("asking", len(questions), len(questions))


def _names(client: OllamaClient) -> set[str]:
    return {model.name.removesuffix(":latest") for model in client.tags()}


def _forget(client: OllamaClient, name: str, before: set[str]) -> None:
    """Delete the model that a push has made, unless it was there before."""
    if name in before:
        return
    try:
        client.delete(name)
    except ModelMissing:
        pass  # it did not get so far
    except ThauError as problem:
        _logger.warning("%s stays in Ollama: %s", name, problem)


def _stopped(name: str, started: float) -> Pushed:
    return Pushed(name, LATEST, time.monotonic() - started, state="stopped")
