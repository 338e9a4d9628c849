"""A night from waiting examples to a promoted or rejected version, with a tiny model that really learns."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from safetensors.numpy import load_file

from tests import tiny_gguf
from thau_desktop import status
from thau_desktop.app import Thau
from thau_desktop.errors import ModelUnsupported, StoreError, ThauError
from thau_desktop.inference.backend import GenerationRequest
from thau_desktop.messages import Message, Sampling, Text, TextDelta
from thau_desktop.store.examples import Example
from thau_desktop.training import curriculum, evaluation, gate, night, tasks
from thau_desktop.training.blend import WEIGHTS
from thau_desktop.training.events import EvaluationDone, EvaluationProgress, StepDone
from thau_desktop.training.night import Finished, RunStarted
from thau_desktop.training.recipe import Recipe, preset

RECIPE = Recipe(epochs=40, batch_size=8, lora_r=16, lora_alpha=32, learning_rate=1e-2, replay_share=0.0)
PORT = "The port of the server?"
FACTS = {PORT: "7443", "¿De qué color es la puerta?": "azul", "Who wrote it, and when was it?": "Marta"}

CALL = '<TOOL:generate_image>{"prompt": "a fox"}</TOOL>'
TOOLS = [
    {"system": "Draw when asked.", "instruction": "Draw a fox", "output": CALL},
    {"system": "Draw when asked.", "instruction": "Hello", "output": "Hello!"},
]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Suites of a few questions in the place of the shipped ones."""
    folder = tmp_path / "data"
    (folder / "evaluation").mkdir(parents=True)
    (folder / "datasets").mkdir()
    tools = [{"language": "en", "prompt": PORT, "picture": False}]
    general = [{"language": "en", "question": PORT, "keywords": [["nothing like this"]]}]
    for name, records in (
        ("evaluation/tool_calling.jsonl", tools),
        ("evaluation/concepts.jsonl", general),
        (
            "datasets/reminders.jsonl",
            [{"instruction": "hello", "output": "hi"}],
        ),
        ("datasets/tool_calling.jsonl", TOOLS),
    ):
        (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records))
    monkeypatch.setattr(curriculum, "data", lambda: folder)
    return folder


