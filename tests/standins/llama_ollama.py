"""The stand-in for Ollama, answering through llama.cpp with a GGUF file, in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.standins.ollama import Held, Ollama, Piece, serving
from thau_desktop.messages import Message, Text
from thau_desktop.process import run_in_child

TAG = "nano:latest"


def serve(file: str, context: int, *, cancel: threading.Event) -> Iterator[str]:
    """Yield the server's address, then let it run until `cancel` is set."""
    from thau_desktop.inference.gguf_model import GgufModel

    model = GgufModel(Path(file), name="nano", context=context, thread_count=1)

    def answer(asked: dict[str, Any]) -> Iterator[Piece]:
        messages = [Message(message["role"], (Text(message["content"]),)) for message in asked["messages"]]
        options = asked["options"]
        prompt = model.format.encode(model.format.render(messages))
        wanted = {"prompt": prompt, "n_predict": options["num_predict"], "stream": True, "cache_prompt": True}
        wanted |= {"temperature": options["temperature"], "top_k": 1}
        for pieces in model._pieces(wanted, threading.Event()):
            yield "".join(piece["choices"][0]["text"] for piece in pieces)

    with serving(Ollama(answer=answer, models={TAG: Held(context=context)})) as ollama:
        yield ollama.url
        cancel.wait()


@contextmanager
def llama_ollama(file: Path, context: int = 2048) -> Iterator[str]:
    """Its address."""
    cancel = threading.Event()
    events = run_in_child(serve, (str(file), context), cancel, name="Ollama")
    yield next(events)
    cancel.set()
    for _event in events:
        pass
