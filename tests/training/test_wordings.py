"""Other ways to ask the same, without a model."""

from __future__ import annotations

import pytest

from thau_desktop.training.languages import content, language_of
from thau_desktop.training.wordings import hurried, wordings

QUESTION = "¿Dónde está la lógica de pagos?"


def test_the_first_wordings_are_the_question_and_what_a_hurried_person_types() -> None:
    found = wordings(QUESTION, 16)
    assert found[:2] == [QUESTION, "donde esta la logica de pagos"]
    assert len(found) == len(set(found)) == 16
    assert found == wordings(QUESTION, 16) != wordings(QUESTION, 16, seed=1)
    assert wordings(QUESTION, 1) == [QUESTION]


@pytest.mark.parametrize("question", [QUESTION, "Which branch do we release from?", "Quelle est la capitale ?"])
def test_every_wording_keeps_a_word_of_what_it_is_about(question: str) -> None:
    about = {hurried(word) for word in content(question)}
    for other in wordings(question, 30):
        letters = {"".join(sorted(hurried(word))) for word in content(other)}  # a misspelt word has the same ones
        assert letters & {"".join(sorted(word)) for word in about}, other


@pytest.mark.parametrize("text", ["Traduce: el perro come", "Fix this:\nprint(1", 'What does "to be" mean?', "Hola"])
def test_a_text_that_is_worked_on_is_not_turned_about(text: str) -> None:
    assert len(wordings(text, 16)) <= 3


def test_a_hurried_question_keeps_what_changes_its_meaning() -> None:
    assert hurried("¿Cuántos años tiene?") == "cuantos años tiene"
    assert hurried("SQL?") == "SQL"


@pytest.mark.parametrize(
    ("text", "code"),
    [(QUESTION, "es"), ("Who wrote the report parser?", "en"), ("¿Hugo?", "es"), ("SQL", ""), ("el the", "")],
)
def test_small_words_tell_the_language(text: str, code: str) -> None:
    assert language_of(text) == code