@pytest.fixture
def thau(home: Path, tiny_folder: Path, data: Path) -> Iterator[Thau]:
    shutil.copytree(tiny_folder, home / "models" / "thau-tiny-v1")
    with Thau() as opened:
        opened.change("model", "name", "thau-tiny-v1")
        opened.change("model", "device", "cpu")
        opened.change("model", "threads", 1)
        opened.change("training", "min_new_examples", 3)
        for instruction, output in FACTS.items():
            opened.examples.add(instruction, output)
        yield opened


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the child does is done in this process, which has torch already."""

    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # its thread would stay

    def run(function: Callable[..., Iterator[Any]], args: tuple[Any, ...], cancel: threading.Event, **_: Any) -> Any:
        return function(*args, cancel=cancel)

    monkeypatch.setattr(night, "run_in_child", run)


def train(thau: Thau, recipe: Recipe | None = RECIPE, **options: Any) -> list[Any]:
    return list(thau.trainer.train(recipe, threading.Event(), **options))


def answer(thau: Thau, question: str) -> str:
    request = GenerationRequest((Message("user", (Text(question),)),), Sampling(temperature=0, max_new_tokens=20))
    events = thau.backend().stream(request, threading.Event())
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_a_night_promotes_what_it_learned_and_one_click_undoes_it(thau: Thau) -> None:
    before = answer(thau, PORT)
    first, *_events, last = train(thau)
    assert isinstance(first, RunStarted) and (first.incumbent, first.new) == ("thau-tiny-v1", 3)
    assert isinstance(last, Finished) and (last.outcome, last.version) == ("promoted", "thau-tiny-v2")
    assert last.scores["candidate"]["new"] >= 0.7 > last.scores["incumbent"]["new"]
    assert thau.settings.model.name == "thau-tiny-v2"
    assert answer(thau, PORT) == "7443" != before  # the same child, another adapter

    assert {one.state for one in thau.examples.list()} == {"trained"}
    assert {one.version for one in thau.examples.list()} == {"thau-tiny-v2"}
    log = (thau.paths.logs / "trained_examples.jsonl").read_text().splitlines()
    assert [json.loads(line)["instruction"] for line in log] == list(FACTS)
    run = thau.runs.last_ended()
    assert run is not None and (run.state, run.version, run.step) == ("promoted", "thau-tiny-v2", run.steps)
    assert run.reasons == last.reasons

    assert thau.lineage.roll_back() == "thau-tiny-v1"
    assert answer(thau, PORT) == before
    with pytest.raises(ThauError, match="nothing before it"):
        thau.lineage.roll_back()
    thau.lineage.use("thau-tiny-v2")
    with pytest.raises(ThauError, match="in use"):
        thau.lineage.delete("thau-tiny-v2")
    thau.lineage.use("thau-tiny-v1")
    thau.lineage.delete("thau-tiny-v2")
    with pytest.raises(StoreError, match="no version thau-tiny-v2"):
        thau.versions.get("thau-tiny-v2")
    assert thau.versions.next_name("tiny") == "thau-tiny-v3"


def test_what_a_version_answered_is_not_asked_again(thau: Thau, here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(events: list[Any]) -> int:
        return next(event.total for event in events if isinstance(event, EvaluationProgress))

    first = train(thau)
    assert first[-1].outcome == "promoted"
    before = thau.settings.model.name
    thau.examples.add("Who sings?", "Mercedes")
    second = train(thau, force=True)
    new, earlier, fixed = 2, 6, 2  # word for word and in a hurry; tools and general
    assert asked(first) == 2 * (6 + fixed) and asked(second) == 2 * (new + earlier) + fixed
    scores = {event.model: event.scores for event in second if isinstance(event, EvaluationDone)}
    assert list(scores["incumbent"]) == list(scores["candidate"])
    assert list(scores["base"]) == ["tools", "general"]  # what the base can, and known from the first night
    assert scores["incumbent"]["tools"].share == 1.0
    kept = thau.paths.checkpoints / "scores" / f"{before}.json"
    thau.lineage.use(before)
    thau.examples.add("Who dances?", "Cyd")
    with monkeypatch.context() as short_of_memory:
        short_of_memory.setattr(evaluation, "choose_precision", lambda *_args: "nf4")
        assert asked(train(thau, force=True)) >= 2 * new + 2 * fixed
    kept.write_text("{half a")
    thau.lineage.use(before)
    thau.examples.add("Who plays?", "Astor")
    assert asked(train(thau, force=True)) >= 2 * new + 2 * fixed  # what can't be read is asked again
    thau.lineage.use("thau-tiny-v1")
    thau.lineage.delete(before)
    assert not kept.exists()


def test_a_version_that_drifted_is_learned_anew_from_its_base(thau: Thau, here: None) -> None:
    assert not thau.lineage.has_drifted() and thau.lineage.drift() == {}
    assert train(thau)[-1].outcome == "promoted"
    assert thau.lineage.drift() == {"tools": 0.0, "general": 0.0} and not thau.lineage.has_drifted()
    assert train(thau, None)[-1].outcome == "skipped"  # nothing waits

    with thau.database.transaction() as connection:  # as if nights had worn it down
        connection.execute("UPDATE versions SET scores = ?", (json.dumps({"tools": 0.9, "general": 0.0}),))
    assert thau.lineage.drift()["tools"] == pytest.approx(0.1) and thau.lineage.has_drifted()
    thau.examples.add("Who sings?", "Mercedes")
    anew = RECIPE.changed(name="consolidate", from_base=True)
    first, *_events, last = train(thau, anew, force=True)
    assert (first.new, last.outcome, last.learned) == (1, "promoted", 1), last.reasons
    version = thau.versions.get(last.version)
    assert (version.parent, version.number) == ("thau-tiny-v2", 3)
    assert answer(thau, PORT) == "7443" and answer(thau, "Who sings?") == "Mercedes"
    assert not thau.lineage.has_drifted()


def test_the_night_itself_begins_anew_once_and_not_again_where_that_was_rejected(thau: Thau, here: None) -> None:
    train(thau)
    with thau.database.transaction() as connection:
        connection.execute("UPDATE versions SET scores = ?", (json.dumps({"tools": 0.9}),))
    thau.change("training", "learning_rate", 1e-7)  # learns nothing
    assert train(thau, None)[-1].outcome == "rejected"
    run = thau.runs.last_ended()
    assert run is not None and run.recipe["from_base"] and run.recipe["name"] == "consolidate"
    assert not thau.lineage.has_drifted()
    assert train(thau, None)[-1].outcome == "skipped"


def test_a_night_that_learned_nothing_is_rejected_and_the_examples_wait(thau: Thau, here: None) -> None:
    last = train(thau, RECIPE.changed(epochs=1, learning_rate=1e-7))[-1]
    assert isinstance(last, Finished) and (last.outcome, last.version) == ("rejected", "thau-tiny-v1")
    assert "at least 70 % are asked for" in last.reasons[0]
    assert thau.settings.model.name == "thau-tiny-v1"
    assert {(one.state, one.reason) for one in thau.examples.list()} == {("pending", last.reasons[0])}
    assert thau.versions.list() == []


def test_a_second_night_forgets_unless_it_repeats_and_the_gate_sees_it(thau: Thau, here: None) -> None:
    train(thau)
    thau.examples.add("In which city do they live?", "Lugo")
    forgetful = train(thau, force=True)[-1]
    assert isinstance(forgetful, Finished) and forgetful.outcome == "rejected"
    assert any("It lost too much of what was learned before" in reason for reason in forgetful.reasons)
    last = train(thau, RECIPE.changed(replay_share=0.75, learning_rate=5e-3), force=True)[-1]
    assert isinstance(last, Finished) and (last.outcome, last.version) == ("promoted", "thau-tiny-v3")
    assert thau.versions.get("thau-tiny-v3").parent == "thau-tiny-v2"
    assert thau.examples.list("trained", search="city")[0].version == "thau-tiny-v3"
    assert thau.examples.list("trained", search="server")[0].version == "thau-tiny-v2"


def test_bad_examples_are_set_aside_with_their_reason_and_the_rest_is_learned(thau: Thau, here: None) -> None:
    thau.examples.add("What is the plan?", "wqxz kjvb zzpq xwvk qqjz xkcd wvut")
    last = train(thau)[-1]
    assert isinstance(last, Finished) and last.outcome == "promoted"
    assert last.reasons[-1] == "1 new example was left out: its answer is made of no words."
    (bad,) = thau.examples.list("rejected")
    assert bad.reason == "The answer is made of no words."
    thau.examples.allow([bad.id])
    assert [one.id for one in thau.examples.list("pending")] == [bad.id]
    assert thau.examples.get(bad.id).allowed


def test_a_night_of_bad_examples_alone_is_rejected_at_once_and_asks_for_a_person(thau: Thau) -> None:
    thau.examples.delete([one.id for one in thau.examples.list()])
    for answer_ in ("7443", "8080", "9090"):
        thau.examples.add(PORT, answer_)
    (last,) = train(thau)
    assert (last.outcome, last.reasons) == ("rejected", ("3 new examples were left out: they contradict one another.",))
    assert thau.examples.counts()["rejected"] == 3
    run = thau.runs.last_ended()
    assert run is not None and (run.state, run.reasons) == ("rejected", last.reasons)
    assert train(thau)[0].outcome == "skipped"  # nothing waits


def test_a_newer_answer_takes_the_place_of_the_one_that_was_learned(thau: Thau, here: None) -> None:
    train(thau)
    thau.examples.add(PORT, "8080")
    last = train(thau, RECIPE.changed(replay_share=0.75), force=True)[-1]
    assert isinstance(last, Finished) and last.outcome == "promoted", last
    assert answer(thau, PORT) == "8080"
    (old,) = thau.examples.list("excluded")
    assert (old.output, old.reason) == ("7443", "A newer answer took its place.")


def test_only_the_newest_versions_are_kept_and_those_that_are_needed(thau: Thau, here: None) -> None:
    thau.change("training", "keep_versions", 2)
    for number in range(2, 6):
        parent = f"thau-tiny-v{number - 1}"
        folder = f"old-{number}/adapter"
        (thau.paths.checkpoints / folder).mkdir(parents=True)
        thau.versions.add(
            f"thau-tiny-v{number}", base="thau-tiny-v1", base_digest="", parent=parent, folder=folder, run_id=None,
            data_digest="", learned=1, scores={},
        )  # fmt: skip
    last = train(thau)[-1]
    assert last.version == "thau-tiny-v6"  # trained from version 1, which was in use
    assert [version.name for version in thau.versions.list()] == ["thau-tiny-v6", "thau-tiny-v5"]
    assert not (thau.paths.checkpoints / "old-2" / "adapter").exists()


def test_a_pinned_question_is_asked_and_not_learned_and_must_not_be_lost(thau: Thau, here: None) -> None:
    train(thau)
    pinned = thau.examples.list(search="Marta")[0]
    thau.examples.set_state([pinned.id], "held_out")
    thau.examples.add("In which city do they live?", "Lugo")
    last = train(thau, force=True)[-1]
    assert last.scores["incumbent"]["pinned"] == 1.0 > last.scores["candidate"]["pinned"]
    assert any(reason.startswith("It lost too much of your pinned questions") for reason in last.reasons)
    assert thau.examples.get(pinned.id).state == "held_out"


def test_the_recipe_of_tools_brings_its_own_examples(thau: Thau, here: None) -> None:
    thau.examples.delete([one.id for one in thau.examples.list()])
    recipe = preset("tools").changed(epochs=2, replay_share=0.0)
    first, start, *_events, last = train(thau, recipe, force=True)
    assert (first.new, start.rows) == (0, 2)
    assert isinstance(last, Finished) and set(last.scores["candidate"]) == {"new", "tools", "general"}


def test_only_folders_are_trained_and_it_is_said(thau: Thau) -> None:
    tiny_gguf.write(thau.paths.models / "thau-file-v1.gguf")
    for name in ("thau-file-v1", "ollama/qwen3:8b"):
        thau.change("model", "name", name)
        last = train(thau)[-1]
        assert last.outcome == "skipped"
        assert last.reasons[0].startswith(f"{name} has no weights in a folder, so it can answer but can't be trained")
        with pytest.raises(ModelUnsupported, match="can't be trained"):
            list(thau.trainer.test(threading.Event()))


def test_too_few_or_unreviewed_examples_are_a_recorded_skip(thau: Thau) -> None:
    thau.change("training", "min_new_examples", 4)
    (last,) = train(thau)
    assert last.outcome == "skipped"
    assert last.reasons == ("3 new examples wait, at least 4 are needed.",)
    run = thau.runs.last_ended()
    assert run is not None and (run.state, run.reasons) == ("skipped", last.reasons)


def test_a_test_asks_the_version_in_use_and_changes_nothing(thau: Thau, here: None) -> None:
    *_events, last = thau.trainer.test(threading.Event())
    assert isinstance(last, Finished) and last.outcome == "skipped"
    assert set(last.scores["incumbent"]) == {"new", "tools", "general"}
    assert thau.runs.list() == [] and thau.examples.counts()["pending"] == 3


def test_only_one_training_runs_at_a_time(thau: Thau) -> None:
    with FileLock(thau.paths.home / "training.lock"):
        (last,) = train(thau)
    assert (last.outcome, last.reasons) == ("skipped", ("Another training is running.",))


def test_a_stopped_training_changes_nothing(thau: Thau, here: None) -> None:
    cancel = threading.Event()
    events = []
    for event in thau.trainer.train(RECIPE, cancel):
        events.append(event)
        if isinstance(event, StepDone) and event.step == 2:
            cancel.set()
    assert events[-1].outcome == "stopped"
    assert thau.examples.counts()["pending"] == 3
    assert thau.settings.model.name == "thau-tiny-v1"
    first, second, *_rest, last = train(thau)  # nothing has changed: it goes on from there
    assert first.resumed and second.done == 2 and last.outcome == "promoted"
    assert len(thau.runs.list()) == 1


def test_a_stopped_training_begins_anew_when_there_is_more_to_learn(thau: Thau, here: None) -> None:
    cancel = threading.Event()
    for event in thau.trainer.train(RECIPE, cancel):
        if isinstance(event, StepDone):
            cancel.set()
    thau.examples.add("In which city do they live?", "Lugo")
    first = train(thau)[0]
    assert not first.resumed and first.new == 4


@pytest.mark.parametrize("stage", ["training", "evaluating"])
def test_a_run_whose_process_was_killed_is_brought_to_its_end(
    thau: Thau, here: None, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after kill -9: the row says running, its writer is gone, and what lies on disk is what was written last."""
    for event in thau.trainer.train(RECIPE, threading.Event()):
        if isinstance(event, StepDone) and stage == "training" and event.step == 5:
            break
        if type(event).__name__ == "EvaluationProgress" and stage == "evaluating":
            break
    running = thau.runs.running()
    assert running is not None and status.training(thau).state == "running"
    thau.database.connection().execute("UPDATE runs SET writer_pid = 1, writer_started = 1.0")
    assert status.training(thau).state == "idle"
    events = train(thau)
    assert isinstance(events[0], RunStarted) and events[0].resumed and events[0].run_id == running.id
    outcomes = [event.outcome for event in events if isinstance(event, Finished)]
    assert outcomes == ["promoted"]
    assert {one.version for one in thau.examples.list()} == {"thau-tiny-v2"}
    assert len(thau.versions.list()) == 1


