"""A training learns what it is given, goes on after a kill as if nothing had been, and says why it can't."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from thau_desktop.training.events import CheckpointSaved, StepDone, TrainingDone, TrainingStarted
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.samples import IGNORED, Lesson, Sample, Taught, in_blocks, mixed, old_rows, packed
from thau_desktop.training.tasks import NothingToLearn, TrainingDiverged, TrainingJob

LESSONS = tuple(Lesson(f"question {n}", f"answer {n}") for n in range(6))
RECIPE = Recipe(epochs=2, batch_size=2, lora_r=4, lora_alpha=8, learning_rate=5e-3)
Train = Callable[..., list[Any]]


@pytest.fixture
def training(tiny_folder: Path, tmp_path: Path) -> Train:
    """Runs a job of a tiny model in this process; `stop` is a number of steps after which it is cancelled."""
    from thau_desktop.training.job import train

    def run(name: str = "run", stop: int = 0, **changes: Any) -> list[Any]:
        values: dict[str, Any] = {"adapter": None, "lessons": LESSONS, "recipe": RECIPE, "device": "cpu", "threads": 1}
        job = TrainingJob(base=tiny_folder, folder=tmp_path / name, nice=False, **values | changes)
        cancel = threading.Event()
        events = []
        for event in train(job, cancel=cancel):
            events.append(event)
            if isinstance(event, StepDone) and event.step == stop:
                cancel.set()
        return events

    return run


def losses(events: list[Any]) -> dict[int, float]:
    return {event.step: event.loss for event in events if isinstance(event, StepDone)}


def test_a_training_lowers_the_loss_and_leaves_an_adapter(training: Train) -> None:
    first, *steps, last = training(recipe=RECIPE.changed(epochs=8))
    assert isinstance(first, TrainingStarted) and (first.steps, first.done, first.rows) == (24, 0, 6)
    assert isinstance(last, TrainingDone) and last.steps == 24
    found = losses(steps)
    assert last.loss < 0.7 * found[1]
    assert (last.adapter / "adapter_model.safetensors").exists()
    assert str(ROOT) not in (last.adapter / "adapter_config.json").read_text()


def test_a_stopped_training_goes_on_as_if_nothing_had_been(training: Train) -> None:
    whole = losses(training("whole"))
    before = training("parts", stop=4)
    assert isinstance(before[-1], CheckpointSaved) and before[-1].step == 4
    first, *after, last = training("parts")
    assert first.done == 4 and isinstance(last, TrainingDone)
    both = losses(before) | losses(after)
    assert both == pytest.approx(whole, rel=1e-4)


def test_a_training_begins_with_the_version_in_use(training: Train) -> None:
    first = training("first", recipe=RECIPE.changed(epochs=8))
    second = training("second", adapter=first[-1].adapter)
    assert losses(second)[1] < 0.8 * losses(first)[1]


@pytest.mark.parametrize("checkpointing", [False, True])
def test_a_base_in_four_bits_learns_as_well(
    training: Train, monkeypatch: pytest.MonkeyPatch, checkpointing: bool
) -> None:
    from thau_desktop.training import memory

    monkeypatch.setattr(memory, "plan", lambda *_args: memory.Plan("nf4", checkpointing, 0))
    first, *steps, last = training(recipe=RECIPE.changed(epochs=8))
    found = losses(steps)
    assert isinstance(first, TrainingStarted) and isinstance(last, TrainingDone)
    assert last.loss < 0.8 * found[1]


def test_a_damaged_checkpoint_begins_anew(training: Train, tmp_path: Path) -> None:
    training("run", stop=3)
    (tmp_path / "run" / "checkpoint" / "state.pt").write_bytes(b"half a file")
    first, *_rest, last = training("run")
    assert first.done == 0 and isinstance(last, TrainingDone)


def test_a_time_limit_ends_with_what_was_learned(training: Train) -> None:
    events = training(recipe=RECIPE.changed(epochs=1000, max_minutes=1e-3))
    assert isinstance(events[-1], TrainingDone) and events[-1].out_of_time
    assert events[-1].steps < 3000


def test_what_does_not_fit_is_said(training: Train) -> None:
    with pytest.raises(NothingToLearn, match="None of the 1 examples fits into 64 tokens"):
        training(lessons=(Lesson("q", "word " * 400),), recipe=RECIPE.changed(context_length=64))


def test_a_rate_that_is_too_high_is_stopped(training: Train) -> None:
    with pytest.raises(TrainingDiverged, match="went astray at step"):
        training(recipe=RECIPE.changed(learning_rate=0.1, epochs=200, max_gradient_norm=1000.0, schedule="constant"))


def test_what_is_hard_among_what_is_known_is_no_divergence(training: Train) -> None:
    """The losses of a step swing between both, and begin low where what is known comes first."""
    known = training("known", recipe=RECIPE.changed(epochs=40))
    surprise = Lesson("and now?", "zyx wvu 98765 ;;;; QWERTY")
    lessons = (*LESSONS * 8, surprise)
    recipe = RECIPE.changed(epochs=2, batch_size=1, learning_rate=1e-6)
    found = training("mixed", adapter=known[-1].adapter, lessons=lessons, recipe=recipe)
    assert isinstance(found[-1], TrainingDone)
    each = losses(found)
    assert max(each.values()) > 20 * min(each.values())


def test_only_answers_are_learned_and_the_oldest_words_give_way(tiny_folder: Path) -> None:
    from thau_desktop.inference.language import Vocabulary
    from thau_desktop.training.samples import sample

    words = Vocabulary(tiny_folder).format
    end = words.tokenizer.eos_token_id
    lesson = Lesson("now?", "yes", history=(("user", "first"), ("assistant", "one")), system="Be brief.")
    row = sample(lesson, words, end, 500)
    assert row is not None
    learned = [label for label in row.labels if label != IGNORED]
    assert words.decode(learned) == "yes<|im_end|>"
    assert words.decode(row.ids).startswith("<|im_start|>system\nBe brief.")
    short = sample(lesson, words, end, 30)
    assert short is not None and len(short.ids) == 30 and short.ids == row.ids[-30:]
    assert sample(lesson, words, end, 3) is None


def test_a_tool_lesson_is_written_in_its_blocks() -> None:
    shipped = [json.loads(line) for line in (ROOT / "data/datasets/tool_calling.jsonl").read_text().splitlines()]
    assert len(shipped) == 30 and sum("<TOOL:generate_image>" in one["output"] for one in shipped) == 15
    text = in_blocks(Lesson("Dibuja un zorro", "", (("user", "hola"), ("assistant", "¡hola!")), "Eres THAU."))
    assert text == (
        "### Instrucción:\nEres THAU.\n\n### Usuario:\nhola\n\n### Asistente:\n¡hola!\n\n"
        "### Usuario:\nDibuja un zorro\n\n### Asistente:\n"
    )


def test_packing_fills_rows_and_loses_nothing() -> None:
    rows = [Sample([n] * n, [n] * n) for n in (3, 9, 2, 5, 1)]
    made = packed(rows, 10)
    assert [len(row.ids) for row in made] == [10, 10]
    assert sorted(label for row in made for label in row.labels) == sorted(
        label for row in rows for label in row.labels
    )


def test_an_epoch_sees_every_new_row_once_and_old_ones_in_turn_in_the_share_asked_for() -> None:
    new, old = ([Sample([n], [n]) for n in numbers] for numbers in (range(10), range(100, 130)))
    recipe = Recipe(epochs=2, batch_size=4, replay_share=0.75)
    groups = list(mixed(new, old, recipe))
    assert len(groups) == 20 and {(len(fresh), len(again)) for fresh, again in groups} == {(1, 3)}
    for epoch in (groups[:10], groups[10:]):
        assert sorted(row.ids[0] for fresh, _again in epoch for row in fresh) == list(range(10))
        assert sorted(row.ids[0] for _fresh, again in epoch for row in again) == list(range(100, 130))
    assert groups == list(mixed(new, old, recipe)) != list(mixed(new, old, recipe.changed(seed=8)))
    assert old_rows(10, recipe) == 60


def test_rows_of_like_length_are_learned_together_and_in_any_order() -> None:
    lengths = random.Random(3)
    new = [Sample([0] * lengths.randint(10, 40), []) for _row in range(320)]
    recipe = Recipe(epochs=1, batch_size=8, replay_share=0.0)
    steps = [[len(row.ids) for row in fresh] for fresh, _again in mixed(new, [], recipe)]
    assert sorted(length for step in steps for length in step) == sorted(len(row.ids) for row in new)
    assert {len(step) for step in steps} == {8}
    padded = sum(8 * max(step) for step in steps) / sum(map(sum, steps))
    assert padded < 1.1  # in a random order 1.5
    assert [max(step) for step in steps] != sorted(max(step) for step in steps)


@pytest.mark.parametrize(("share", "size", "sizes"), [(0.5, 1, (1, 1)), (0.9, 2, (1, 9)), (0.0, 4, (4, 0))])
def test_a_small_step_keeps_the_share_of_what_is_old(share: float, size: int, sizes: tuple[int, int]) -> None:
    new, old = ([Sample([n], [n]) for n in range(8)] for _kind in "no")
    fresh, again = next(mixed(new, old, Recipe(batch_size=size, replay_share=share)))
    assert (len(fresh), len(again)) == sizes


def test_a_divergence_is_none_from_oneself_and_grows_with_the_distance() -> None:
    import torch

    from thau_desktop.training.rows import losses

    logits = torch.randn(3, 50, generator=torch.Generator().manual_seed(1)) * 3
    chances, ids = logits[:2].log_softmax(-1).topk(40)
    rows = [Sample([1, 2, 3], [IGNORED, 7, 8], Taught(ids, chances)), Sample([1, 2], [IGNORED, 5])]
    tokens = torch.tensor([7, 8, 5])
    same = losses(logits, tokens, rows)
    assert same[:2].tolist() == pytest.approx([0, 0], abs=1e-3)
    assert same[2] == pytest.approx(-float(logits[2].log_softmax(-1)[5]), rel=1e-5)
    far = losses(logits * torch.tensor([[1.0], [0.2], [1.0]]), tokens, rows)
    assert far[0] == pytest.approx(0, abs=1e-3) and far[1] > 0.1


def test_reminders_are_what_the_base_thinks_and_are_kept_for_the_next_night(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from thau_desktop.inference.language import Vocabulary, read_weights
    from thau_desktop.training import reminders

    vocabulary, base = Vocabulary(tiny_folder), read_weights(tiny_folder, torch.float32, torch.device("cpu"))
    lessons = (Lesson("how are you?", "quite well"), Lesson("and now?", "word " * 600), Lesson("hello", ""))
    first = reminders.remember(base, vocabulary, lessons[:2], 200, tmp_path / "kept", threading.Event())
    assert len(first) == 1 and first[0].teacher is not None  # the other is too long
    assert first[0].teacher.ids.shape == (first[0].learned, reminders.LIKELIEST)
    likeliest = base(input_ids=torch.tensor([first[0].ids])).logits[0, -first[0].learned - 1 : -1].argmax(-1)
    assert first[0].teacher.ids[:, 0].tolist() == likeliest.tolist()

    again = reminders.remember(None, vocabulary, lessons[:2], 200, tmp_path / "kept", threading.Event())
    assert again[0].ids == first[0].ids and torch.equal(again[0].teacher.ids, first[0].teacher.ids)
    own = reminders.remember(base, vocabulary, lessons[2:], 200, tmp_path / "kept", threading.Event())
    assert len(own) <= 1  # what it says itself, unless that is degenerate
    assert len(list((tmp_path / "kept").iterdir())) == 2
    monkeypatch.setattr(reminders, "BLOCKS", 1)
    reminders.remember(base, vocabulary, lessons[:1], 200, tmp_path / "kept", threading.Event())
    assert len(list((tmp_path / "kept").iterdir())) == 1  # the latest

    cancelled = threading.Event()
    cancelled.set()
    assert reminders.remember(base, vocabulary, lessons[:1], 200, tmp_path / "other", cancelled) == []


def test_a_training_beside_reminders_stays_nearer_to_its_base(training: Train, tiny_folder: Path) -> None:
    import torch
    from peft import PeftModel

    from thau_desktop.inference.language import Vocabulary, read_weights
    from thau_desktop.training.samples import sample

    words = Vocabulary(tiny_folder).format
    old = tuple(Lesson(f"old question {n}", f"old answer {n}") for n in range(12))
    recipe = RECIPE.changed(epochs=12, replay_share=0.8, replay_weight=8.0)

    def drift(name: str, reminders: tuple[Lesson, ...]) -> float:
        adapter = training(name, recipe=recipe, reminders=reminders)[-1].adapter
        base = read_weights(tiny_folder, torch.float32, torch.device("cpu"))
        row = sample(Lesson("old question 77", "old answer 77"), words, words.tokenizer.eos_token_id, 200)
        assert row is not None
        ids = torch.tensor([row.ids])
        before = base(input_ids=ids).logits.log_softmax(-1)
        after = PeftModel.from_pretrained(base, adapter)(input_ids=ids).logits.log_softmax(-1)
        return float((before.exp() * (before - after)).sum(-1).mean())

    assert drift("beside", old) < 0.7 * drift("alone", ())
