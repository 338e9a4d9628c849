"""A model's tokenizer and config as transformers really uses them, which is not always what their files say.

For some models transformers builds the tokenizer anew from vocabulary and merges, adds tokens of its own, and knows
numbers that the config leaves out: then it is asked, in a process that is left with torch and all that comes along.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thau_desktop.errors import ModelBroken
from thau_desktop.inference import model_folder
from thau_desktop.process import run_in_child
from thau_desktop.translation import _

ROLES = ("bos", "eos", "unk", "pad")
_AS_IT_IS = ("llama", "mistral", "phi3", "qwen3")  # where "TokenizersBackend" in the config means the file as it is


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """Attributes: `file` is what `tokenizer.json` has or should have; `special` are texts of tokens by their role;
    `config` is that of the model's language part."""

    file: dict[str, Any]
    special: dict[str, str]
    template: str
    config: dict[str, Any]


def read(folder: Path, cancel: threading.Event | None = None) -> Tokenizer | None:
    """The tokenizer of a model folder; None when cancelled. Raises `ModelMissing` or `ModelBroken`."""
    config = model_folder.read_json(folder / "tokenizer_config.json")
    model = model_folder.read_json(folder / "config.json")
    if config.get("tokenizer_class") == "TokenizersBackend" and model.get("model_type") in _AS_IT_IS:
        special = {role: _text(config.get(f"{role}_token")) for role in ROLES}
        return Tokenizer(model_folder.read_json(folder / "tokenizer.json"), special, _template(folder, config), model)
    for found in run_in_child(_asked, (folder,), cancel, name="tokenizer"):
        assert isinstance(found, Tokenizer)
        return found
    return None


def _asked(folder: Path, cancel: threading.Event) -> Iterator[Tokenizer]:
    from transformers import AutoConfig, AutoTokenizer

    try:
        whole = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        config = json.loads(whole.get_text_config().to_json_string(use_diff=False))
        made = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        file = json.loads(made.backend_tokenizer.to_str())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as problem:
        raise ModelBroken(
            _("The tokenizer in {folder} can't be read.").format(folder=folder),
            _("Download the model again."),
            details=str(problem),
        ) from problem
    if not cancel.is_set():
        template = made.chat_template if isinstance(made.chat_template, str) else ""
        yield Tokenizer(file, {role: getattr(made, f"{role}_token") or "" for role in ROLES}, template, config)


def _text(token: str | dict[str, Any] | None) -> str:
    return str(token["content"]) if isinstance(token, dict) else token or ""


def _template(folder: Path, config: dict[str, Any]) -> str:
    path = folder / "chat_template.jinja"
    return path.read_text(encoding="utf-8") if path.is_file() else str(config.get("chat_template") or "")
