"""A model is measured in every configuration that fits, one after another, and leaves nothing behind."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiny_gguf, tiny_model
from tests.cli.conftest import Outcome
from thau_desktop import benchmark
from thau_desktop.app import Thau
from thau_desktop.benchmark import BenchFailed, BenchProgress, BenchStarted, Configuration, Measured, bench, table
from thau_desktop.cli.main import run
from thau_desktop.errors import ModelMissing
from thau_desktop.inference import estimate


@pytest.fixture
def thau(home: Path, tiny_folder: Path) -> Iterator[Thau]:
    with Thau(home) as opened:
        tiny_model.copy(tiny_folder, opened.paths.models / "tiny", 2048)
        tiny_gguf.write(opened.paths.models / "tiny-f32.gguf", context=2048)
        opened.change("model", "threads", 1)
        yield opened


def test_every_configuration_is_measured(thau: Thau) -> None:
    events = list(bench(thau, "tiny", threading.Event()))
    started = events[0]
    assert isinstance(started, BenchStarted) and started.questions == 9
    assert [each.kind for each in started.configurations] == ["full", "int8", "nf4", "window", "gguf"]
    assert [each.kind for each, _why in started.left_out] == ["spread"]  # it fits whole
    measured = {each.configuration.kind: each for each in events if isinstance(each, Measured)}
    assert set(measured) == {"full", "int8", "nf4", "window", "gguf"}, [e for e in events if isinstance(e, BenchFailed)]
    for each in measured.values():
        assert each.tokens_per_second > 0 and each.read_per_second > 0 and 0 < each.first_token_seconds < 60
        assert each.peak_memory > 20_000_000 and 0 <= each.quality <= 1
    assert measured["gguf"].peak_memory < measured["full"].peak_memory  # no torch in that process
    progress = [each.fraction for each in events if isinstance(each, BenchProgress)]
    assert progress == sorted(progress) and progress[-1] == 1.0


def test_what_does_not_fit_is_left_out_with_the_reason(thau: Thau, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"full": 9 * 10**9, "int8": 5 * 10**9, "nf4": 10**6, "spread": 9 * 10**9}
    monkeypatch.setattr(estimate, "of_folder", lambda _folder, wish, *_more: (sizes[wish], 4 * 10**9))
    started = next(iter(bench(thau, "tiny", threading.Event())))
    assert isinstance(started, BenchStarted)
    assert [each.kind for each in started.configurations] == ["nf4", "spread", "gguf"]
    assert [(each.kind, why) for each, why in started.left_out] == [
        ("full", "needs 9.0 GB, and 4.0 GB are free"),
        ("int8", "needs 5.0 GB, and 4.0 GB are free"),
        ("window", "needs 9.0 GB, and 4.0 GB are free"),
    ]


def test_a_configuration_that_breaks_is_told_with_its_reason(thau: Thau) -> None:
    weights = thau.paths.models / "tiny-f32.gguf"
    weights.write_bytes(weights.read_bytes()[:20_000])
    events = list(bench(thau, "tiny-f32", threading.Event()))
    (failed,) = events[1:]
    assert isinstance(failed, BenchFailed) and "tiny-f32" in failed.problem


def test_a_stop_ends_it_between_two_answers(thau: Thau) -> None:
    cancel = threading.Event()
    seen = []
    for event in bench(thau, "tiny", cancel):
        seen.append(event)
        if isinstance(event, BenchProgress):
            cancel.set()
    assert not [each for each in seen if isinstance(each, Measured)]


def test_a_model_that_is_not_there_is_told(thau: Thau) -> None:
    with pytest.raises(ModelMissing):
        list(bench(thau, "nothing", threading.Event()))


def test_the_table_has_units_and_a_line_each() -> None:
    results = [Measured(Configuration("nf4", "tiny"), "cpu", 1.5, 0.02, 31.25, 812.0, 400_000_000, 0.5, 100)]
    (row,) = csv.DictReader(io.StringIO(table(results)))
    assert row["configuration"] == "nf4" and row["tokens_per_second"] == "31.25"
    assert row["peak_memory_bytes"] == "400000000"


def test_the_questions_are_of_both_languages_and_none_is_answered_by_nothing() -> None:
    probes = benchmark.concepts(benchmark.data() / "evaluation" / "benchmark.jsonl", {}).probes
    assert not any(benchmark.is_right(probe, "I don't know. No lo sé.") for probe in probes)
    assert benchmark.is_right(probes[0], "La capital de Francia es París.")
    assert benchmark.is_right(probes[1], "A spider has 8 legs.")


def test_thau_bench_prints_one_object(
    home: Path, tiny_folder: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tiny_gguf.write(home / "models" / "mini.gguf", context=2048)
    assert run(["bench", "--model", "mini", "--json", "--csv", str(tmp_path / "table.csv")]) == 0
    shown = Outcome(0, *capfd.readouterr()).json
    assert shown["model"] == "mini" and [each["configuration"] for each in shown["configurations"]] == ["gguf"]
    assert {"time_to_first_token_s", "tokens_per_second", "peak_memory_bytes"} <= set(shown["configurations"][0])
    assert (tmp_path / "table.csv").read_text().startswith("model,configuration")
