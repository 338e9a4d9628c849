"""How things stand, for `thau status` and whoever else asks. Quick: no torch, no model, at most 0.4 s of waiting."""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Literal

from thau_desktop import hardware
from thau_desktop.inference.ollama_probe import OllamaServer, probe

if TYPE_CHECKING:
    from thau_desktop.app import Thau

_VERSION = re.compile(r"^thau-(?P<size>[a-z0-9.]+)-v(?P<number>\d+)$")


@dataclass(frozen=True, slots=True)
class TrainingStatus:
    """What is being trained; None where nothing is."""

    state: Literal["idle", "running"] = "idle"
    step: int | None = None
    steps: int | None = None
    loss: float | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """The state of this installation. None is what does not exist: no training planned, no Ollama there.

    Attributes: `model` answers; `version` is `thau-<size>-v<N>`, None for a model that is not THAU's; `pending`,
    `trained` and `total` count examples; times are ISO 8601; `device` is "cpu", "cuda" or "mps".
    """

    model: str
    version: str | None
    pending: int
    trained: int
    total: int
    device: str
    ollama: OllamaServer | None
    next_run: str | None = None
    last_run: str | None = None
    training: TrainingStatus = field(default_factory=TrainingStatus)


def current(thau: Thau, known_ollama: Callable[[], OllamaServer | None] | None = None) -> Status:
    """The state now. `known_ollama` says what is known of Ollama, else it is asked. Raises `StoreError`."""
    found: list[OllamaServer | None] = []
    asking = threading.Thread(target=lambda: found.append(probe()), daemon=True)
    if known_ollama is None:
        asking.start()
    counts = thau.examples.counts()
    name = thau.settings.model.name
    version = thau.versions.find(name)
    device = device_in_use(thau.settings.model.of(version.base if version else name).device)
    ended, due = thau.runs.last_ended(), thau.next_training()
    if known_ollama is None:
        asking.join()
    else:
        found.append(known_ollama())
    return Status(
        model=name,
        version=name if version_number(name) is not None else None,
        pending=counts["pending"],
        trained=counts["trained"],
        total=sum(counts.values()),
        device=device,
        ollama=found[0] if found else None,
        next_run=due.isoformat(timespec="seconds") if due else None,
        last_run=ended.ended_at if ended else None,
        training=training(thau),
    )


def training(thau: Thau) -> TrainingStatus:
    """The training that runs now, in whatever process. Raises `StoreError`."""
    run = thau.runs.running()
    if run is None or run.is_orphan:
        return TrainingStatus()
    return TrainingStatus("running", run.step, run.steps, run.loss)


def version_number(name: str) -> int | None:
    """N of `thau-<size>-v<N>`, None for any other name; 1 is the base without an adapter."""
    match = _VERSION.match(name)
    return int(match["number"]) if match else None


def device_in_use(wish: str) -> str:
    """The device a model would run on, as far as it can be told without importing torch."""
    if wish not in ("", "auto"):
        return wish
    gpus = hardware.facts().gpus
    if not gpus or importlib.util.find_spec("torch") is None or metadata.version("torch").endswith("+cpu"):
        return "cpu"
    return gpus[0].backend
