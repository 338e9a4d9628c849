"""How quick a model is on this machine, and how well it answers, in every configuration that fits: measured by asking.

Each configuration gets a process of its own, is asked a few short questions greedily, and leaves the memory again.
"""

from __future__ import annotations

import csv
import io
import statistics
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from thau_desktop import hardware
from thau_desktop.app import CONTEXT, Thau
from thau_desktop.errors import ThauError
from thau_desktop.inference import estimate
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.child_backend import ChildBackend
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.inference.opening import OpenBackend, backend_with, options_for
from thau_desktop.keys import SERVER
from thau_desktop.messages import GenerationDone, ModelReady, Sampling, TextDelta
from thau_desktop.paths import data
from thau_desktop.training.suites import Probe, concepts, is_right
from thau_desktop.translation import N_, _

LONGEST = 64  # tokens of an answer
LABELS = {
    "full": N_("As is"),
    "int8": N_("8-bit"),
    "nf4": N_("4-bit (NF4)"),
    "gguf": N_("GGUF"),
    "ollama": N_("Ollama"),
    "server": N_("Server"),
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """One way to run a model. `kind`: a key of `LABELS`; `model`, the name that is asked."""

    kind: str
    model: str

    @property
    def label(self) -> str:
        """In the language in use."""
        return _(LABELS[self.kind])


@dataclass(frozen=True, slots=True)
class BenchStarted:
    """What will be measured; `left_out`, with the reason, what does not fit."""

    model: str
    configurations: tuple[Configuration, ...]
    left_out: tuple[tuple[Configuration, str], ...]
    questions: int


@dataclass(frozen=True, slots=True)
class BenchProgress:
    """`asked` of `total` questions are answered, over all configurations."""

    configuration: Configuration
    asked: int
    total: int

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.asked / self.total


@dataclass(frozen=True, slots=True)
class Measured:
    """What one configuration did.

    Attributes: `load_seconds` until it was in memory; `first_token_seconds`, the median over the questions;
    `tokens_per_second` of all answers after their first tokens; `peak_memory` of its process in bytes, on a graphics
    card what that gave, 0 where it can't be told; `quality`, the share of right answers.
    """

    configuration: Configuration
    device: str
    load_seconds: float
    first_token_seconds: float
    tokens_per_second: float
    peak_memory: int
    quality: float
    tokens: int


@dataclass(frozen=True, slots=True)
class BenchFailed:
    """A configuration could not be measured, and why; the others go on."""

    configuration: Configuration
    problem: str


BenchEvent = BenchStarted | BenchProgress | Measured | BenchFailed


def bench(thau: Thau, name: str, cancel: threading.Event) -> Iterator[BenchEvent]:
    """Measure a model in every configuration that fits; `cancel` ends it after the answer that is being made.

    Raises `ModelMissing` or `ModelBroken` for a model that is not there.
    """
    model = thau.models.find(name or thau.settings.model.name)
    fitting, left_out = _configurations(thau, model)
    probes = concepts(data() / "evaluation" / "benchmark.jsonl", {}).probes
    yield BenchStarted(model.name, tuple(fitting), tuple(left_out), len(probes))
    for place, configuration in enumerate(fitting):
        if cancel.is_set():
            return
        backend = _open(thau, configuration)
        try:
            for event in _measure(configuration, backend, probes, cancel):
                if isinstance(event, int):
                    asked = place * len(probes) + event
                    yield BenchProgress(configuration, asked, len(fitting) * len(probes))
                else:
                    yield event
        except ThauError as problem:
            yield BenchFailed(configuration, str(problem))
        finally:
            backend.close()


def table(results: Sequence[Measured]) -> str:
    """The results as CSV, with units in the names of the columns."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        [
            "model",
            "configuration",
            "device",
            "load_s",
            "time_to_first_token_s",
            "tokens_per_second",
            "peak_memory_bytes",
            "quality",
        ]
    )
    for each in results:
        writer.writerow(
            [
                each.configuration.model,
                each.configuration.kind,
                each.device,
                f"{each.load_seconds:.3f}",
                f"{each.first_token_seconds:.4f}",
                f"{each.tokens_per_second:.2f}",
                each.peak_memory,
                f"{each.quality:.3f}",
            ]
        )
    return out.getvalue()


def _configurations(thau: Thau, model: InstalledModel) -> tuple[list[Configuration], list[tuple[Configuration, str]]]:
    """Those that fit into the memory that is free now, and those that don't, with the reason."""
    if model.kind != "folder":
        return [Configuration(model.kind, model.name)], []
    fitting: list[Configuration] = []
    left_out: list[tuple[Configuration, str]] = []
    for kind in ("full", "int8", "nf4"):
        needed, free = estimate.of_folder(model.folder, kind, CONTEXT, thau.settings.model.device)
        configuration = Configuration(kind, model.name)
        if needed <= free:
            fitting.append(configuration)
        else:
            words = _("needs {needed} GB, and {free} GB are free")
            left_out.append((configuration, words.format(needed=f"{needed / 1e9:.1f}", free=f"{free / 1e9:.1f}")))
    fitting += [
        Configuration("gguf", other.name)
        for other in thau.models.installed()
        if other.kind == "gguf" and other.name.lower().startswith(model.name.lower())
    ]
    return fitting, left_out


def _open(thau: Thau, configuration: Configuration) -> OpenBackend:
    wish = thau.settings.model
    if configuration.kind in ("full", "int8", "nf4"):
        wish = wish.model_copy(update={"precision": configuration.kind})
    model = thau.models.find(configuration.model)
    options = options_for(model, wish, CONTEXT, lambda server: thau.keys.get(f"{SERVER}{server}"))
    return backend_with(options, thau.paths.logs / "thau_benchmark.log")


def _measure(
    configuration: Configuration, backend: OpenBackend, probes: Sequence[Probe], cancel: threading.Event
) -> Iterator[int | Measured]:
    """Yield how many questions are answered, then what was measured; nothing more when it was cancelled."""
    before = _card_memory()
    ready = next((event for event in backend.load(cancel) if isinstance(event, ModelReady)), None)
    done: list[GenerationDone] = []
    right = 0
    for number, probe in enumerate(probes):
        request = GenerationRequest(tuple(probe.lesson.messages), Sampling(temperature=0.0, max_new_tokens=LONGEST))
        words = ""
        for event in backend.stream(request, cancel):
            if isinstance(event, TextDelta):
                words += event.text
            elif isinstance(event, GenerationDone):
                done.append(event)
        if cancel.is_set():
            return
        right += is_right(probe, words)
        yield number + 1
    on_card = ready is not None and ready.device.startswith("cuda")
    later = [each for each in done if each.tokens > 1]
    seconds = sum(each.seconds - each.first_token_seconds for each in later)
    yield Measured(
        configuration,
        ready.device if ready else "",
        ready.seconds if ready else 0.0,
        statistics.median(each.first_token_seconds for each in done),
        sum(each.tokens - 1 for each in later) / seconds if seconds > 0 else 0.0,
        before - _card_memory() if on_card else _peak_memory(backend),
        right / len(probes),
        sum(each.tokens for each in done),
    )


def _card_memory() -> int:
    """Free bytes on all graphics cards."""
    return sum(gpu.memory_available for gpu in hardware.facts().gpus)


def _peak_memory(backend: OpenBackend) -> int:
    """The most bytes that a backend's process has held; 0 where it has none here, or the system does not tell."""
    pid = backend.pid if isinstance(backend, ChildBackend) else None
    if pid is None:
        return 0
    try:
        if sys.platform == "linux":
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
            return int(line.split()[1]) * 1024
        memory = psutil.Process(pid).memory_info()
        return int(getattr(memory, "peak_wset", memory.rss))  # only Windows keeps the peak
    except (OSError, psutil.Error, ValueError):
        return 0
