"""A model in a GGUF file, run by llama.cpp. Imported only in its child, which never holds torch as well."""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import xllamacpp

from thau_desktop.errors import ContextTooLong, ModelBroken, ModelUnsupported, OutOfMemory
from thau_desktop.inference import gguf_file, threads
from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.inference.chat_format import ChatFormat
from thau_desktop.inference.estimate import gguf_needs
from thau_desktop.inference.gguf_file import GgufFacts
from thau_desktop.inference.gguf_tokenizer import GgufTokenizer
from thau_desktop.inference.precision import gigabytes
from thau_desktop.messages import GenerationDone, Message, ModelReady, Sampling, TextDelta
from thau_desktop.translation import _

BATCH = 256  # tokens of a prompt that are read between two looks at `cancel`
TELL_SECONDS = 1 / 30  # as in `language`: a fast model's tokens travel together
_DEFAULT_CONTEXT = 2048


class GgufModel:
    """A resident model. One generation at a time: the caller sees to that.

    Attributes:
        ready: what was loaded, as the event that says so.
        tokenizer: that of the file.
    """

    def __init__(
        self,
        file: Path,
        *,
        name: str,
        context: int = 0,
        thread_count: int = 0,
        device: str = "auto",
        adapter: Path | None = None,
    ) -> None:
        """Raises `ModelMissing`, `ModelBroken`, `ModelUnsupported`, or `OutOfMemory` where it is known beforehand."""
        started = time.perf_counter()
        facts = gguf_file.facts(file)
        limits = [context, facts.manifest.context or facts.context]
        self.context = min((limit for limit in limits if limit > 0), default=_DEFAULT_CONTEXT)
        memory = facts.weights + facts.cache * self.context
        gpu = _gpu(device)
        if not gpu:
            _check_memory(name, gguf_needs(facts, self.context))
        self._file, self._adapter, self._gpu, self._facts = file, adapter, gpu, facts
        self._key = secrets.token_hex(16)
        thread_count = thread_count or threads.choose(self._step_seconds, facts.parameters)
        self._server = self._start(thread_count)
        self.tokenizer = GgufTokenizer(facts, self._server.listening_address, self._key)
        self.format = ChatFormat(self.tokenizer, facts.manifest)
        self.ready = ModelReady(
            model=name,
            device=gpu or "cpu",
            dtype=facts.quantization or "GGUF",
            seconds=time.perf_counter() - started,
            parameters=facts.parameters,
            memory=memory,
            context=self.context,
            threads=thread_count,
        )

    def count(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> TokenCounts:
        return self.format.count(messages, tools, self.context)

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[TextDelta | GenerationDone]:
        """Yield raw text as it is decoded, then GenerationDone. Raises `ContextTooLong` for a prompt without room."""
        started = time.perf_counter()
        prompt = self.format.encode(self.format.render(request.messages, request.tools))
        room = self.context - len(prompt)
        if room < 1:
            raise ContextTooLong(
                _("The conversation takes {used} tokens, the model holds {limit}.").format(
                    used=len(prompt), limit=self.context
                ),
                _("Start a new conversation, or shorten the message."),
            )
        most = min(room, request.sampling.max_new_tokens)
        asked = {"prompt": prompt, "n_predict": most, "stream": True, "cache_prompt": True, "return_progress": True}
        asked |= _sampling(request.sampling, self.context)
        if request.schema is not None:
            asked["json_schema"] = request.schema
        tokens, first, reason = 0, 0.0, "cancelled"
        for pieces in self._pieces(asked, cancel):
            first = first or time.perf_counter() - started
            words = ""
            for piece in pieces:
                choice = piece["choices"][0]
                words += choice["text"]
                tokens += 1
                if choice["finish_reason"] is not None:
                    reason = choice["finish_reason"]
                    tokens = piece["usage"]["completion_tokens"] - (reason == "stop")  # the last one is no word
            if words:
                yield TextDelta(words)
        seconds = time.perf_counter() - started
        yield GenerationDone(
            "stop" if reason == "stop" else "length" if reason == "length" else "cancelled",
            tokens,
            seconds,
            first or seconds,
            len(prompt),
        )

    def _pieces(self, asked: dict[str, Any], cancel: threading.Event) -> Iterator[list[dict[str, Any]]]:
        """What the server says: the first piece at once, later ones together, because waking for each takes time from
        the model. It is told to stop when `cancel` is set or nobody listens any more."""
        said: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        left, ended = threading.Event(), threading.Event()

        def take(piece: str) -> bool:
            said.put(piece)
            return cancel.is_set() or left.is_set()

        def run() -> None:
            try:
                self._server.handle_completions(json.dumps(asked), take)
                said.put(None)
            except Exception as problem:  # noqa: BLE001 - raised where it is listened to
                said.put(problem)
            ended.set()

        speaker = threading.Thread(target=run, name="llama.cpp")
        speaker.start()
        try:
            going = True
            while going:
                pieces = [said.get()]
                while not said.empty():
                    pieces.append(said.get())
                going = pieces[-1] is not None
                found = [_piece(piece) for piece in pieces if piece is not None]
                if cancel.is_set():
                    return
                words = [piece for piece in found if "prompt_progress" not in piece]
                if words:
                    yield words
                    ended.wait(TELL_SECONDS)
        finally:
            left.set()
            speaker.join()

    def _start(self, thread_count: int) -> Any:
        params = xllamacpp.CommonParams()
        params.model.path = str(self._file)
        params.n_ctx = self.context
        params.n_batch = params.n_ubatch = BATCH
        params.n_gpu_layers = -1 if self._gpu else 0  # -1: as many as fit
        params.fit_params = bool(self._gpu)
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = thread_count
        params.warmup = False
        params.cache_ram_mib = 0  # one conversation is in use at a time: older prompts are not kept
        params.verbosity = 1
        params.api_keys = [self._key]  # its port on loopback is ours alone
        params.ui = params.endpoint_slots = False
        if self._adapter is not None:
            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(self._adapter), 1.0)]
        try:
            server = xllamacpp.Server(params)
        except RuntimeError as problem:
            raise _unusable(self._file, self._facts, problem) from problem
        # One that is let go of before its loop runs waits forever for its end; and the first step is the slowest.
        server.handle_completions(json.dumps({"prompt": [0], "n_predict": 1}), _ignore)
        return server

    def _step_seconds(self, thread_count: int) -> float:
        """Seconds of a decode step with so many threads."""
        told: list[str] = []
        asked = {"prompt": [0] * 8, "n_predict": threads.STEPS, "ignore_eos": True, "temperature": 0, "stream": True}
        server = self._start(thread_count)
        for _try in range(2):  # the first one starts the threads and reads the file
            server.handle_completions(json.dumps(asked), told.append)
        return float(json.loads(told[-1])["timings"]["predicted_per_token_ms"]) / 1000


