"""Tools from typed functions: schema, and validation in sentences."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Annotated

import pytest

from thau_desktop.errors import ToolRefused
from thau_desktop.messages import ToolCall, ToolFinished, ToolProgress, ToolResult
from thau_desktop.tools.generate_image import image_tool
from thau_desktop.tools.registry import Registry, Tool, ToolContext, ToolEvent, bounded


def add(
    context: ToolContext, a: int, b: Annotated[float | None, bounded(0, 9)] = None, name: str = "x"
) -> Iterator[ToolEvent]:
    """Adds two
    numbers.

    Args:
        a: The first,
            a whole one.
        b: The second.
        name: Of the sum.

    Yields nothing that the schema needs.
    """
    yield ToolProgress(context.call_id, 0.5)
    yield ToolFinished(ToolResult(context.call_id, "add", str(a + (b or 0))))


CONTEXT = ToolContext("c1", threading.Event())


def test_the_schema_comes_from_the_signature_and_the_docstring() -> None:
    tool = Tool.of(add)
    assert (tool.name, tool.description, tool.permission) == ("add", "Adds two numbers.", "safe")
    assert tool.schema == {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "description": "The first, a whole one."},
            "b": {"type": "number", "description": "The second.", "minimum": 0, "maximum": 9},
            "name": {"type": "string", "description": "Of the sum.", "default": "x"},
        },
        "additionalProperties": False,
        "required": ["a"],
    }
    assert tool.openai["function"]["parameters"] == tool.schema


def test_a_call_runs_with_its_arguments_in_their_types() -> None:
    registry = Registry([Tool.of(add)])
    events = list(registry.run(ToolCall("c1", "add", {"a": "2", "b": 3}), CONTEXT))
    assert events == [ToolProgress("c1", 0.5), ToolFinished(ToolResult("c1", "add", "5.0"))]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (ToolCall("1", "add", {}), "needs the argument “a”"),
        (ToolCall("1", "add", {"a": "many"}), "“a” of add must be of type integer"),
        (ToolCall("1", "add", {"a": 1, "z": 2}), "no argument “z”; it takes: a, b, name"),
        (ToolCall("1", "sub", {}), "no tool “sub”.*add"),
        (ToolCall("1", "add", {}, "cut off"), "cut off"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(call: ToolCall, said: str) -> None:
    with pytest.raises(ToolRefused, match=said):
        list(Registry([Tool.of(add)]).run(call, CONTEXT))


def test_the_description_for_prompts_names_tools_arguments_and_bounds() -> None:
    text = Registry([image_tool(lambda context, request: iter(()))]).describe()
    assert '<TOOL:name>{"argument": value}</TOOL>' in text
    assert "generate_image: Draws a picture" in text
    assert "prompt (string, required)" in text
    assert "num_inference_steps (integer)" in text and "From 10 to 100" in text
