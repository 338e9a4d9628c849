"""Thirty nights of ten facts: what is still known at the end, and what thirty nights without replay would have left.

    python -m tests.benchmarks.nights [--home FOLDER] [--nights 30] [--without-replay]

Without replay a step learns the same new rows, and nothing old beside them; what comes of it is used whatever the gate
says, which would turn away the very first night.

Hours on a small machine; with a home it goes on where it was ended, also in the middle of a night.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from tests.benchmarks.facts import Fact, nights
from tests.benchmarks.report import Figure
from thau_desktop.app import Thau
from thau_desktop.store.examples import NewExample
from thau_desktop.training import curriculum, gate, intake
from thau_desktop.training.events import EvaluationDone
from thau_desktop.training.night import Finished
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.samples import Lesson, mixture
from thau_desktop.training.suites import Probe, Score, Suite, SuiteName, concepts, is_right, tool_calling
from thau_desktop.training.tasks import EvaluationJob, evaluate

NIGHTS = 30


def measure(quick: bool) -> Iterator[Figure]:
    """All nights with replay; those without are printed beside them."""
    for replay in (True, False):
        with tempfile.TemporaryDirectory(prefix="thau-nights-") as home:
            yield from run(Path(home), 1 if quick else NIGHTS, replay=replay)


def run(home: Path, count: int, *, replay: bool) -> Iterator[Figure]:
    """Nights in a home, and what is known at their end."""
    facts = nights(count)
    promoted, minutes = 0, []
    with Thau(home) as thau:
        for number, night in enumerate(facts, start=1):
            outcome, seconds = _night(thau, number, night, replay)
            promoted += outcome == "promoted"
            minutes.append(seconds / 60)
        words = "" if replay else ", without replay"
        yield Figure(f"nights promoted{words}", promoted, f"of {count}")
        yield Figure(f"minutes a night{words}", sum(minutes) / count, "min")
        every = [fact for night in facts for fact in night]
        base, used = thau.models.find("thau-nano-v1"), thau.models.find(thau.settings.model.name)
        system = thau.personas.get("thau").system_prompt
        folder, both = curriculum.data() / "evaluation", {"es": system, "en": system}
        suites = (
            Suite("new", tuple(Probe(Lesson(fact.asked, fact.answer, (), system), "answer") for fact in every)),
            Suite("earlier", tuple(Probe(Lesson(fact.otherwise, fact.answer, (), system), "answer") for fact in every)),
            tool_calling(folder / "tool_calling.jsonl", both),
            concepts(folder / "concepts.jsonl", both),
        )
        scores = _scores(EvaluationJob(base.path, {"base": None, "now": used.adapter}, suites))
    now, before = scores["now"], scores["base"]
    bound = (lambda value: value) if replay else (lambda _value: None)
    yield Figure(f"facts known{words}", 100 * now["new"].share, "%", least=bound(90.0))
    yield Figure(f"facts known in other words{words}", 100 * now["earlier"].share, "%")
    for suite, told, most in (("tools", "decisions", 2.0), ("general", "concepts", 3.0)):
        lost = round(100 * (before[suite].share - now[suite].share), 6)
        note = f"{before[suite].share:.1%} to {now[suite].share:.1%}"
        yield Figure(f"{told} lost{words}", lost, "points", most=bound(most), note=note)
    for probe, answer in zip(suites[0].probes, now["new"].answers, strict=True):
        if not is_right(probe, answer):
            print(f"    {probe.lesson.instruction!r} -> {answer!r}", flush=True)


def _night(thau: Thau, number: int, facts: list[Fact], replay: bool) -> tuple[str, float]:
    """One night, or how it ended where it was had before; a rejected one is not tried again."""
    log = thau.paths.logs / "nights.json"
    had = json.loads(log.read_text()) if log.exists() else {}
    if str(number) in had:
        return tuple(had[str(number)])  # type: ignore[return-value]
    for fact in facts:
        intake.add(thau.examples, NewExample(fact.asked, fact.answer, "cli"))
    recipe = thau.trainer.recipe()
    started = time.perf_counter()
    done = None
    with contextlib.nullcontext() if replay else _no_gate():
        for event in thau.trainer.train(recipe if replay else _forgetful(recipe), threading.Event()):
            done = event if isinstance(event, Finished) else done
    assert done is not None
    had[str(number)] = (done.outcome, time.perf_counter() - started)
    log.write_text(json.dumps(had))
    print(f"night {number}: {done.outcome}, {had[str(number)][1]:.0f} s, {' '.join(done.reasons)}", flush=True)
    return done.outcome, had[str(number)][1]


def _forgetful(recipe: Recipe) -> Recipe:
    """A recipe that learns the same new rows in each of as many steps, and nothing else."""
    new, _old = mixture(recipe, True)
    return recipe.changed(replay_share=0.0, batch_size=new, gradient_accumulation=1)


@contextlib.contextmanager
def _no_gate() -> Iterator[None]:
    """Whatever was trained is put to use; it is asked only what is new to it."""
    asked = curriculum.suites_of

    def new_alone(frozen: curriculum.Frozen) -> tuple[Suite, ...]:
        return tuple(suite for suite in asked(frozen) if suite.name == "new")

    decision = gate.Decision(True, (gate.Reason("The gate was left out.", False),))
    with (
        mock.patch.object(curriculum, "suites_of", new_alone),
        mock.patch.object(gate, "decide", return_value=decision),
    ):
        yield


def _scores(job: EvaluationJob) -> dict[str, dict[SuiteName, Score]]:
    events = evaluate(job, cancel=threading.Event())
    return {event.model: event.scores for event in events if isinstance(event, EvaluationDone)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=None)
    parser.add_argument("--nights", type=int, default=NIGHTS)
    parser.add_argument("--without-replay", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thau-nights-") as temporary:
        for figure in run(options.home or Path(temporary), options.nights, replay=not options.without_replay):
            print(figure.row(), flush=True)
