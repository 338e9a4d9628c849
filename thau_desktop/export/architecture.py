"""What of a model's config GGUF writes under which key, and how its tensors are named there, by architecture.

Every change of a tensor is one of rows (another order, a constant added), so that any tensor can be written a few rows
at a time. References: llama.cpp's gguf specification and the models' code in transformers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt

from thau_desktop.errors import ModelBroken, ModelUnsupported
from thau_desktop.translation import _

_SEEING = re.compile(r"(model\.)?(vision_tower|multi_modal_projector)\.")  # parts of a model that are not language

Value = int | float | bool | str | list[int] | list[bool]


@dataclass(frozen=True, slots=True)
class Architecture:
    """One family. `arch` is gguf's; `extra` adds keys to those that all share; `permuted`: rotary halves are
    interleaved there; `norm_shift` is added to the weights of norms; `rope_factors`: tensors made from the config."""

    arch: int
    extra: Callable[[dict[str, Any]], dict[str, Value]] = field(default=lambda config: {})
    permuted: bool = False
    norm_shift: float = 0.0
    rope_factors: Callable[[dict[str, Any]], dict[str, list[float]]] = field(default=lambda config: {})


@dataclass(frozen=True, slots=True)
class Model:
    """A model's config, and what follows from it.

    Attributes: `name` is gguf's of the architecture; `keys` are metadata without that name before them; `factors` are
    small tensors that are made from the config; `tied`: the output is the embedding.
    """

    name: str
    keys: dict[str, Value]
    factors: dict[str, npt.NDArray[np.float32]]
    norm_shift: float
    tied: bool
    _heads: tuple[int, int] | None
    _names: Any

    def place(self, name: str) -> str | None:
        """A tensor's name in GGUF, None for one that is not written. Raises `ModelUnsupported` for an unknown one."""
        if name.endswith(".rotary_emb.inv_freq") or _SEEING.match(name) or (self.tied and name == "lm_head.weight"):
            return None
        found = self._names.get_name(name, try_suffixes=(".weight", ".bias"))
        if found is None:
            raise ModelUnsupported(
                _("{name} has no place in a GGUF file of a {kind} model.").format(name=name, kind=self.name),
                _("Export as safetensors."),
            )
        return str(found)

    def shift(self, name: str) -> float:
        """What is added to a tensor."""
        return self.norm_shift if name.endswith("norm.weight") else 0.0

    def order(self, name: str, rows: int) -> npt.NDArray[np.intp] | None:
        """The order in which a tensor's rows are written, None: as they are."""
        if self._heads is None or not name.endswith(("q_proj.weight", "k_proj.weight", "q_proj.bias", "k_proj.bias")):
            return None
        heads = self._heads[0 if ".q_proj." in name else 1]
        return np.arange(rows).reshape(heads, 2, rows // heads // 2).swapaxes(1, 2).reshape(-1)


def of(config: dict[str, Any]) -> Model:
    """The model of that config. Raises `ModelBroken` or `ModelUnsupported`."""
    kind = str(config.get("model_type", ""))
    found = _ARCHITECTURES.get(kind)
    if found is None:
        raise ModelUnsupported(
            _("A model of the kind {kind} can't be exported as GGUF.").format(kind=kind or "?"),
            _("Export as safetensors. GGUF is written for: {kinds}.").format(kinds=", ".join(_ARCHITECTURES)),
        )
    try:
        keys = _shared(config) | found.extra(config)
        factors = {name: np.array(values, np.float32) for name, values in found.rope_factors(config).items()}
        heads = (config["num_attention_heads"], _kv_heads(config)) if found.permuted else None
        return Model(
            gguf.MODEL_ARCH_NAMES[found.arch],
            keys,
            factors,
            found.norm_shift,
            bool(config.get("tie_word_embeddings")),
            heads,
            gguf.get_tensor_name_map(found.arch, config["num_hidden_layers"]),
        )
    except (KeyError, TypeError) as problem:
        raise ModelBroken(
            _("The model's config.json lacks {key}.").format(key=problem),
            _("Download the model again."),
        ) from problem


def tensors(model: Model, names: Iterator[str]) -> list[tuple[str, str]]:
    """Names there and here in the order in which they are written: embeddings first, then block by block."""
    placed = [(place, name) for name in names if (place := model.place(name)) is not None]
    return sorted(placed, key=lambda pair: _block(pair[0]))


def _block(name: str) -> tuple[int, str]:
    parts = name.split(".")
    if parts[0] == "blk":
        return int(parts[1]), name
    return (-1 if name.startswith("token_embd") else 1 << 30), name


def _shared(config: dict[str, Any]) -> dict[str, Value]:
    dimension = _head_dimension(config)
    keys: dict[str, Value] = {
        "vocab_size": config["vocab_size"],
        "context_length": config["max_position_embeddings"],
        "embedding_length": config["hidden_size"],
        "block_count": config["num_hidden_layers"],
        "feed_forward_length": config["intermediate_size"],
        "attention.head_count": config["num_attention_heads"],
        "attention.head_count_kv": _kv_heads(config),
        "attention.layer_norm_rms_epsilon": float(config["rms_norm_eps"]),
        "attention.key_length": dimension,
        "attention.value_length": dimension,
        "rope.dimension_count": int(dimension * _rope(config).get("partial_rotary_factor", 1.0)),
        "rope.freq_base": float(_rope(config).get("rope_theta", 10_000.0)),
    }
    return keys | _scaling(_rope(config))


def _rope(config: dict[str, Any], layers: str = "full_attention") -> dict[str, Any]:
    """The rope's numbers, from where transformers 5 keeps them and from where it did before."""
    rope = dict(config.get("rope_parameters") or {})
    if layers in rope:
        return dict(rope[layers] or {})
    old = dict(config.get("rope_scaling") or {})
    rope = {"rope_theta": config["rope_theta"], **rope} if "rope_theta" in config else rope
    for key in ("partial_rotary_factor", "original_max_position_embeddings"):
        if config.get(key) is not None:
            rope.setdefault(key, config[key])
    kind = old.pop("type", None) or old.get("rope_type")
    return {**old, **rope, **({"rope_type": kind} if kind and "rope_type" not in rope else {})}


def _scaling(rope: dict[str, Any]) -> dict[str, Value]:
    """Linear and YaRN (Peng et al. 2023) scaling; Llama 3's and LongRoPE's are factors in tensors of their own."""
    kind = str(rope.get("rope_type") or "default")
    if kind == "linear":
        return {"rope.scaling.type": "linear", "rope.scaling.factor": float(rope["factor"])}
    if kind == "yarn":
        keys: dict[str, Value] = {"rope.scaling.type": "yarn", "rope.scaling.factor": float(rope["factor"])}
        if "original_max_position_embeddings" in rope:
            keys["rope.scaling.original_context_length"] = rope["original_max_position_embeddings"]
        for ours, theirs in (("beta_fast", "yarn_beta_fast"), ("beta_slow", "yarn_beta_slow")):
            if rope.get(ours) is not None:
                keys[f"rope.scaling.{theirs}"] = float(rope[ours])
        return keys
    if kind in ("default", "llama3", "longrope", "su"):
        return {}
    raise ModelUnsupported(
        _("The rope scaling {kind} can't be exported as GGUF.").format(kind=kind), _("Export as safetensors.")
    )


def _head_dimension(config: dict[str, Any]) -> int:
    return int(config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"])


def _kv_heads(config: dict[str, Any]) -> int:
    return int(config.get("num_key_value_heads") or config["num_attention_heads"])


def _llama3_factors(config: dict[str, Any]) -> dict[str, list[float]]:
    """How much slower each frequency turns (transformers: `_compute_llama3_parameters`)."""
    rope = _rope(config)
    if rope.get("rope_type") != "llama3":
        return {}
    dimension, base = _head_dimension(config), float(rope.get("rope_theta", 10_000.0))
    factor, low, high = float(rope["factor"]), float(rope["low_freq_factor"]), float(rope["high_freq_factor"])
    old = rope.get("original_max_position_embeddings", 8192)
    factors = []
    for place in range(0, dimension, 2):
        length = 2 * math.pi * base ** (place / dimension)
        if length < old / high:
            factors.append(1.0)
        elif length > old / low:
            factors.append(factor)
        else:
            smooth = (old / length - low) / (high - low)
            factors.append(1 / ((1 - smooth) / factor + smooth))
    return {"rope_freqs.weight": factors}


def _window(config: dict[str, Any]) -> int:
    return int(config.get("sliding_window") or 0)


def _within_window(config: dict[str, Any]) -> dict[str, Value]:
    """llama.cpp looks back without end in these: what fits into the window is the same."""
    window = _window(config) if config.get("use_sliding_window", True) else 0
    return {"context_length": min(config["max_position_embeddings"], window)} if window else {}


def _phi3(config: dict[str, Any]) -> dict[str, Value]:
    rope = _rope(config)
    original = rope.get("original_max_position_embeddings", config["max_position_embeddings"])
    keys: dict[str, Value] = {
        "rope.scaling.original_context_length": original,
        "attention.sliding_window": _window(config),
    }
    if rope.get("long_factor"):
        scale = config["max_position_embeddings"] / original
        keys["rope.scaling.attn_factor"] = math.sqrt(1 + math.log(scale) / math.log(original)) if scale > 1 else 1.0
    return keys


def _phi3_factors(config: dict[str, Any]) -> dict[str, list[float]]:
    rope = _rope(config)
    if not rope.get("long_factor"):
        return {}
    return {"rope_factors_long.weight": rope["long_factor"], "rope_factors_short.weight": rope["short_factor"]}


def _gemma2(config: dict[str, Any]) -> dict[str, Value]:
    _check_scale(config, 46)
    return {
        "attn_logit_softcapping": float(config["attn_logit_softcapping"]),
        "final_logit_softcapping": float(config["final_logit_softcapping"]),
        "attention.sliding_window": _window(config),
    }


def _gemma3(config: dict[str, Any]) -> dict[str, Value]:
    _check_scale(config, 62)
    every = [kind == "full_attention" for kind in config.get("layer_types") or ()]
    if any(full != ((number + 1) % 6 == 0) for number, full in enumerate(every)):
        raise _unlike(_("where its layers look back without end"))
    keys: dict[str, Value] = {
        "attention.sliding_window": _window(config),
        "rope.freq_base_swa": float(
            _rope(config, "sliding_attention").get("rope_theta") or config.get("rope_local_base_freq") or 10_000.0
        ),
    }
    if config.get("final_logit_softcapping"):
        keys["final_logit_softcapping"] = float(config["final_logit_softcapping"])
    return keys


def _check_scale(config: dict[str, Any], largest: int) -> None:
    """llama.cpp divides by the root of a head's size, in the largest model of each family by another number."""
    if config["query_pre_attn_scalar"] != _head_dimension(config) and config["num_hidden_layers"] != largest:
        raise _unlike("query_pre_attn_scalar")


def _unlike(what: str) -> ModelUnsupported:
    return ModelUnsupported(
        _("llama.cpp would run this model in another way than transformers: {what}.").format(what=what),
        _("Export as safetensors."),
    )


_ARCHITECTURES = {
    "llama": Architecture(gguf.MODEL_ARCH.LLAMA, permuted=True, rope_factors=_llama3_factors),
    "mistral": Architecture(gguf.MODEL_ARCH.LLAMA, _within_window, permuted=True, rope_factors=_llama3_factors),
    "qwen2": Architecture(gguf.MODEL_ARCH.QWEN2, _within_window),
    "qwen3": Architecture(gguf.MODEL_ARCH.QWEN3, _within_window),
    "phi3": Architecture(gguf.MODEL_ARCH.PHI3, _phi3, rope_factors=_phi3_factors),
    "gemma2": Architecture(gguf.MODEL_ARCH.GEMMA2, _gemma2, norm_shift=1.0),
    "gemma3": Architecture(gguf.MODEL_ARCH.GEMMA3, _gemma3, norm_shift=1.0),
    "gemma3_text": Architecture(gguf.MODEL_ARCH.GEMMA3, _gemma3, norm_shift=1.0),
}
