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
from typing import Any

import psutil

from thau_desktop import hardware
from thau_desktop.app import Thau
from thau_desktop.errors import ThauError
from thau_desktop.inference import estimate, model_folder
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.child_backend import ChildBackend
from thau_desktop.inference.model_folder import InstalledModel
from thau_desktop.inference.opening import OpenBackend, backend_with, options_for
from thau_desktop.keys import SERVER
from thau_desktop.messages import GenerationDone, Message, ModelReady, Sampling, Text, TextDelta
from thau_desktop.models.tokenizing import parallel
from thau_desktop.paths import data
from thau_desktop.settings import Model
from thau_desktop.training.suites import Probe, concepts, is_right
from thau_desktop.translation import N_, _

LONGEST = 64  # tokens of an answer
WINDOW = 512  # tokens that the configuration with a sliding window looks back at
_PAGE = 1200  # tokens, about, of the text that is read once, as far as the context has room for it
LABELS = {
    "full": N_("As is"),
    "int8": N_("8-bit"),
    "nf4": N_("4-bit (NF4)"),
    "window": N_("Sliding window"),
    "spread": N_("Over memory and disk"),
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
    `tokens_per_second` of all answers after their first tokens; `read_per_second`, tokens of a page of text until the
    first word about it, 0 where nobody counts them; `peak_memory` of its process in bytes, on a graphics card what that
    gave, 0 where it can't be told; `quality`, the share of right answers to the questions.
    """

    configuration: Configuration
    device: str
    load_seconds: float
    first_token_seconds: float
    tokens_per_second: float
    read_per_second: float
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

    Each is asked the same questions, and then about a page of text.

    Raises `ModelMissing` or `ModelBroken` for a model that is not there.
    """
    model = thau.models.find(name or thau.settings.model.name)
    fitting, left_out = _configurations(thau, model)
    probes = concepts(data() / "evaluation" / "benchmark.jsonl", {}).probes
    yield BenchStarted(model.name, tuple(fitting), tuple(left_out), len(probes) + 1)
    for place, configuration in enumerate(fitting):
        if cancel.is_set():
            return
        backend = _open(thau, configuration)
        try:
            for event in _measure(configuration, backend, probes, cancel):
                if isinstance(event, int):
                    asked = place * (len(probes) + 1) + event
                    yield BenchProgress(configuration, asked, len(fitting) * (len(probes) + 1))
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
            "prompt_tokens_per_second",
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
                f"{each.read_per_second:.1f}",
                each.peak_memory,
                f"{each.quality:.3f}",
            ]
        )
    return out.getvalue()


def _configurations(thau: Thau, model: InstalledModel) -> tuple[list[Configuration], list[tuple[Configuration, str]]]:
    """Those that fit into the memory that is free now; those that don't, or would change nothing, with the reason."""
    if model.kind != "folder":
        return [Configuration(model.kind, model.name)], []
    fitting: list[Configuration] = []
    left_out: list[tuple[Configuration, str]] = []
    made_for = model_folder.context_of(model.folder) or WINDOW + 1
    for kind in ("full", "int8", "nf4", "window", "spread"):
        wish = _wish(thau, model, kind)
        needed, free = estimate.of_folder(model.folder, wish.precision, wish.context, wish.device, wish.window)
        configuration = Configuration(kind, model.name)
        whole = any(each.kind == "full" for each in fitting)
        if kind == "window" and min(wish.context, made_for) <= WINDOW:
            left_out.append((configuration, _("the context is no longer than the window")))
        elif kind == "spread" and whole:
            left_out.append((configuration, _("it fits whole, so nothing would be moved")))
        elif needed <= free or kind == "spread":
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


def _wish(thau: Thau, model: InstalledModel, kind: str) -> Model:
    """The settings of a configuration: those of the model, but for what the configuration is about."""
    wish = thau.settings.model.of(model.base)
    changed: dict[str, Any] = {"own": {}}
    if kind in ("full", "int8", "nf4", "spread"):
        changed |= {"precision": kind, "window": 0}
    if kind == "window":
        changed |= {"precision": "full", "window": WINDOW}
    return wish.model_copy(update=changed)


def _open(thau: Thau, configuration: Configuration) -> OpenBackend:
    model = thau.models.find(configuration.model)
    wish = _wish(thau, model, configuration.kind)
    options = options_for(model, wish, lambda server: thau.keys.get(f"{SERVER}{server}"))
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
        words, ended = _ask(backend, probe.lesson.messages, LONGEST, cancel)
        if ended is None:
            return
        done.append(ended)
        right += is_right(probe, words)
        yield number + 1
    _words, read = _ask(backend, _page(backend), 1, cancel)
    if read is None:
        return
    yield len(probes) + 1
    on_card = ready is not None and ready.device.startswith("cuda")
    later = [each for each in done if each.tokens > 1]
    seconds = sum(each.seconds - each.first_token_seconds for each in later)
    yield Measured(
        configuration,
        device=ready.device if ready else "",
        load_seconds=ready.seconds if ready else 0.0,
        first_token_seconds=statistics.median(each.first_token_seconds for each in done),
        tokens_per_second=sum(each.tokens - 1 for each in later) / seconds if seconds > 0 else 0.0,
        read_per_second=read.prompt_tokens / read.first_token_seconds if read.first_token_seconds else 0.0,
        peak_memory=before - _card_memory() if on_card else _peak_memory(backend),
        quality=right / len(probes),
        tokens=sum(each.tokens for each in done),
    )


def _ask(
    backend: OpenBackend, messages: Sequence[Message], longest: int, cancel: threading.Event
) -> tuple[str, GenerationDone | None]:
    """What was answered, greedily, and how it ended: None when it was cancelled."""
    request = GenerationRequest(tuple(messages), Sampling(temperature=0.0, max_new_tokens=longest))
    words, ended = "", None
    for event in backend.stream(request, cancel):
        if isinstance(event, TextDelta):
            words += event.text
        elif isinstance(event, GenerationDone):
            ended = event
    return words, None if cancel.is_set() else ended


def _page(backend: OpenBackend) -> tuple[Message, ...]:
    """A text of `_PAGE` tokens, or of three quarters of the context where that is less."""

    def said(times: int) -> tuple[Message, ...]:
        return (Message("user", (Text(" ".join(pair[code] for pair in sentences for code in pair) * times),)),)

    sentences = parallel()
    counts = backend.count_tokens(said(1))
    return said(max(1, round(min(_PAGE, 0.75 * counts.limit) / counts.total)))


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
