"""`thau train` and `thau versions` before anything was learned, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from thau_desktop.app import Thau as Core
from thau_desktop.inference.model_folder import digest
from thau_desktop.training import night
from thau_desktop.training.night import Finished, Trainer

Thau = Callable[..., Outcome]


def test_too_few_examples_are_refused_with_the_way_on(here: Thau) -> None:
    here("add", "q", "a")
    done = here("train")
    assert done.status == 1
    assert done.err == "Error: 1 new examples wait, at least 10 are needed. --force trains with what there is.\n"
    assert here("train", "--json").lines[-1]["outcome"] == "skipped"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--epochs", "0"], "epochs"),
        (["--lr", "7"], "learning_rate"),
        (["--recipe", "magic"], "There is no recipe named magic"),
    ],
)
def test_a_recipe_that_can_not_work_is_refused(here: Thau, arguments: list[str], what: str) -> None:
    done = here("train", "--force", *arguments)
    assert done.status == 1 and what in done.err and "Traceback" not in done.err


def test_the_base_has_nothing_before_it(here: Thau) -> None:
    assert here("versions").out == "Nothing was trained yet: thau-nano-v1 is the base.\n"
    assert here("versions", "list", "--json").json == {"current": "thau-nano-v1", "versions": []}
    assert "nothing before it" in here("versions", "rollback").err
    assert here("versions", "show", "thau-nano-v9").status == 1
    assert here("versions", "use", "thau-nano-v9").status == 1


def test_a_version_is_listed_shown_compared_and_used(here: Thau, home: Path) -> None:
    with Core() as core:
        run = core.runs.begin("person", "thau-nano-v1", "thau-nano-v1", {})
        core.versions.add(
            "thau-nano-v2",
            base="thau-nano-v1",
            base_digest=digest(core.models.find("thau-nano-v1").path),
            parent="thau-nano-v1",
            folder="run-0001/adapter",
            run_id=run.id,
            data_digest="",
            learned=12,
            scores={"new": 0.95, "tools": 0.98},
        )
        core.runs.end(run.id, "promoted", reasons=["It learned."], version="thau-nano-v2")
    assert "12 examples learned" in here("versions").out
    assert here("versions", "show", "thau-nano-v2").out == "thau-nano-v2, trained from thau-nano-v1\n  It learned.\n"
    lost = here("versions", "use", "thau-nano-v2")
    assert lost.status == 1 and "has lost its files" in lost.err
    (home / "checkpoints" / "incremental" / "run-0001" / "adapter").mkdir(parents=True)
    compared = here("versions", "compare", "thau-nano-v1", "thau-nano-v2")
    assert compared.out.splitlines() == [
        "thau-nano-v1: no scores: it is the base",
        "thau-nano-v2: what is new 95 % · when to draw 98 %",
    ]
    assert here("versions", "use", "thau-nano-v2").out == "thau-nano-v2 answers from now on.\n"
    assert here("version").out == "thau-nano-v2\n"
    assert here("versions", "delete", "thau-nano-v2").status == 1
    assert here("versions", "rollback").out == "thau-nano-v1 answers from now on.\n"
    assert here("versions", "delete", "thau-nano-v2").out == "thau-nano-v2 was deleted.\n"


def test_how_a_training_ended_is_a_sentence_and_a_record(here: Thau, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = Finished("rejected", "thau-nano-v1", ("It lost too much.",), {"candidate": {"new": 0.5}}, 1)
    monkeypatch.setattr(Trainer, "train", lambda *_arguments, **_options: iter([night.RunStarted(1, "v1", 3), ended]))
    done = here("train", "--force")
    assert done.status == 0
    assert done.out.splitlines() == [
        "Rejected: thau-nano-v1 stays in use, and the examples wait on.",
        "  It lost too much.",
    ]
    last = here("train", "--force", "--json").lines[-1]
    assert json.dumps(last["reasons"]) == '["It lost too much."]' and last["type"] == "finished"
