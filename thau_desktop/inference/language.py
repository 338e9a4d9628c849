"""A transformers language model: loads a folder, renders, decodes token by token. Imported only in the child.

The loop is ours because `generate` neither keeps the cache between turns nor stops at a token. The key-value cache of
the last prompt is cropped to what the next one shares with it, so a following turn reads only what is new.
"""

from __future__ import annotations

import gc
import importlib.util
import inspect
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from transformers.utils import logging as logging_of_transformers

from thau_desktop.errors import ContextTooLong, ModelBroken, ModelUnsupported
from thau_desktop.inference import model_folder, precision, threads
from thau_desktop.inference.adapter import Adapters
from thau_desktop.inference.backend import GenerationRequest, TokenCounts
from thau_desktop.inference.cache import can_crop, growing_cache
from thau_desktop.inference.chat_format import ChatFormat
from thau_desktop.inference.decoding import Detokenizer, Sampler
from thau_desktop.inference.half import half_pays
from thau_desktop.inference.precision import Precision, Wish
from thau_desktop.inference.step_time import step_seconds
from thau_desktop.messages import GenerationDone, Message, ModelReady, TextDelta
from thau_desktop.process_child import is_out_of_memory
from thau_desktop.translation import _

_SHARE = 0.8  # of what is free may be filled with weights; the rest is for the conversation and others
PREFILL_TOKENS = 256  # a prompt is read in pieces of this many, with a look at `cancel` between them
TELL_SECONDS = 1 / 30  # a fast model's tokens travel together: a message each takes a core from the model

_logger = logging.getLogger(__name__)


