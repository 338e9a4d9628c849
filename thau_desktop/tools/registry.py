"""A tool is a typed generator function with a docstring: name, description and JSON schema come from it.

Its first parameter is a `ToolContext`; the others are the arguments that a model gives, described in the docstring's
`Args:` section. It yields `ToolProgress` and ends with `ToolFinished`.
"""

from __future__ import annotations

import inspect
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from thau_desktop.errors import ToolRefused
from thau_desktop.inference.tool_prompt import describe_tools
from thau_desktop.messages import ToolCall, ToolFinished, ToolProgress
from thau_desktop.translation import _

Permission = Literal["safe", "ask"]
ToolEvent = ToolProgress | ToolFinished

_ARGUMENT = re.compile(r"^ {4}(\w+):\s*(.*)$")


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a running tool knows of its turn."""

    call_id: str
    cancel: threading.Event
    conversation_id: int = 0
    message_id: int = 0


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as the registry keeps it.

    Attributes:
        schema: JSON schema of the arguments.
        permission: "ask" when a person must agree to every call.
        run: the function, called with a context and validated arguments.
    """

    name: str
    description: str
    schema: dict[str, Any]
    permission: Permission
    run: Callable[..., Iterator[ToolEvent]]
    arguments: type[BaseModel]

    @classmethod
    def of(cls, function: Callable[..., Iterator[ToolEvent]], permission: Permission = "safe") -> Tool:
        """The tool that a function describes."""
        summary, about = _docstring(function)
        hints = get_type_hints(function, include_extras=True)
        fields: dict[str, Any] = {}
        for name, parameter in list(inspect.signature(function).parameters.items())[1:]:
            field = FieldInfo.from_annotation(hints[name])
            field.description = about.get(name, "")
            field.default = PydanticUndefined if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], field)
        config = ConfigDict(extra="forbid")
        model = create_model(function.__name__, __config__=config, **fields)
        schema = model.model_json_schema()
        return cls(function.__name__, summary, _plain_schema(schema), permission, function, model)

    def validate(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """The arguments in their types, defaults filled in. Raises `ToolRefused` with a sentence for the model."""
        try:
            checked = self.arguments.model_validate(arguments)
        except ValidationError as problem:
            raise ToolRefused(" ".join(_sentence(self, error) for error in problem.errors())) from problem
        return {name: getattr(checked, name) for name in type(checked).model_fields}

    @property
    def openai(self) -> dict[str, Any]:
        """The tool as OpenAI's API describes functions."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": self.schema},
        }


class Registry:
    """The tools of this installation."""

    def __init__(self, tools: Sequence[Tool] = ()) -> None:
        self._tools = {tool.name: tool for tool in tools}

    def add(self, tool: Tool) -> None:
        self._tools[tool.name] = tool

    def get(self, name: str) -> Tool:
        """The tool of that name. Raises `ToolRefused`."""
        try:
            return self._tools[name]
        except KeyError:
            known = ", ".join(self._tools) or _("none")
            missing = _("There is no tool “{name}”.").format(name=name)
            others = _("The tools are: {names}.").format(names=known)
            raise ToolRefused(f"{missing} {others}") from None  # all of it is for the model: it may call another

    def list(self) -> list[Tool]:
        """All tools, in the order in which they were added."""
        return [*self._tools.values()]

    def openai(self) -> tuple[dict[str, Any], ...]:
        """All tools as OpenAI's API describes functions: what `GenerationRequest.tools` takes."""
        return tuple(tool.openai for tool in self._tools.values())

    def describe(self) -> str:
        """All tools as text for a system message."""
        return describe_tools(self.openai())

    def run(self, call: ToolCall, context: ToolContext) -> Iterator[ToolEvent]:
        """Yield what the tool does. Raises `ToolRefused` for an unknown tool or arguments that can't be used."""
        if call.problem:
            raise ToolRefused(call.problem)
        tool = self.get(call.name)
        arguments = tool.validate(call.arguments)
        yield from tool.run(context, **arguments)


def _docstring(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """The text before `Args:` as one line, and what is said of each argument."""
    before, _mark, after = (inspect.getdoc(function) or "").partition("\nArgs:\n")
    about: dict[str, str] = {}
    name = ""
    for line in after.splitlines():
        found = _ARGUMENT.match(line)
        if found:
            name = found[1]
            about[name] = found[2]
        elif name and line.startswith(" " * 8):
            about[name] += f" {line.strip()}"
        elif line.strip():
            break
    return " ".join(before.split()), about


def _plain_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """pydantic's schema without titles, and `X or null` as X: shorter for the model and every API takes it."""
    properties = {}
    for name, kind in schema.get("properties", {}).items():
        plain = {key: value for key, value in kind.items() if key != "title" and (key, value) != ("default", None)}
        options = [option for option in plain.pop("anyOf", ()) if option.get("type") != "null"]
        properties[name] = {**(options[0] if len(options) == 1 else {"anyOf": options} if options else {}), **plain}
    plain_schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if schema.get("required"):
        plain_schema["required"] = schema["required"]
    return plain_schema


def _sentence(tool: Tool, error: Any) -> str:
    """What is wrong with one argument, as a model can act on it."""
    name = ".".join(map(str, error["loc"]))
    kind = tool.schema["properties"].get(name, {}).get("type", "")
    if error["type"] == "missing":
        return _("{tool} needs the argument “{name}”.").format(tool=tool.name, name=name)
    if error["type"] == "extra_forbidden":
        known = ", ".join(tool.schema["properties"])
        return _("{tool} has no argument “{name}”; it takes: {known}.").format(tool=tool.name, name=name, known=known)
    return _("The argument “{name}” of {tool} must be of type {kind}: {why}.").format(
        name=name, tool=tool.name, kind=kind or "?", why=str(error["msg"]).rstrip(".")
    )


def bounded(lowest: float, highest: float) -> Any:
    """Marks a number whose bounds the model is told; the tool clamps and says so instead of refusing."""
    return Field(json_schema_extra={"minimum": lowest, "maximum": highest})