def test_a_promotion_that_was_killed_half_way_is_finished(thau: Thau, here: None) -> None:
    use, killed = thau.lineage._use, False

    def kill_once(name: str) -> None:
        nonlocal killed
        if not killed:
            killed = True
            raise KeyboardInterrupt
        use(name)

    thau.lineage._use = kill_once
    with pytest.raises(KeyboardInterrupt):
        train(thau)
    assert thau.settings.model.name == "thau-tiny-v1" and len(thau.versions.list()) == 1
    thau.database.connection().execute("UPDATE runs SET writer_pid = 1, writer_started = 1.0")
    outcomes = [event.outcome for event in train(thau) if isinstance(event, Finished)]
    assert outcomes == ["promoted"]
    assert thau.settings.model.name == "thau-tiny-v2" and len(thau.versions.list()) == 1
    assert len((thau.paths.logs / "trained_examples.jsonl").read_text().splitlines()) == len(FACTS)


def test_a_base_that_is_gone_is_a_recorded_failure(thau: Thau, here: None) -> None:
    shutil.rmtree(thau.paths.models / "thau-tiny-v1")
    last = train(thau)[-1]
    assert last.outcome == "failed" and "not on this disk" in last.reasons[0]
    run = thau.runs.last_ended()
    assert run is not None and run.state == "failed" and "not on this disk" in run.problem
    assert thau.examples.counts()["pending"] == 3


