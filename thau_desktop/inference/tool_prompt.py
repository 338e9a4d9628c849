"""The description of tools that goes into the system message of models that were not trained on them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def describe_tools(tools: Sequence[dict[str, Any]]) -> str:
    """The text for OpenAI-style `tools`. English, because it is written for the model; its words decide its calls."""
    lines = [
        "You can use these tools. To use one, write a call in exactly this form, then stop and wait for its result:",
        '<TOOL:name>{"argument": value}</TOOL>',
        "Call a tool only when the user asks for what it does; otherwise answer in words.",
    ]
    for tool in tools:
        function = tool["function"]
        lines.append(f"\n{function['name']}: {function['description']}")
        schema = function.get("parameters", {})
        required = set(schema.get("required", ()))
        for name, kind in schema.get("properties", {}).items():
            lines.append(f"  {name} ({_type(kind)}{', required' if name in required else ''}): {_about(kind)}")
    return "\n".join(lines)


def _type(kind: dict[str, Any]) -> str:
    return str(kind.get("type") or " or ".join(str(option.get("type")) for option in kind.get("anyOf", ())) or "any")


def _about(kind: dict[str, Any]) -> str:
    words = str(kind.get("description", ""))
    if "minimum" in kind and "maximum" in kind:
        words += f" From {kind['minimum']} to {kind['maximum']}."
    if kind.get("default") not in (None, ""):
        words += f" Default {kind['default']}."
    return words.strip()
