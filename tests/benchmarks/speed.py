"""How fast answers come: the first words, tokens a second, and how much of transformers' own speed is left.

The starter model is asked through the whole app. For the speed of decoding it runs as a copy whose end token ends
nothing, so that all decode the same number of tokens from the same prompt, greedily; THAU and the bare loop take
turns, and each ratio is of neighbours in time.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from tests.benchmarks.bare import Bare, Decoded, endless
from tests.benchmarks.filling import fill
from tests.benchmarks.listening import Heard, application, hear
from tests.benchmarks.report import Figure, middle, percentile, spread
from thau_desktop.app import Thau
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.messages import GenerationDone, Message, ModelReady, Sampling, Text, TextDelta
from thau_desktop.models.catalog import DEFAULT_MODEL, find
from thau_desktop.process import Child

FIRST_SECONDS, RATE, RATIO = 0.3, 60.0, 0.97
ENDLESS = "endless"
QUESTION = "Explain what recursion is, step by step, with an example."
PROMPTS = (
    "¿Qué es una variable?",
    "What is recursion?",
    "Dibuja un zorro rojo en la nieve al atardecer",
    "¿Para qué sirve un bucle? Explícamelo con un ejemplo, que soy nuevo en esto.",
    "Draw a lighthouse in a storm",
    "Explain the difference between a list and a dictionary, and when to use which of them.",
    "Hola, ¿cómo estás hoy?",
    "Who won the 1998 world cup?",
    "No entiendo qué es una función, ¿me ayudas?",
)


def measure(quick: bool) -> Iterator[Figure]:
    """Seconds to the first words, tokens a second, ratios."""
    qt = application()
    with tempfile.TemporaryDirectory(prefix="thau-bench-") as home, Thau(home) as thau:
        thau.change("general", "language", "en")
        endless(find(thau.paths, DEFAULT_MODEL).path, thau.paths.models / ENDLESS)
        yield from _first_words(thau, quick)
        yield from _decoding(thau, 64 if quick else 512, 2 if quick else 9)
    del qt


# --- the first words -------------------------------------------------------------------------------------------


def _first_words(thau: Thau, quick: bool) -> Iterator[Figure]:
    ready = _load(thau, "")
    yield Figure("reading the model, in its process", ready.seconds, "s", note=f"{ready.threads} threads")
    found = [_first(thau, prompt, thau.conversations.create().id) for prompt in PROMPTS[: 3 if quick else None]]
    yield Figure("first words of the first answer", found[0], "s", most=FIRST_SECONDS)
    yield Figure("first words, median", middle(found[1:]), "s", most=FIRST_SECONDS, note=spread(found[1:]))
    messages = 1_000 if quick else 10_000
    long = fill(thau.conversations, messages, "Long")
    found = [_first(thau, prompt, long) for prompt in PROMPTS[: 3 if quick else None]]
    yield Figure(f"first words in a conversation of {messages:,} messages", middle(found), "s", note=spread(found))


def _first(thau: Thau, prompt: str, conversation: int) -> float:
    return hear(lambda cancel: thau.chat.turn(conversation, prompt, cancel), only_first=True).first


def _load(thau: Thau, model: str) -> ModelReady:
    events = list(thau.backend(model).load(threading.Event()))
    return next(event for event in events if isinstance(event, ModelReady))


# --- tokens a second -------------------------------------------------------------------------------------------


def _decoding(thau: Thau, tokens: int, rounds: int) -> Iterator[Figure]:
    ready = _load(thau, ENDLESS)
    system = thau.personas.get(thau.settings.chat.persona).system_prompt
    messages = (Message("system", (Text(system),)), Message("user", (Text(QUESTION),)))
    child = Child(partial(Bare, thau.paths.models / ENDLESS, ready), name="bare transformers")
    greedy = Sampling(temperature=0, max_new_tokens=tokens)
    ways: dict[str, Callable[[], Decoded | Heard]] = {
        "bare loop": lambda: next(iter(child.call("loop", messages, tokens))),
        "LocalBackend.stream": lambda: _stream(thau, GenerationRequest(messages, greedy)),
        "Thau.chat.turn": lambda: _turn(thau, greedy),
        "model.generate": lambda: next(iter(child.call("generate", messages, tokens))),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    try:
        note = _same_work({name: way() for name, way in ways.items()}, tokens)  # the first round warms up
        for number in range(rounds):
            for name in ways if number % 2 else reversed(ways):
                rates[name].append(ways[name]().rate)
    finally:
        child.close()
    own = Sampling(
        **{key: getattr(thau.settings.chat, key) for key in ("temperature", "top_p", "top_k")}, max_new_tokens=tokens
    )
    chosen = [_turn(thau, own).rate for _round in range(max(3, rounds // 2))]
    what = f"tokens/s, {tokens} tokens"
    yield Figure(f"{what}, Thau.chat.turn, greedy", middle(rates["Thau.chat.turn"]), "tok/s", least=RATE)
    yield Figure(f"{what}, Thau.chat.turn, own sampling", middle(chosen), "tok/s", least=RATE, note=spread(chosen))
    for name in ("LocalBackend.stream", "bare loop", "model.generate"):
        yield Figure(f"{what}, {name}, greedy", middle(rates[name]), "tok/s", note=note if name == "bare loop" else "")
    for name, least in (("LocalBackend.stream", RATIO), ("Thau.chat.turn", RATIO), ("model.generate", None)):
        ratios = [ours / bare for ours, bare in zip(rates[name], rates["bare loop"], strict=True)]
        low, high = percentile(ratios, 0.25), percentile(ratios, 0.75)
        note = f"half of {rounds} between {low:.3f} and {high:.3f}"
        yield Figure(f"{name} : bare loop", middle(ratios), "", least=least, note=note)


def _stream(thau: Thau, request: GenerationRequest) -> Decoded:
    first, text = 0.0, ""
    for event in thau.backend(ENDLESS).stream(request, threading.Event()):
        if isinstance(event, TextDelta):
            first = first or time.perf_counter()
            text += event.text
        elif isinstance(event, GenerationDone):
            return Decoded(event.tokens, time.perf_counter() - first, event.prompt_tokens, text)
    raise RuntimeError("the stream ended without its last event")


def _turn(thau: Thau, sampling: Sampling) -> Heard:
    """A turn in a new conversation; without tools, so that a call that is written by chance starts no second round."""
    conversation = thau.conversations.create(model=ENDLESS).id
    return hear(lambda cancel: thau.chat.turn(conversation, QUESTION, cancel, sampling=sampling, tools="off"))


def _same_work(results: dict[str, Decoded | Heard], tokens: int) -> str:
    """Raises unless all read as many tokens and wrote as many; says how many, and whether all wrote the same words."""
    for name, result in results.items():
        wrote = result.finished.tokens if isinstance(result, Heard) else result.tokens
        if wrote != tokens:
            raise RuntimeError(f"{name} generated {wrote} tokens instead of {tokens}")
    prompts = {r.finished.context_used if isinstance(r, Heard) else r.prompt_tokens for r in results.values()}
    if len(prompts) != 1:
        raise RuntimeError(f"the prompts differ: {prompts} tokens")
    texts = [result.text for result in results.values() if isinstance(result, Decoded)]
    same = all(text.rstrip("\ufffd").startswith(texts[1]) for text in texts)
    return f"prompt of {prompts.pop()} tokens, {'the same words' if same else 'other words, by rounding'}"