def nearly(monkeypatch: pytest.MonkeyPatch, *decisions: bool) -> list[float]:
    """The gate decides so, in this order, and calls each loss a small one. Returns how strong each candidate was."""
    left, strengths = list(decisions), []

    def decide(*_scores: Any) -> gate.Decision:
        promote = left.pop(0)
        return gate.Decision(promote, (gate.Reason("Good." if promote else "It lost a little.", not promote, True),))

    asked = night.Trainer._ask

    def ask(self: night.Trainer, *arguments: Any) -> Iterator[Any]:
        folder = next(each for each in arguments if isinstance(each, Path))
        strengths.append(strength(folder / tasks.ADAPTER))
        return asked(self, *arguments)

    monkeypatch.setattr(gate, "decide", decide)
    monkeypatch.setattr(night.Trainer, "_ask", ask)
    return strengths


def strength(folder: Path) -> float:
    weights = load_file(folder / WEIGHTS)
    return float(sum(abs(values).sum() for name, values in weights.items() if "lora_B" in name))


def test_what_lost_a_little_is_asked_again_at_part_of_its_strength(
    thau: Thau, here: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    strengths = nearly(monkeypatch, False, True)
    last = train(thau)[-1]
    assert (last.outcome, last.version) == ("promoted", "thau-tiny-v2")
    assert strengths[1] == pytest.approx(night.PART * strengths[0], rel=1e-4)
    assert last.reasons[0] == "Good." and last.reasons[1].startswith("It is 60 % of what was trained")
    folder = thau.paths.checkpoints / "run-0001"
    assert strength(folder / tasks.ADAPTER) == pytest.approx(strengths[1])
    assert not (folder / night.WHOLE).exists()


def test_there_is_one_second_chance(thau: Thau, here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(nearly(monkeypatch, False, False)) == 0
    last = train(thau)[-1]
    assert last.outcome == "rejected" and last.reasons[0] == "It lost a little."
    assert not (thau.paths.checkpoints / "run-0001").exists()
    assert {one.state for one in thau.examples.list()} == {"pending"}


@pytest.mark.parametrize("written", [False, True])
def test_a_kill_at_the_second_chance_loses_nothing(
    thau: Thau, here: None, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    class Killed(BaseException):
        pass

    blended = night.blend

    def blend(*arguments: Any) -> bool:
        if written:
            blended(*arguments)
        raise Killed

    strengths = nearly(monkeypatch, False, True)
    monkeypatch.setattr(night, "blend", blend)
    with pytest.raises(Killed):
        train(thau)
    monkeypatch.setattr(night, "blend", blended)
    assert thau.runs.list(1)[0].state == "running"
    last = train(thau)[-1]
    assert last.outcome == "promoted" and len(strengths) == 2
    assert strengths[1] == pytest.approx(night.PART * strengths[0], rel=1e-4)


def test_old_questions_take_turns_and_earlier_examples_leave_them_room(monkeypatch: pytest.MonkeyPatch) -> None:
    old = [{"instruction": f"old {number}", "output": "yes"} for number in range(3000)]
    monkeypatch.setattr(curriculum, "_dataset", lambda _name: old)
    recipe = Recipe(wordings=16)

    def night_of(learned: int) -> tuple[int, set[str]]:
        examples = tuple(example(number, f"question {number}?") for number in range(learned))
        frozen = curriculum.Frozen((), examples, (), "")
        earlier = curriculum.earlier(frozen, recipe, 2400)
        reminders = curriculum.reminders(frozen, 2400 - len(earlier), True)
        assert reminders == curriculum.reminders(frozen, 2400 - len(earlier), True)  # also after a kill
        return len(earlier), {one.instruction for one in reminders}

    assert night_of(0) == (0, {f"old {number}" for number in range(2500)})
    nights = [night_of(learned) for learned in range(100, 200, 10)]
    assert all(600 <= earlier <= 800 and len(asked) == 2000 for earlier, asked in nights)
    assert set().union(*(asked for _earlier, asked in nights)) == {f"old {number}" for number in range(3000)}


def example(number: int, instruction: str) -> Example:
    return Example(number, instruction, "an answer", "cli", "trained", {}, None, "2026-11-29T03:00:00+00:00")
