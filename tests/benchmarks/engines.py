"""What THAU takes from each engine's speed: tokens a second of a whole turn against the engine alone, with the same
flags, and the time that it adds to the first words. The two take turns, and each ratio is of neighbours in time.

The model is random, of some 90 million parameters, about as fast here as a good one is on a good computer, and never
ends by itself, so all decode the same number of tokens.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests import tiny_gguf
from tests.benchmarks.listening import application, hear
from tests.benchmarks.report import Figure, middle, percentile
from tests.standins.llama_ollama import TAG, llama_ollama
from tests.standins.llama_server import llama_server
from thau_desktop.app import Thau
from thau_desktop.export.gguf import to_gguf
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.inference.gguf_backend import GgufBackend
from thau_desktop.inference.gguf_host import GgufOptions
from thau_desktop.inference.host import HostOptions
from thau_desktop.inference.local import LocalBackend
from thau_desktop.messages import GenerationDone, Message, Sampling, Text
from thau_desktop.models.catalog import DEFAULT_MODEL
from thau_desktop.paths import resources
from thau_desktop.process import Child

RATIO, ADDED, FASTER = 0.98, 0.02, 2.0
CONTEXT = 2048
PROMPTS = (
    "Dibuja un gato azul",
    "What is a neural network?",
    "¿Qué es la temperatura?",
    "a penguin with a candle",
    "What is overfitting?",
    "tell me about gradient descent",
)
QUESTION = "Explain what recursion is, step by step, with an example."
Timed = tuple[float, float]  # seconds to the first token, tokens a second after it


class BareLlama:
    """llama.cpp in a process of its own, as `GgufModel` starts it, with the least around it. Runs in the child."""

    def __init__(self, file: Path) -> None:
        from thau_desktop.inference.gguf_model import GgufModel

        self._model = GgufModel(file, name="bare", context=CONTEXT, thread_count=1)

    def ask(self, messages: tuple[Message, ...], tokens: int, *, cancel: threading.Event) -> Iterator[Timed]:
        words = self._model.format
        prompt = words.encode(words.render(messages))
        asked = {
            "prompt": prompt,
            "n_predict": tokens,
            "stream": True,
            "cache_prompt": True,
            "temperature": 0,
            "top_k": 1,
        }
        times: list[float] = []
        started = time.perf_counter()
        self._model._server.handle_completions(json.dumps(asked), lambda _piece: times.append(time.perf_counter()))
        yield times[0] - started, (tokens - 1) / (times[-1] - times[0])


def measure(quick: bool) -> Iterator[Figure]:
    """Ratios and added seconds, for each engine."""
    qt = application()
    tokens, rounds = (32, 2) if quick else (96, 15)
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="thau-bench-"))
        thau = stack.enter_context(Thau(home))
        thau.change("model", "threads", 1)
        file = tiny_gguf.write(thau.paths.models / "random.gguf", context=CONTEXT, size=768, layers=16)
        server = stack.enter_context(llama_server(file, context=CONTEXT))
        ollama = stack.enter_context(llama_ollama(file, CONTEXT))
        os.environ["OLLAMA_HOST"] = ollama
        thau.change("model", "servers", f"here={server}")
        system = thau.personas.get(thau.settings.chat.persona).system_prompt
        messages = (Message("system", (Text(system),)), Message("user", (Text(QUESTION),)))
        child = Child(partial(BareLlama, file), name="bare llama.cpp")
        stack.callback(child.close)
        wire = [{"role": message.role, "content": message.text} for message in messages]
        openai = {"model": str(file), "messages": wire, "stream": True, "temperature": 0, "max_tokens": tokens}
        own = {"num_ctx": CONTEXT, "temperature": 0, "num_predict": tokens}
        engines: dict[str, tuple[str, Callable[[], Timed]]] = {
            "llama.cpp": ("random", lambda: next(iter(child.call("ask", messages, tokens)))),
            "llama-server": (f"here/{file}", partial(_http, f"{server}/chat/completions", openai, tokens, "data: ")),
            "Ollama's stand-in": (
                f"ollama/{TAG}",
                partial(_http, f"{ollama}/api/chat", {"model": TAG, "messages": wire, "options": own}, tokens, ""),
            ),
        }
        for name, (model, bare) in engines.items():
            yield from _compared(name, partial(_turn, thau, model, tokens), bare, rounds)
        yield _against_transformers(thau.paths.models / "nano.gguf", PROMPTS[:2] if quick else PROMPTS)
    del qt


def _against_transformers(file: Path, prompts: tuple[str, ...]) -> Figure:
    """The starter model in float16 by llama.cpp, beside the same in float32 by transformers, with one thread each."""
    folder = resources() / "starter" / DEFAULT_MODEL
    for _event in to_gguf(folder, file, "f16"):
        pass
    backends = (
        GgufBackend(GgufOptions(file, "file", CONTEXT, threads=1)),
        LocalBackend(HostOptions(folder, "folder", CONTEXT, threads=1)),
    )
    ratios = []
    for prompt in ("Hola", *prompts):
        request = GenerationRequest((Message("user", (Text(prompt),)),), Sampling(temperature=0, max_new_tokens=64))
        rates = []
        for backend in backends:
            *_words, done = backend.stream(request, threading.Event())
            assert isinstance(done, GenerationDone)
            rates.append(done.tokens / (done.seconds - done.first_token_seconds))
        ratios.append(rates[0] / rates[1])
    for backend in backends:
        backend.close()
    note = f"{len(prompts)} prompts, between {min(ratios[1:]):.1f} and {max(ratios[1:]):.1f}"
    return Figure("tokens/s of the starter, llama.cpp : transformers", middle(ratios[1:]), "", least=FASTER, note=note)


def _compared(name: str, ours: Callable[[], Timed], bare: Callable[[], Timed], rounds: int) -> Iterator[Figure]:
    ours(), bare()  # warm up
    pairs = []
    for number in range(rounds):
        first, second = (ours, bare) if number % 2 else (bare, ours)
        one, other = first(), second()
        pairs.append((one, other) if number % 2 else (other, one))
    ratios = [mine[1] / theirs[1] for mine, theirs in pairs]
    added = [mine[0] - theirs[0] for mine, theirs in pairs]
    note = f"half of {rounds} between {percentile(ratios, 0.25):.3f} and {percentile(ratios, 0.75):.3f}"
    yield Figure(f"{name}, alone, tokens/s", middle([theirs[1] for _mine, theirs in pairs]), "tok/s")
    yield Figure(f"Thau.chat.turn : {name}", middle(ratios), "", least=RATIO, note=note)
    note = f"half between {percentile(added, 0.25) * 1000:.0f} and {percentile(added, 0.75) * 1000:.0f} ms"
    yield Figure(f"added to the first words of {name}", middle(added), "s", most=ADDED, note=note)


def _turn(thau: Thau, model: str, tokens: int) -> Timed:
    conversation = thau.conversations.create(model=model).id
    greedy = Sampling(temperature=0, top_k=1, max_new_tokens=tokens)
    heard = hear(lambda cancel: thau.chat.turn(conversation, QUESTION, cancel, sampling=greedy, tools="off"))
    return heard.finished.time_to_first_token_s, (tokens - 1) / heard.decoding


def _http(url: str, asked: dict[str, object], tokens: int, mark: str) -> Timed:
    """A server alone: its lines are read and parsed, nothing else."""
    request = urllib.request.Request(url, json.dumps(asked).encode(), {"Content-Type": "application/json"})
    times: list[float] = []
    started = time.perf_counter()
    with urllib.request.urlopen(request) as response:
        for line in response:
            data = line.decode().removeprefix(mark).strip()
            if data.startswith("{") and _words(json.loads(data)):
                times.append(time.perf_counter())
    return times[0] - started, (tokens - 1) / (times[-1] - times[0])


def _words(event: dict[str, object]) -> str:
    for choice in event.get("choices") or ():  # type: ignore[attr-defined]
        return str((choice.get("delta") or {}).get("content") or "")
    return str((event.get("message") or {}).get("content") or "")  # type: ignore[attr-defined]
