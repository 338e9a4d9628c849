"""How Ollama is told about a GGUF file of ours: template, parameters and the system text of the persona in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from thau_desktop.export import ollama_template, validator
from thau_desktop.export.ollama import CONTEXT
from thau_desktop.messages import Sampling

Value = int | float | list[str]


@dataclass(frozen=True, slots=True)
class Modelfile:
    """What `ollama create` reads, and what its API takes. Attributes: `template` is empty where Ollama is to find its
    own; `parameters` by Ollama's names."""

    template: str
    system: str
    parameters: Mapping[str, Value]

    def text(self, file: str) -> str:
        """As a file beside the GGUF file of that name (docs.ollama.com/modelfile)."""
        lines = [f"FROM ./{file}"]
        if self.template:
            lines.append(f"TEMPLATE {_quoted(self.template)}")
        if self.system:
            lines.append(f"SYSTEM {_quoted(self.system)}")
        for name, value in self.parameters.items():
            for one in value if isinstance(value, list) else [value]:
                lines.append(f"PARAMETER {name} {_quoted(one) if isinstance(one, str) else one}")
        return "\n".join(lines) + "\n"


def of(path: Path, system: str, sampling: Sampling) -> Modelfile:
    """The Modelfile of a GGUF file that was written here. Raises `ModelBroken`."""
    keys = validator.read(path).keys
    tokens = keys["tokenizer.ggml.tokens"]
    texts = {
        role: str(tokens[keys[f"tokenizer.ggml.{role}_token_id"]]) if f"tokenizer.ggml.{role}_token_id" in keys else ""
        for role in ("bos", "eos")
    }
    begin = texts["bos"] if keys.get("tokenizer.ggml.add_bos_token") else ""
    template = str(keys.get("tokenizer.chat_template", ""))
    found = ollama_template.parts(template, (texts["bos"], texts["eos"]), begin)
    ends = [keys.get(f"tokenizer.ggml.{role}_token_id") for role in ("eos", "eot")]
    return Modelfile(
        template=found.in_go() if found is not None else "",
        system=system,
        parameters={
            "num_ctx": CONTEXT,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "repeat_penalty": sampling.repetition_penalty,
            "stop": [tokens[end] for end in ends if end is not None],
        },
    )


def _quoted(text: str) -> str:
    """Three quotes hold anything but themselves."""
    return '"""' + text.replace('"""', "'''") + '"""'
