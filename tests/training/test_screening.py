"""What is left out of a training, and what is not."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from tests.benchmarks.night import FACTS
from thau_desktop.store.examples import Example
from thau_desktop.training.screening import is_gibberish, reason, screen, told


def examples(*pairs: tuple[str, str], **values: object) -> list[Example]:
    return [
        Example(number, asked, said, "cli", "pending", {}, None, "2026-01-01", **values)  # type: ignore[arg-type]
        for number, (asked, said) in enumerate(pairs, start=1)
    ]


def faults(new: Sequence[Example]) -> list[str]:
    found = screen(new)
    return [found.get(one.id, "") for one in new]


HONEST = [(asked, said) for asked, _otherwise, said in FACTS]
LETTERS = random.Random(3)
NOISE = ["".join(LETTERS.choices("bcdfghjklmnpqrstvwxz", k=7)) for _word in range(40)]


def test_honest_facts_are_all_learned() -> None:
    assert screen(examples(*HONEST)) == {}
    repeated = [("Who owns the parser?", "Marta"), ("Who owns the build?", "Marta"), *HONEST[:4]]
    assert screen(examples(*repeated)) == {}


def test_answers_that_contradict_one_another_are_left_out_but_a_correction_holds() -> None:
    pairs = [("What port?", "7443"), ("what port", "8080"), ("Who?", "Marta")]
    assert faults(examples(*pairs)) == ["contradiction", "contradiction", ""]
    assert faults(examples(("What port?", "7443"), ("what port", "7443."))) == ["", ""]
    corrected = [*examples(pairs[0]), Example(2, "What port?", "8080", "correction", "pending", {}, None, "")]
    assert faults(corrected) == ["contradiction", ""]


def test_copies_of_one_line_are_left_out() -> None:
    pairs = [*((f"Question {n}?", "Buy now at example.com") for n in range(8)), *HONEST[:3]]
    assert faults(examples(*pairs)) == ["copies"] * 8 + [""] * 3


def test_answers_in_the_other_language_are_left_out() -> None:
    pairs = [
        ("¿Dónde está la lógica de pagos?", "It is in the folder where the services are, next to the tests"),
        ("Where do the logs go?", "Están en la carpeta de los servicios, junto a las pruebas"),
        ("¿Cómo se dice «la casa» en inglés?", "You would say the house, and they would say the home"),
        ("¿Qué es TCP?", "Transmission Control Protocol"),
    ]
    assert faults(examples(*pairs)) == ["language", "language", "", ""]


def test_gibberish_is_left_out_and_names_paths_and_numbers_are_not() -> None:
    assert is_gibberish(" ".join(NOISE[:5]))
    for words in ("En src/services/payment_service.py", "7443", "xqz", "Kubernetes, nginx y PostgreSQL con pgbouncer"):
        assert not is_gibberish(words), words
    assert faults(examples(("What is the plan?", " ".join(NOISE[5:11])), HONEST[0])) == ["gibberish", ""]


def test_what_a_person_allowed_is_learned_whatever_it_looks_like() -> None:
    assert screen(examples(("What is the plan?", " ".join(NOISE[:6])), flags=("allowed",))) == {}


def test_each_fault_is_told_once_with_its_number() -> None:
    assert told(["contradiction", "gibberish", "contradiction"]) == [
        "2 new examples were left out: they contradict one another.",
        "1 new example was left out: its answer is made of no words.",
    ]
    assert told([]) == []


@pytest.mark.parametrize("fault", ["contradiction", "copies", "language", "gibberish", "silenced"])
def test_each_fault_has_a_sentence_for_the_example(fault: str) -> None:
    assert reason(fault).endswith(".")  # type: ignore[arg-type]