class Vocabulary:
    """The light half of a model: tokenizer, template, limits. Enough to count tokens.

    Attributes:
        context: tokens that prompt and answer may take together.
    """

    def __init__(self, folder: Path, context: int = 0) -> None:
        """Raises `ModelMissing`, `ModelBroken` or `ModelUnsupported`."""
        model_folder.check(folder)
        config = model_folder.read_json(folder / "config.json")
        kind = str(config.get("model_type", ""))
        if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES and "auto_map" in config:
            raise ModelUnsupported(
                _(
                    "The model {name} brings its own program, which THAU does not run: it could do anything here."
                ).format(name=folder.name),
                _("Choose another model, or its GGUF file, if there is one."),
            )
        if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
            raise ModelUnsupported(
                _("The model's architecture “{kind}” is not one that THAU can run.").format(kind=kind or "?"),
                _("Choose another model, or update THAU."),
            )
        manifest = model_folder.read_manifest(folder)
        try:
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except Exception as problem:  # a tokenizer's files may break in as many ways as there are kinds of it
            if is_out_of_memory(problem):
                raise
            raise _unreadable(folder, problem) from problem
        limits = [context, model_folder.context_of(folder)]
        self.context = min((limit for limit in limits if limit > 0), default=2048)
        self.format = ChatFormat(tokenizer, manifest, _stop_ids(folder, config))

    def count(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> TokenCounts:
        return self.format.count(messages, tools, self.context)


class LanguageModel:
    """A resident model. One generation at a time: the caller sees to that.

    Attributes:
        precision: in how many bits its weights are held.
        ready: what was loaded, as the event that says so.
    """

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        *,
        name: str = "",
        thread_count: int = 0,
        device: str = "auto",
        wish: Wish = "full",
        window: int = 0,
        adapter: Path | None = None,
    ) -> None:
        """Read the weights. `thread_count` 0 measures; `wish` is their precision, `window` the tokens it looks back at.

        Raises `ModelBroken`, and `OutOfMemory` where it is known beforehand; memory errors as they come.
        """
        started = time.perf_counter()
        self.vocabulary = vocabulary
        self.device, dtype = choose_device(device)
        if self.device.type == "cpu" and adapter is None and half_pays(precision.weights_of(folder).total):
            dtype = torch.bfloat16
        placement = choose_placement(
            folder, wish, dtype, self.device, precision.kept_tokens(vocabulary.context, window)
        )
        self.precision = placement.precision
        spread = shares(self.device) if placement.spread else None
        free = free_memory(self.device)
        try:
            self._model = read_weights(folder, dtype, self.device, self.precision, spread)
        except Exception as problem:
            if not is_out_of_memory(problem):
                raise
            weights = precision.weights_of(folder)
            raise precision.did_not_fit(weights, placement, dtype.itemsize, free, name or folder.name) from problem
        self._adapters = Adapters(self._model)
        self._adapters.use(adapter)
        parameters = self._model.num_parameters()
        self._threads = 0
        if self.device.type == "cpu":
            self._threads = thread_count or threads.choose(partial(step_seconds, self._model), parameters)
        self._only_last = (
            {"logits_to_keep": 1} if "logits_to_keep" in inspect.signature(self._model.forward).parameters else {}
        )
        self._window = window
        self._cache: Any = None
        self._cached: list[int] = []
        self.ready = ModelReady(
            model=name or folder.name,
            device=str(self.device),
            dtype=str(dtype).removeprefix("torch.") if self.precision == "full" else self.precision,
            seconds=time.perf_counter() - started,
            parameters=parameters,
            memory=sum(p.numel() * p.element_size() for p in self._model.parameters()),
            context=vocabulary.context,
            threads=self._threads,
        )

    def use(self, adapter: Path | None, name: str) -> None:
        """Change the adapter. Raises `ModelMissing` or `ModelBroken`, then the one before stays."""
        self._adapters.use(adapter)
        self._forget()  # what was read, was read by another model
        self.ready = replace(self.ready, model=name)

    def stream(self, request: GenerationRequest, cancel: threading.Event) -> Iterator[TextDelta | GenerationDone]:
        """Yield raw text as it is decoded, then GenerationDone. Raises `ContextTooLong` for a prompt without room."""
        started = time.perf_counter()
        words = self.vocabulary.format
        prompt = words.encode(words.render(request.messages, request.tools))
        room = self.vocabulary.context - len(prompt)
        if room < 1:
            raise ContextTooLong(
                _("The conversation takes {used} tokens, the model holds {limit}.").format(
                    used=len(prompt), limit=self.vocabulary.context
                ),
                _("Start a new conversation, or shorten the message."),
            )
        if self._threads:
            torch.set_num_threads(self._threads)  # OpenMP's number belongs to a thread, and each call has its own
        try:
            yield from self._decode(prompt, min(room, request.sampling.max_new_tokens), request, cancel, started)
        except Exception as problem:
            self._forget()
            if is_out_of_memory(problem):
                gc.collect()
            raise

    def _decode(
        self, prompt: list[int], most: int, request: GenerationRequest, cancel: threading.Event, started: float
    ) -> Iterator[TextDelta | GenerationDone]:
        sample = Sampler(request.sampling)
        text = Detokenizer(self.vocabulary.format.decode, self.vocabulary.format.special)
        stops = self.vocabulary.format.stops
        ids = list(prompt)
        untold: list[int] = []
        first_seconds = told = 0.0
        reason = "length"
        logits = self._prefill(prompt, cancel)
        while len(ids) - len(prompt) < most:
            if logits is None or cancel.is_set():
                reason = "cancelled"
                break
            token = sample(logits, ids)
            if token in stops:
                reason = "stop"
                break
            ids.append(token)
            untold.append(token)
            now = time.perf_counter()
            if not first_seconds:
                first_seconds = now - started
            if now - told >= TELL_SECONDS:
                told = now
                shown = text.add(*untold)
                untold.clear()
                if shown:
                    yield TextDelta(shown)
            if len(ids) - len(prompt) < most:
                logits = self._forward([token])
        rest = text.add(*untold) + text.close()
        if rest:
            yield TextDelta(rest)
        seconds = time.perf_counter() - started
        yield GenerationDone(
            "stop" if reason == "stop" else "cancelled" if reason == "cancelled" else "length",
            len(ids) - len(prompt),
            seconds,
            first_seconds or seconds,
            len(prompt),
        )

    def _prefill(self, prompt: list[int], cancel: threading.Event) -> torch.Tensor | None:
        """Read what the cache does not hold yet. Returns the last logits `(1, vocabulary)`, None when cancelled."""
        done = self._reuse(prompt)
        logits = None
        while done < len(prompt):
            if cancel.is_set():
                return None
            piece = prompt[done : done + PREFILL_TOKENS]
            logits = self._forward(piece)
            done += len(piece)
        return logits

    def _forward(self, ids: list[int]) -> torch.Tensor:
        with torch.inference_mode():
            output = self._model(
                input_ids=torch.tensor([ids], device=self.device),
                past_key_values=self._cache,
                use_cache=True,
                **self._only_last,
            )
        self._cached += ids
        return output.logits[:, -1, :]  # type: ignore[no-any-return]

    def _reuse(self, prompt: list[int]) -> int:
        """Crop the cache to what it shares with `prompt`; at least one token is left to read. Returns its length."""
        shared = 0
        for old, new in zip(self._cached, prompt[:-1], strict=False):
            if old != new:
                break
            shared += 1
        surplus = len(self._cached) - shared
        if shared and surplus and can_crop(self._cache, surplus):
            with torch.inference_mode():
                self._cache.crop(-surplus)
            del self._cached[shared:]
        elif surplus or self._cache is None:
            self._forget()
            self._cache = growing_cache(self._model.config, self._window)
            shared = 0
        return shared

    def _forget(self) -> None:
        self._cache, self._cached = None, []


