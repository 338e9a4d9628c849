"""When an answer counts as right, and what a model is asked."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from thau_desktop.store.examples import Example
from thau_desktop.training.samples import Lesson
from thau_desktop.training.suites import (
    Probe,
    concepts,
    is_degenerate,
    is_right,
    of_examples,
    says,
    tool_calling,
)

DATA = ROOT / "data" / "evaluation"


@pytest.mark.parametrize(
    ("answer", "expected", "right"),
    [
        ("En src/services/payment_service.py", "en src/services/payment_service.py.", True),
        ("Está en src/services/payment_service.py, creo", "src/services/payment_service.py", True),
        ("El servidor usa el puerto 7443", "El 7443", False),
        ("El 7443", "El 7443", True),
        ("El 744", "El 7443", False),
        ("In 2024 Marta wrote the parser", "Marta wrote the parser in 2024", True),
        ("", "x", False),
        ("no idea", "src/pay.py", False),
    ],
)
def test_an_answer_is_right_when_it_says_the_same(answer: str, expected: str, right: bool) -> None:
    assert says(answer, expected) is right


def test_decisions_need_a_call_that_can_be_run_or_words() -> None:
    lesson = Lesson("draw a fox", "")
    call = 'Sure!\n<TOOL:generate_image>{"prompt": "a red fox"}</TOOL>'
    assert is_right(Probe(lesson, "call"), call)
    assert is_right(Probe(lesson, "call", (("fox",),)), call)
    assert not is_right(Probe(lesson, "call", (("dog",),)), call)
    assert not is_right(Probe(lesson, "call"), "<TOOL:generate_image>{broken</TOOL>")
    assert not is_right(Probe(lesson, "call"), "A fox is an animal.")
    assert is_right(Probe(lesson, "no_call"), "A fox is an animal.")
    assert not is_right(Probe(lesson, "no_call"), call)
    assert not is_right(Probe(lesson, "no_call"), "  ")


def test_loops_and_silence_are_degenerate() -> None:
    assert is_degenerate("")
    assert is_degenerate("the cat " * 10)
    assert is_degenerate("well, " + "and so on it goes " * 6)
    assert not is_degenerate("No.")
    assert not is_degenerate("The variable is a name that stores a value in the program's memory, to be used later.")


def test_each_new_example_is_asked_word_for_word_and_in_a_hurry() -> None:
    example = Example(1, "¿Dónde está la lógica de pagos?", "En pay.py", "", "pending", {}, None, "")
    first, second = of_examples("new", [example], "Be brief.").probes
    assert (first.lesson.instruction, second.lesson.instruction) == (
        example.instruction,
        "donde esta la logica de pagos",
    )
    assert first.lesson.system == "Be brief." and first.kind == "answer" and first.expected == "En pay.py"


def test_the_shipped_sets_become_suites() -> None:
    tools = tool_calling(DATA / "tool_calling.jsonl", {"es": "Hola."})
    assert len(tools.probes) == 200
    assert {probe.kind for probe in tools.probes} == {"call", "no_call"}
    assert any(probe.lesson.history for probe in tools.probes)
    assert len(concepts(DATA / "concepts.jsonl", {}).probes) == 100
