"""`thau tokens`."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.conftest import Outcome

Thau = Callable[..., Outcome]


def test_one_text_under_several_tokenizers(here: Thau) -> None:
    shown = here(
        "tokens", "Dibuja un gato azul", "--model", "thau-nano-v1", "--model", "example-unigram", "--json"
    ).json
    assert [each["model"] for each in shown["tokenizers"]] == ["thau-nano-v1", "example-unigram"]
    for each in shown["tokenizers"]:
        assert each["count"] == len(each["ids"]) == len(each["tokens"])
        assert "".join(piece["text"] for piece in each["pieces"]) == "Dibuja un gato azul"


def test_without_a_name_the_model_in_use_is_asked(here: Thau) -> None:
    shown = here("tokens", "¡Hola!")
    assert shown.status == 0 and "thau-nano-v1" in shown.out and "BPE" in shown.out


def test_a_tokenizer_that_is_not_there_is_told(here: Thau) -> None:
    refused = here("tokens", "hola", "--model", "gpt-7")
    assert refused.status == 1 and "no tokenizer gpt-7" in refused.err


def test_a_text_without_a_token_has_none(here: Thau) -> None:
    assert [each["count"] for each in here("tokens", "", "--json").json["tokenizers"]] == [0]
    assert "0 tokens" in here("tokens", "").out
    assert here("tokens", "  ", "--model", "example-wordpiece", "--json").json["tokenizers"][0]["pieces"] == []