def choose_precision(folder: Path, wish: Wish, dtype: torch.dtype, device: torch.device) -> Precision:
    """The precision for the model in a folder, with the memory that is free now. Raises `OutOfMemory`."""
    weights = precision.weights_of(folder)
    return precision.place(weights, wish, dtype.itemsize, free_memory(device), folder.name).precision


def choose_placement(
    folder: Path, wish: Wish, dtype: torch.dtype, device: torch.device, tokens: int
) -> precision.Placement:
    """How the model in a folder is to lie, with the memory that is free now and room for `tokens` of a conversation.

    Raises `OutOfMemory`.
    """
    return precision.place(
        precision.weights_of(folder),
        wish,
        dtype.itemsize,
        free_memory(device),
        folder.name,
        cache=precision.cache_bytes(folder, tokens, dtype.itemsize),
        beside=0 if device.type == "cpu" else round(_SHARE * psutil.virtual_memory().available),
    )


def shares(device: torch.device) -> dict[int | str, int]:
    """The bytes that weights may take on the device and in the machine's memory; what is left over goes to the disk."""
    memory: dict[int | str, int] = {"cpu": round(_SHARE * psutil.virtual_memory().available)}
    if device.type != "cpu":
        memory[device.index or 0] = round(_SHARE * free_memory(device))
    return memory


def free_memory(device: torch.device) -> int:
    """Free bytes of memory on a device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "xpu":
        return int(torch.xpu.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
    return int(psutil.virtual_memory().available)


def read_weights(
    folder: Path,
    dtype: torch.dtype,
    device: torch.device,
    bits: Precision = "full",
    spread: dict[int | str, int] | None = None,
) -> Any:
    """The model in a folder, in evaluation mode and without gradients. Raises `ModelBroken`.

    `spread` are the bytes that its weights may take by device; those beyond stay on the disk until they are needed.
    """
    logging_of_transformers.disable_progress_bar()
    placed: dict[str, Any] = {}
    if bits != "full":
        quantised = precision.config(bits, dtype, precision.weights_of(folder))
        placed = {"quantization_config": quantised, "device_map": {"": device}}
    elif spread is not None:
        placed = {"device_map": "auto", "max_memory": spread}
    if attention := best_attention(device, dtype):
        placed["attn_implementation"] = attention
    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=dtype,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            **placed,
        )
    except Exception as problem:  # transformers checks a config with errors of many kinds
        if is_out_of_memory(problem):
            raise
        raise _unreadable(folder, problem) from problem
    if report["missing_keys"]:  # transformers would fill them with random numbers
        raise _unreadable(folder, ValueError(f"missing: {', '.join(sorted(report['missing_keys'])[:5])}"))
    if "device_map" not in placed:  # those lie where they belong
        model = model.to(device)
    return model.eval().requires_grad_(False)


def best_attention(device: torch.device, dtype: torch.dtype) -> str:
    """FlashAttention 2 where it is installed and can run (half precision, Ampere or newer); else transformers chooses:
    torch's own fused kernel, or plain products for models that have no other."""
    if device.type != "cuda" or dtype == torch.float32 or importlib.util.find_spec("flash_attn") is None:
        return ""
    return "flash_attention_2" if torch.cuda.get_device_capability(device) >= (8, 0) else ""


def choose_device(wish: str) -> tuple[torch.device, torch.dtype]:
    """The device and dtype to run on. On a CPU always float32: half precision was 90 times slower where measured."""
    if wish.startswith(("auto", "cuda")) and torch.cuda.is_available():
        half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        return torch.device("cuda" if wish == "auto" else wish), half
    if wish in ("auto", "mps") and torch.backends.mps.is_available():
        return torch.device("mps"), torch.float16
    if wish.startswith(("auto", "xpu")) and torch.xpu.is_available():
        return torch.device("xpu" if wish == "auto" else wish), torch.bfloat16
    if wish not in ("auto", "cpu"):
        _logger.warning("no %s here: the CPU is used", wish)
    return torch.device("cpu"), torch.float32


def _stop_ids(folder: Path, config: dict[str, Any]) -> list[int]:
    """The ids that end an answer, from generation_config.json and config.json (a number or a list of them)."""
    ids: list[int] = []
    generation = folder / "generation_config.json"
    for values in (model_folder.read_json(generation) if generation.exists() else {}, config):
        found = values.get("eos_token_id")
        ids += [found] if isinstance(found, int) else [item for item in found or () if isinstance(item, int)]
    return ids


def _unreadable(folder: Path, problem: Exception) -> ModelBroken:
    return ModelBroken(
        _("The model in {folder} can't be loaded.").format(folder=folder),
        _("Download it again, or choose another model."),
        details=f"{type(problem).__name__}: {problem}",
    )
