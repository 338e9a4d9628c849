"""The parser of tool calls: every way to cut a stream gives the same events."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.counting import calls
from thau_desktop.chat.toolcalls import Parser, ParserEvent
from thau_desktop.messages import ReasoningDelta, TextDelta, ToolCall, ToolCallReady, ToolCallStarted

CALL = '<TOOL:generate_image>{"prompt": "un gato", "num_inference_steps": 30}</TOOL>'


def parse(pieces: Sequence[str]) -> list[ParserEvent]:
    """All events of a stream, neighbouring text joined."""
    parser = Parser(lambda: "id")
    events = [event for piece in pieces for event in parser.feed(piece)] + parser.close()
    joined: list[ParserEvent] = []
    for event in events:
        last = joined[-1] if joined else None
        if isinstance(event, TextDelta) and isinstance(last, TextDelta):
            joined[-1] = TextDelta(last.text + event.text)
        elif isinstance(event, ReasoningDelta) and isinstance(last, ReasoningDelta):
            joined[-1] = ReasoningDelta(last.text + event.text)
        else:
            joined.append(event)
    return joined


def called(name: str = "generate_image", problem: bool = False, **arguments: object) -> list[ParserEvent]:
    return [ToolCallStarted(name), ToolCallReady(ToolCall("id", name, arguments, "?" if problem else ""))]


def vague(events: list[ParserEvent]) -> list[ParserEvent]:
    """The events with every problem as "?", for comparison."""

    def hidden(event: ParserEvent) -> ParserEvent:
        if isinstance(event, ToolCallReady) and event.call.problem:
            return ToolCallReady(replace(event.call, problem="?"))
        return event

    return [hidden(event) for event in events]


EXPECTED: dict[str, list[ParserEvent]] = {
    "Hola": [TextDelta("Hola")],
    CALL: called(prompt="un gato", num_inference_steps=30),
    f"Claro. {CALL} Listo.": [
        TextDelta("Claro. "),
        *called(prompt="un gato", num_inference_steps=30),
        TextDelta(" Listo."),
    ],
    f"{CALL}\n{CALL}": [
        *called(prompt="un gato", num_inference_steps=30),
        TextDelta("\n"),
        *called(prompt="un gato", num_inference_steps=30),
    ],
    # nesting, escapes, marks in strings, Unicode
    '<TOOL:t>{"a": {"b": [1, {"c": "}"}]}, "d": "\\"</TOOL>\\\\"}</TOOL>x': [
        *called("t", a={"b": [1, {"c": "}"}]}, d='"</TOOL>\\'),
        TextDelta("x"),
    ],
    '<TOOL:t>{"p": "Ñandú 🐱 日本 \\u00e9\\ud83d\\ude00"}</TOOL>': called("t", p="Ñandú 🐱 日本 é😀"),
    '<TOOL:t> \n{"a": 1}\n </TOOL>.': [*called("t", a=1), TextDelta(".")],
    '<TOOL:t>{"p": "<TOOL:u>{}</TOOL>"}</TOOL>': called("t", p="<TOOL:u>{}</TOOL>"),
    # the other format
    '<tool_call>\n{"name": "web_search", "arguments": {"query": "tiempo"}}\n</tool_call>': called(
        "web_search", query="tiempo"
    ),
    '<tool_call>{"arguments": {"query": "x"}, "name": "web_search"}</tool_call>': called("web_search", query="x"),
    '<tool_call>{"name": "w", "arguments": "{\\"query\\": \\"x\\"}"}</tool_call>': called("w", query="x"),
    '<tool_call>{"name": "w", "parameters": {"q": "</tool_call>"}}</tool_call>': called("w", q="</tool_call>"),
    '<tool_call>{"arguments": {}}</tool_call>': [ToolCallReady(ToolCall("id", "", {}, "?"))],
    # reasoning
    "<think>Hm, <b> </thin </think>Sí": [ReasoningDelta("Hm, <b> </thin "), TextDelta("Sí")],
    f"a<think>{CALL}<</think>b<think>c": [
        TextDelta("a"),
        ReasoningDelta(f"{CALL}<"),
        TextDelta("b"),
        ReasoningDelta("c"),
    ],
    # what never was a call
    "a < b <TOO <TOOL <TOOL:> <TOOL:a b> <TOOL:x>y <think <tool_call >": [
        TextDelta("a < b <TOO <TOOL <TOOL:> <TOOL:a b> <TOOL:x>y <think <tool_call >")
    ],
    "usa <TOOL:generate_image> para dibujar": [TextDelta("usa <TOOL:generate_image> para dibujar")],
    "<<TOOL:<TOOL:t>{}</TOOL></TOOL>": [TextDelta("<<TOOL:"), *called("t"), TextDelta("</TOOL>")],
    "<tool_call>hola": [TextDelta("<tool_call>hola")],
    "fin <TOOL:gen": [TextDelta("fin <TOOL:gen")],
    "fin <TOOL:gen>  </TO": [TextDelta("fin <TOOL:gen>  </TO")],
    "fin <": [TextDelta("fin <")],
    # half calls and wrong ones
    '<TOOL:t>{"a": "b': called("t", problem=True),
    '<TOOL:t>{"a": 1}': called("t", a=1),
    '<TOOL:t>{"a": 1}\n</TOO': called("t", a=1),
    '<TOOL:t>{"a": [1, 2,], }</TOOL>': called("t", a=[1, 2]),
    '<TOOL:t>{"a": ",}", "b": 1,}</TOOL>': called("t", a=",}", b=1),
    "<TOOL:t></TOOL>x": [*called("t", problem=True), TextDelta("x")],
    "<TOOL:t>{a: 1}</TOOL>x": [*called("t", problem=True), TextDelta("x")],
    '<TOOL:t>{"a": 1</TOOL>x': [*called("t", problem=True), TextDelta("x")],
    '<TOOL:t>{"a": NaN}</TOOL>': called("t", problem=True),
    '<TOOL:t>{"a": 1}}</TOOL>x': [*called("t", problem=True), TextDelta("x")],
    '<TOOL:t>{"a": 1} y luego\nmás': [*called("t", problem=True), TextDelta(" y luego\nmás")],
    f'<TOOL:t>{{"p": "un "gato" y"}}</TOOL> Hecho. {CALL} Fin': [
        *called("t", problem=True),
        TextDelta(" Hecho. "),
        *called(prompt="un gato", num_inference_steps=30),
        TextDelta(" Fin"),
    ],
    f'<TOOL:t>{{"p": "x}}</TOOL> Hecho. {CALL} Fin': [
        *called("t", problem=True),
        TextDelta(" Hecho. "),
        *called(prompt="un gato", num_inference_steps=30),
        TextDelta(" Fin"),
    ],
    # code is words
    f"Así:\n```\n{CALL}\n```\nFin": [TextDelta(f"Así:\n```\n{CALL}\n```\nFin")],
    f"```xml\n{CALL}\n``\n~~~\n```  \n{CALL}": [
        TextDelta("```xml\n" + CALL + "\n``\n~~~\n```  \n"),
        *called(prompt="un gato", num_inference_steps=30),
    ],
    f"~~~~\n{CALL}\n~~~\n{CALL}\n~~~~\n{CALL}": [
        TextDelta(f"~~~~\n{CALL}\n~~~\n{CALL}\n~~~~\n"),
        *called(prompt="un gato", num_inference_steps=30),
    ],
    f"Escribe `{CALL}` así": [TextDelta(f"Escribe `{CALL}` así")],
    f"``a`{CALL}`` {CALL}": [TextDelta(f"``a`{CALL}`` "), *called(prompt="un gato", num_inference_steps=30)],
    f"```{CALL}``` {CALL}": [TextDelta(f"```{CALL}``` "), *called(prompt="un gato", num_inference_steps=30)],
    f"`x`{CALL}": [TextDelta("`x`"), *called(prompt="un gato", num_inference_steps=30)],
    f"una comilla ` suelta\n{CALL}": [
        TextDelta("una comilla ` suelta\n"),
        *called(prompt="un gato", num_inference_steps=30),
    ],
    f"~~tachado~~ {CALL}": [TextDelta("~~tachado~~ "), *called(prompt="un gato", num_inference_steps=30)],
    "`<think>x</think>`": [TextDelta("`<think>x</think>`")],
    f"```\n{CALL}": [TextDelta(f"```\n{CALL}")],
    f"- lista:\n  ```\n  {CALL}\n  ```\n{CALL}": [
        TextDelta(f"- lista:\n  ```\n  {CALL}\n  ```\n"),
        *called(prompt="un gato", num_inference_steps=30),
    ],
}


@pytest.mark.parametrize("text", EXPECTED, ids=lambda text: repr(text)[:50])
def test_a_stream_means_the_same_however_it_is_cut(text: str) -> None:
    expected = EXPECTED[text]
    assert vague(parse([text])) == expected
    assert vague(parse(list(text))) == expected
    for first in range(len(text) + 1):
        assert vague(parse([text[:first], text[first:]])) == expected
    chance = random.Random(text)
    for _n in range(60):
        cuts = sorted(chance.choices(range(len(text) + 1), k=chance.randint(2, 9)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert vague(parse(pieces)) == expected


def test_random_streams_of_marks_mean_the_same_however_they_are_cut() -> None:
    chance = random.Random(11)
    crumbs = [*'<>{}[]"\\`~\n ,:/', "<TOOL:", "</TOOL>", "<tool_call>", "</tool_call>", "<think>", "</think>"]
    crumbs += ["```", '"a": 1', "t>", "ñ", "hola", CALL]
    for _n in range(400):
        text = "".join(chance.choices(crumbs, k=chance.randint(1, 25)))
        whole = parse([text])
        assert parse(list(text)) == whole
        cut = chance.randint(0, len(text))
        assert parse([text[:cut], text[cut:]]) == whole


def test_random_arguments_arrive_unchanged() -> None:
    chance = random.Random(5)

    def value(depth: int) -> object:
        kind = chance.randint(0, 6 if depth < 3 else 3)
        if kind <= 1:
            return "".join(chance.choices('abñ🐱"\\{}[]</TOOL>\n\t`', k=chance.randint(0, 15)))
        if kind <= 3:
            return chance.choice([0, -1.5, True, None, 7])
        if kind <= 5:
            return {str(n): value(depth + 1) for n in range(chance.randint(0, 3))}
        return [value(depth + 1) for _n in range(chance.randint(0, 3))]

    for _n in range(300):
        arguments = {"a": value(0), "b": value(0)}
        written = json.dumps(arguments, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 2]))
        events = parse(list(f"x<TOOL:t>{written}</TOOL>y"))
        assert isinstance(events[2], ToolCallReady)
        assert (events[2].call.arguments, events[2].call.problem) == (arguments, "")
        assert [events[0], events[-1]] == [TextDelta("x"), TextDelta("y")]


def test_words_flow_at_once_and_only_a_possible_mark_is_held() -> None:
    parser = Parser()
    assert parser.feed("Hola ") == [TextDelta("Hola ")]
    assert parser.feed("1 <") == [TextDelta("1 ")]
    assert parser.feed(" 2") == [TextDelta("< 2")]
    assert parser.feed("<TOO") == []
    assert parser.feed("T") == [TextDelta("<TOOT")]
    assert parser.feed("`<TOO") == [TextDelta("`<TOO")]


def test_a_call_is_announced_when_its_name_is_known() -> None:
    parser = Parser()
    assert parser.feed("<TOOL:generate_image>") == []
    assert parser.feed("{") == [ToolCallStarted("generate_image")]
    assert parser.feed('"prompt": "x') == []
    parser = Parser()
    assert parser.feed('<tool_call>{"name": "web_search"') == [ToolCallStarted("web_search")]


def test_calls_of_one_answer_have_ids_of_their_own() -> None:
    events = Parser().feed(CALL + CALL)
    ids = {event.call.id for event in events if isinstance(event, ToolCallReady)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    "unit",
    ["<TOOL:t>", '<TOOL:t>{"a": "', "<TOOL:", "`", "<", "<tool_call>{", "<think>", "{[" * 3, '<TOOL:t>{"a"}</TOOL>'],
)
def test_the_cost_grows_with_the_length_and_not_its_square(unit: str) -> None:
    once = calls(lambda: parse([unit * 100]))
    assert calls(lambda: parse([unit * 1000])) < 11 * once


def test_brackets_deeper_than_the_stack_are_a_problem_of_the_call() -> None:
    assert vague(parse(["<TOOL:t>" + "{" * 100_000])) == called("t", problem=True)
