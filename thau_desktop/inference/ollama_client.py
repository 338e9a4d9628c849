"""What an Ollama server is asked, over HTTP: its models, downloads, uploads, creating, copying, deleting, chats.

https://docs.ollama.com/api and its source of August 2026. `ollama_probe` finds the server; the package `ollama` knows
neither blobs nor the progress of an upload.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thau_desktop.errors import ModelMissing, ServerRefused, ServerUnreachable
from thau_desktop.inference import http_stream
from thau_desktop.inference.backend import Embedded
from thau_desktop.inference.http_stream import EMBED_SECONDS, Request
from thau_desktop.inference.ollama_probe import OllamaServer, probe
from thau_desktop.translation import _

FIND_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class OllamaModel:
    """A model that the server has. `bytes` on its disk; `parameters` and `quantization` as it words them."""

    name: str
    bytes: int
    digest: str = ""
    family: str = ""
    parameters: str = ""
    quantization: str = ""


@dataclass(frozen=True, slots=True)
class OllamaDetails:
    """What `/api/show` tells. `capabilities` such as "completion", "tools", "thinking"; `context` in tokens, 0 where
    it is not told; `text_parameters`, `template` and `system` as a Modelfile has them."""

    capabilities: frozenset[str]
    context: int
    template: str = ""
    system: str = ""
    text_parameters: str = ""


@dataclass(frozen=True, slots=True)
class OllamaProgress:
    """What the server does now, in its words; bytes done of `total`, 0 where it does not count."""

    status: str
    completed: int = 0
    total: int = 0
    digest: str = ""


def connect(seconds: float = FIND_SECONDS) -> OllamaClient:
    """The server that runs on this computer or where OLLAMA_HOST says. Raises `ServerUnreachable`."""
    server = probe(seconds)
    if server is None:
        raise ServerUnreachable(
            _("Ollama does not answer."), _("Start Ollama, or set OLLAMA_HOST where it runs elsewhere.")
        )
    return OllamaClient(server)


class OllamaClient:
    """Talks to one server. Every method may raise `ServerUnreachable` or `ServerRefused`.

    Attributes:
        server: where it is, and its version.
    """

    def __init__(self, server: OllamaServer) -> None:
        self.server = server

    def tags(self) -> list[OllamaModel]:
        """The models that it has, newest first."""
        found = self._ask("GET", "tags") or {}
        return [_model(entry) for entry in found.get("models") or ()]

    def show(self, name: str) -> OllamaDetails:
        """What a model is and can do. Raises `ModelMissing`."""
        found = self._ask("POST", "show", {"model": name}, model=name)
        facts = found.get("model_info") or {}
        context = facts.get(f"{facts.get('general.architecture')}.context_length", 0)
        return OllamaDetails(
            # Versions before 0.6.4 do not tell capabilities: then words are all that can be relied on.
            frozenset(found.get("capabilities") or ("completion",)),
            int(context or 0),
            str(found.get("template") or ""),
            str(found.get("system") or ""),
            str(found.get("parameters") or ""),
        )

    def pull(self, name: str, cancel: threading.Event) -> Iterator[OllamaProgress]:
        """Let the server download a model; stopped, the next pull goes on from there."""
        return self._progress("pull", {"model": name}, cancel)

    def has_blob(self, digest: str) -> bool:
        """Whether the server has the file of that digest ("sha256:…")."""
        try:
            self._ask("HEAD", f"blobs/{digest}")
        except ServerRefused as refused:
            if refused.status == 404:
                return False
            raise
        return True

    def push_blob(self, file: Path, digest: str, cancel: threading.Event) -> Iterator[OllamaProgress]:
        """Send a file of that digest ("sha256:…"); `has_blob` tells whether it is there. Raises `OSError` too."""
        size = file.stat().st_size
        for sent in http_stream.upload(Request("POST", self._url(f"blobs/{digest}"), file=file), cancel):
            yield OllamaProgress("uploading", sent, size, digest)

    def create(
        self,
        name: str,
        cancel: threading.Event,
        *,
        files: Mapping[str, str] | None = None,
        adapters: Mapping[str, str] | None = None,
        source: str = "",
        template: str = "",
        system: str = "",
        parameters: Mapping[str, Any] | None = None,
        licence: str = "",
        quantize: str = "",
    ) -> Iterator[OllamaProgress]:
        """Make a model of files that were pushed (name → digest), or of the model `source`, and name it."""
        asked = {
            "model": name,
            "from": source,
            "files": files,
            "adapters": adapters,
            "template": template,
            "system": system,
            "parameters": parameters,
            "license": licence,
            "quantize": quantize,
        }
        return self._progress("create", {key: value for key, value in asked.items() if value}, cancel)

    def copy(self, source: str, target: str) -> None:
        """Give a model another name, too; a model of that name is replaced. Raises `ModelMissing`."""
        self._ask("POST", "copy", {"source": source, "destination": target}, model=source)

    def delete(self, name: str) -> None:
        """Delete a model. Raises `ModelMissing`."""
        self._ask("DELETE", "delete", {"model": name}, model=name)

    def chat(self, asked: Mapping[str, Any], cancel: threading.Event) -> Iterator[dict[str, Any]]:
        """Yield the pieces of an answer. `asked` is the API's; `num_ctx` must be among its options: the server's own
        default leaves out all but 4,096 tokens without a word. Raises `ModelMissing`."""
        return self._stream("chat", {**asked, "stream": True}, cancel)

    def embed(self, name: str, texts: Sequence[str], dimensions: int = 0) -> Embedded:
        """Texts as vectors. Raises `ModelMissing`; `ServerRefused` where the model makes none or a text is too long."""
        asked: dict[str, Any] = {"model": name, "input": list(texts), "truncate": False}
        if dimensions:
            asked["dimensions"] = dimensions
        found = self._ask("POST", "embed", asked, model=name, seconds=EMBED_SECONDS)
        vectors = tuple(tuple(map(float, vector)) for vector in found.get("embeddings") or ())
        return Embedded(vectors, int(found.get("prompt_eval_count") or 0))

    def unload(self, name: str) -> None:
        """Let the server take a model out of its memory."""
        self._ask("POST", "generate", {"model": name, "keep_alive": 0, "stream": False}, model=name)

    def _progress(self, path: str, asked: Mapping[str, Any], cancel: threading.Event) -> Iterator[OllamaProgress]:
        for event in self._stream(path, {**asked, "stream": True}, cancel):
            yield OllamaProgress(
                str(event.get("status", "")),
                int(event.get("completed") or 0),  # a layer that has not begun has none
                int(event.get("total") or 0),
                str(event.get("digest", "")),
            )

    def _stream(self, path: str, asked: Mapping[str, Any], cancel: threading.Event) -> Iterator[dict[str, Any]]:
        try:
            for line in http_stream.lines(Request("POST", self._url(path), asked), cancel):
                event = json.loads(line) if line.strip() else {}
                if "error" in event:  # what goes wrong in the middle comes with status 200
                    raise ServerRefused(
                        _("Ollama can't go on: {why}.").format(why=str(event["error"]).rstrip(".")),
                        _("Ollama's own log says more."),
                    )
                if event:
                    yield event
        except ServerRefused as refused:
            if refused.status == 404:
                raise _missing(str(asked["model"])) from refused
            raise
        except ValueError as problem:
            raise ServerUnreachable(
                _("The server at {address} does not speak as Ollama does.").format(address=self.server.url),
                _("Check OLLAMA_HOST: another program may listen there."),
                details=str(problem),
            ) from problem

    def _ask(
        self,
        method: str,
        path: str,
        asked: Mapping[str, Any] | None = None,
        model: str = "",
        seconds: float = http_stream.ANSWER_SECONDS,
    ) -> Any:
        try:
            return http_stream.answer(Request(method, self._url(path), asked), seconds)
        except ServerRefused as refused:
            if refused.status == 404 and model:
                raise _missing(model) from refused
            raise

    def _url(self, path: str) -> str:
        return f"{self.server.url}/api/{path}"


def _model(entry: Mapping[str, Any]) -> OllamaModel:
    details = entry.get("details") or {}
    return OllamaModel(
        str(entry.get("model") or entry.get("name") or ""),
        int(entry.get("size") or 0),
        str(entry.get("digest") or ""),
        str(details.get("family") or ""),
        str(details.get("parameter_size") or ""),
        str(details.get("quantization_level") or ""),
    )


def _missing(name: str) -> ModelMissing:
    return ModelMissing(
        _("Ollama has no model {name}.").format(name=name), _("Get it with: ollama pull {name}").format(name=name)
    )
