"""A model's chat template without transformers: the same Jinja, with the same options, in a sandbox.

https://huggingface.co/docs/transformers/chat_templating
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

from jinja2.exceptions import TemplateError
from jinja2.ext import loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class ChatTemplate:
    """A template, compiled once. `ends` are the tokens that begin and end a text."""

    def __init__(self, source: str, ends: tuple[str, str]) -> None:
        """Raises what Jinja raises for a template that it can't read."""
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _raise
        environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
        self._template = environment.from_string(source)
        self._ends = {"bos_token": ends[0], "eos_token": ends[1]}

    def apply(self, chat: Sequence[dict[str, Any]], go_on: bool = True, **values: Any) -> str:
        """The chat, with `go_on` up to the next answer. Raises whatever the template's program raises."""
        return self._template.render(messages=chat, add_generation_prompt=go_on, **self._ends, **values)


def _to_json(value: Any, indent: int | None = None, **_options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)
