"""Other programs' records become examples, or say why they can't."""

from __future__ import annotations

from typing import Any

import pytest

from thau_desktop.training.formats import NotAnExample, read_record


def test_our_own_format_keeps_its_metadata() -> None:
    example = read_record({"instruction": "q", "output": "a", "metadata": {"topic": 1}}, source="file.jsonl")
    assert (example.instruction, example.output, example.source) == ("q", "a", "file.jsonl")
    assert example.metadata == {"topic": 1}


def test_alpacas_input_follows_the_instruction() -> None:
    assert (
        read_record({"instruction": "Translate", "input": "hola", "output": "hello"}).instruction == "Translate\n\nhola"
    )
    assert read_record({"instruction": "Say it", "input": "", "output": "it"}).instruction == "Say it"


def test_a_conversation_ends_with_its_last_answer() -> None:
    example = read_record(
        {
            "conversations": [
                {"from": "system", "value": "s"},
                {"from": "human", "value": "one"},
                {"from": "gpt", "value": "1"},
                {"from": "human", "value": "two"},
                {"from": "gpt", "value": "2"},
                {"from": "human", "value": "never answered"},
            ]
        }
    )
    assert example.history == (("system", "s"), ("user", "one"), ("assistant", "1"))
    assert (example.instruction, example.output) == ("two", "2")


def test_openais_pieces_and_calls_become_text() -> None:
    call = {"type": "function", "function": {"name": "generate_image", "arguments": '{"prompt": "a fox"}'}}
    example = read_record(
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "a fox"}, {"type": "image_url"}]},
                {"role": "assistant", "content": None, "tool_calls": [call]},
            ]
        }
    )
    assert example.instruction == "a fox"
    assert example.output == '<TOOL:generate_image>{"prompt": "a fox"}</TOOL>'


def test_chatgpts_tree_gives_the_branch_that_is_shown() -> None:
    def node(key: str, parent: str | None, role: str, text: str, children: list[str]) -> dict[str, Any]:
        content = {"content_type": "text", "parts": [text]}
        return {
            "id": key,
            "parent": parent,
            "children": children,
            "message": {"author": {"role": role}, "content": content},
        }

    tree = {
        "conversation_id": "c1",
        "current_node": "new",
        "mapping": {
            "q": node("q", None, "user", "why?", ["old", "new"]),
            "old": node("old", "q", "assistant", "no", []),
            "new": node("new", "q", "assistant", "because", []),
        },
    }
    example = read_record(tree)
    assert (example.instruction, example.output, example.source) == ("why?", "because", "chatgpt:c1")


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([1], "not a JSON object"),
        ({"x": 1}, "none of the known fields"),
        ({"instruction": "q"}, "“output” is missing"),
        ({"instruction": "q", "output": 3}, "“output” is not text"),
        ({"instruction": " ", "output": "a"}, "“instruction” is empty"),
        ({"instruction": "q", "output": "a", "metadata": 4}, "“metadata” is not an object"),
        ({"messages": []}, "no messages"),
        ({"messages": [{"role": "user", "content": "hi"}]}, "no answer"),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, "answers nothing"),
        ({"messages": [{"role": "martian", "content": "hi"}]}, "message 1 has the unknown role “martian”"),
        ({"messages": [{"role": "user", "content": 4}]}, "message 1 has no text"),
        ({"mapping": {}}, "no messages"),
        (ValueError("half"), "not whole JSON: half"),
    ],
)
def test_a_record_that_can_not_be_learned_from_says_why(record: object, reason: str) -> None:
    with pytest.raises(NotAnExample, match=reason):
        read_record(record)
