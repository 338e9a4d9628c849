"""`thau export` and `thau ollama`: what a person types to take a version elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Outcome
from tests.standins.ollama import Held, Ollama, serving
from thau_desktop.export import validator

Thau = Callable[..., Outcome]


def calling(asked: dict[str, Any]) -> Iterator[str]:
    """As the starter model does: words for words, a call for a picture."""
    yield '<TOOL:generate_image>{"prompt": "a cat"}</TOOL>' if "Dibuja" in str(asked["messages"]) else "¡Hola!"


@pytest.fixture
def ollama(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    with serving(Ollama(calling)) as served:
        monkeypatch.setenv("OLLAMA_HOST", served.url)
        yield served


def test_a_version_is_exported_and_the_two_lines_to_use_it_are_told(here: Thau, home: Path) -> None:
    done = here("export", "thau-nano-v1", "--quant", "q8_0")

    path = home / "export" / "gguf" / "thau-nano-v1-q8_0.gguf"
    assert done.status == 0
    assert done.out.splitlines() == [
        str(path),
        f'  ollama create thau-nano-v1 -f "{path.with_suffix(".Modelfile")}"',
        "  ollama run thau-nano-v1",
    ]
    assert "Reading it back 100 %" in done.err
    list(validator.check(path))


def test_an_export_as_json_is_a_line_an_event(thau: Thau, tmp_path: Path) -> None:
    done = thau("export", "--output", str(tmp_path / "mine.gguf"), "--json")

    assert done.status == 0
    assert {line["type"] for line in done.lines[:-1]} == {"export_progress"}
    last = done.lines[-1]
    assert (last["type"], last["state"]) == ("exported", "complete")
    assert last["path"] == str(tmp_path / "mine.gguf")
    assert last["sha256"] == validator.read(tmp_path / "mine.gguf").sha256
    assert (tmp_path / "mine.Modelfile").is_file()


def test_an_export_as_safetensors_is_a_model_folder(here: Thau, tmp_path: Path) -> None:
    done = here("export", "--format", "safetensors", "--output", str(tmp_path))

    assert done.out == f"{tmp_path / 'thau-nano-v1'}\n"
    assert (tmp_path / "thau-nano-v1" / "model.safetensors").is_file()


@pytest.mark.parametrize(
    ("arguments", "status", "what"),
    [
        (("--quant", "q9"), 1, "There is no quantisation q9"),
        (("thau-nano-v7",), 1, "thau-nano-v7"),
        (("--format", "zip"), 2, "gguf, safetensors"),
    ],
)
def test_what_can_not_be_exported_is_told(arguments: tuple[str, ...], status: int, what: str, here: Thau) -> None:
    done = here("export", *arguments)

    assert done.status == status
    assert what in done.err
    assert "Traceback" not in done.err


def test_a_version_is_pushed_listed_and_told(here: Thau, ollama: Ollama) -> None:
    done = here("ollama", "push", "thau-nano-v1")

    assert done.status == 0
    assert done.out.splitlines()[0] == "thau-nano-v1 is in Ollama, as thau:latest, too."
    assert "  ollama run thau" in done.out.splitlines()
    names = [model["name"] for model in here("ollama", "list", "--json").json["models"]]
    assert sorted(names) == ["thau-nano-v1:latest", "thau:latest"]
    told = here("ollama", "status", "--json").json
    assert told["running"] and told["safe"]
    assert (told["latest"], told["waiting"], told["url"]) == ("thau-nano-v1", None, ollama.url)
    assert "thau:latest is thau-nano-v1." in here("ollama", "status").out


def test_a_push_that_fails_is_one_line_and_leaves_latest(here: Thau, ollama: Ollama) -> None:
    ollama.answer = lambda asked: iter([""])
    ollama.models["thau:latest"] = Held(bytes=7)

    done = here("ollama", "push")

    assert done.status == 1
    assert done.err.splitlines()[-1].startswith("Error: thau-nano-v1 does not answer in Ollama")
    assert ollama.models == {"thau:latest": Held(bytes=7)}


def test_without_ollama_the_way_is_told(here: Thau, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")

    assert here("ollama", "status", "--json").json["running"] is False
    for command in ("push", "list"):
        done = here("ollama", command)
        assert done.status == 1
        assert "Start Ollama" in done.err


def test_an_old_ollama_is_warned_about(here: Thau, ollama: Ollama) -> None:
    ollama.version = "0.34.9"

    assert here("ollama", "status", "--json").json["safe"] is False
    assert "Update Ollama to 0.35.0" in here("ollama", "status").out
