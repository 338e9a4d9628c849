"""From an installed model to the backend that answers with it: one of four, by the model's kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from thau_desktop.errors import ModelUnsupported
from thau_desktop.inference.backend import Embedded
from thau_desktop.inference.gguf_backend import GgufBackend
from thau_desktop.inference.gguf_host import GgufOptions
from thau_desktop.inference.host import HostOptions
from thau_desktop.inference.local import LocalBackend
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.inference.ollama_backend import OllamaBackend, OllamaOptions
from thau_desktop.inference.server_backend import ServerBackend, ServerOptions
from thau_desktop.settings import Model
from thau_desktop.translation import _

Options = HostOptions | GgufOptions | OllamaOptions | ServerOptions
OpenBackend = LocalBackend | GgufBackend | OllamaBackend | ServerBackend


def options_for(model: InstalledModel, wish: Model, key: Callable[[str], str | None]) -> Options:
    """What a backend is told: two models with the same options are the same. `wish` are the settings for all models,
    `key` gives a server's key by its name.

    Raises what `key` raises.
    """
    wish = wish.of(model.base)
    context = wish.context
    idle = wish.idle_unload_minutes * 60
    server, _sign, there = model.name.partition("/")
    if model.kind == "ollama":
        return OllamaOptions(there, model.name, context, idle)
    if model.kind == "server":
        return ServerOptions(model.address, there, model.name, key(server) or "")
    if model.kind == "gguf":
        assert model.path is not None
        return GgufOptions(model.path, model.name, context, wish.threads, wish.device, idle, model.adapter)
    return HostOptions(
        model.folder, model.name, context, wish.threads, wish.device, idle, model.adapter, wish.precision, wish.window
    )


def embed(options: Options, texts: Sequence[str], dimensions: int = 0) -> Embedded:
    """Texts as vectors, by a model that can; the one in memory stays there.

    Raises `ModelUnsupported` where the model is a folder or a GGUF file: what those that talk say of a text between two
    words tells little about the whole (docs/decisions.md), and no others are taken in. Raises as its server's `embed`.
    """
    if isinstance(options, OllamaOptions):
        return OllamaBackend(options).embed(texts, dimensions)
    if isinstance(options, ServerOptions):
        return ServerBackend(options).embed(texts, dimensions)
    raise ModelUnsupported(
        _("{name} makes no embeddings.").format(name=options.name),
        _("Name an embedding model of Ollama, such as ollama/nomic-embed-text, or of a server in the settings."),
    )


def backend_with(options: Options, log: Path) -> OpenBackend:
    """A backend that has not begun anything yet; `log` is where the output of its child goes."""
    if isinstance(options, OllamaOptions):
        return OllamaBackend(options)
    if isinstance(options, ServerOptions):
        return ServerBackend(options)
    if isinstance(options, GgufOptions):
        return GgufBackend(options, log=log)
    return LocalBackend(options, log=log)