def _piece(piece: str | Exception) -> dict[str, Any]:
    """What was said, raised where it is a problem."""
    if isinstance(piece, Exception):
        raise piece
    found: dict[str, Any] = json.loads(piece)
    if "choices" not in found:
        raise RuntimeError(f"llama.cpp: {piece[:500]}")
    return found


def _ignore(_piece: str) -> None:
    """What is said only to wake the server."""


def _sampling(sampling: Sampling, context: int) -> dict[str, Any]:
    """As our own decoding does it: penalty over everything read, temperature, top-k, top-p, and nothing else."""
    values: dict[str, Any] = {
        "samplers": ["penalties", "temperature", "top_k", "top_p"],
        "temperature": max(0.0, sampling.temperature),
        "top_k": max(0, sampling.top_k),
        "top_p": sampling.top_p if 0 < sampling.top_p < 1 else 1.0,
        "repeat_penalty": sampling.repetition_penalty if sampling.repetition_penalty > 0 else 1.0,
        "repeat_last_n": context,
    }
    if sampling.temperature <= 0:
        values["samplers"], values["top_k"] = ["penalties", "top_k"], 1
    if sampling.seed is not None:
        values["seed"] = sampling.seed % (1 << 32)
    return values


def _gpu(device: str) -> str:
    """The kind of the graphics processor to use ("cuda", "metal", "vulkan"); empty: none."""
    if device == "cpu":
        return ""
    kinds = (xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_GPU,)
    found = [entry["name"] for entry in xllamacpp.get_device_info() if entry["type"] in kinds]
    return str(found[0]).lower().rstrip("0123456789") if found else ""


def _check_memory(name: str, needed: int) -> None:
    free = psutil.virtual_memory().available
    if needed > free:
        raise OutOfMemory(
            _("{name} takes {needed} GB of memory, and {free} GB are free.").format(
                name=name, needed=gigabytes(needed), free=gigabytes(free)
            ),
            _("Close other programs, choose a file with fewer bits (such as Q4_K_M), or a smaller model."),
        )


def _unusable(file: Path, facts: GgufFacts, problem: Exception) -> ModelBroken:
    from gguf.constants import MODEL_ARCH_NAMES

    if facts.architecture not in MODEL_ARCH_NAMES.values():
        return ModelUnsupported(
            _("The model's architecture “{kind}” is not one that THAU can run.").format(kind=facts.architecture or "?"),
            _("Choose another model, or update THAU."),
        )
    return ModelBroken(
        _("llama.cpp can't load the model in {file}.").format(file=file),
        _("Download it again, or choose another model."),
        details=str(problem),
    )
