"""Numbers read as people write them, in both languages."""

from __future__ import annotations

import pytest

from thau_desktop.messages import ModelLoading
from thau_desktop.translation import set_language
from ui.words import decimal, grouped, loading_words, parameters_of, size_of


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (1_900_000_000, "1.9 GB"),
        (999_600, "1.0 MB"),
        (2 * 10**15, "2000 TB"),
    ],
)
def test_sizes(size: int, words: str) -> None:
    assert size_of(size) == words


def test_numbers_follow_the_language() -> None:
    assert (decimal(8.25), grouped(1284), parameters_of(8_300_000), parameters_of(1_500_000_000)) == (
        "8.2",
        "1\u202f284",
        "8.3 M",
        "1.5 B",
    )
    set_language("es")
    assert decimal(0.21, 2) == "0,21"


def test_a_model_that_is_loaded_says_what_it_takes_where_that_is_known() -> None:
    assert loading_words(ModelLoading("tiny")) == "Loading tiny…"
    words = "Loading tiny: it takes about 1.5 GB of the 8.0 GB that are free…"
    assert loading_words(ModelLoading("tiny", 1_500_000_000, 8_000_000_000)) == words
