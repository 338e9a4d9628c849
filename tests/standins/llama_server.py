"""A real llama-server on loopback, in a process of its own: it speaks OpenAI's API as LM Studio and vLLM do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from thau_desktop.process import run_in_child


def serve(file: str, key: str, context: int, *, cancel: threading.Event) -> Iterator[str]:
    """Yield the server's address, then let it run until `cancel` is set."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.n_ctx = context
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.verbosity = 1
    params.api_keys = [key] if key else []
    server = xllamacpp.Server(params)
    yield server.listening_address
    cancel.wait()


@contextmanager
def llama_server(file: Path, key: str = "", context: int = 256) -> Iterator[str]:
    """Its address up to `/v1`."""
    cancel = threading.Event()
    events = run_in_child(serve, (str(file), key, context), cancel, name="llama-server")
    yield f"{next(events)}/v1"
    cancel.set()
    for _event in events:
        pass
