"""One night on the starter model: ten new facts are learned, then asked for word for word and in other words."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

from tests.benchmarks.report import Figure
from thau_desktop.app import Thau
from thau_desktop.store.examples import NewExample
from thau_desktop.training import intake
from thau_desktop.training.events import EvaluationDone, TrainingDone
from thau_desktop.training.night import Finished
from thau_desktop.training.recipe import Recipe
from thau_desktop.training.samples import Lesson
from thau_desktop.training.suites import Probe, Score, Suite, SuiteName, is_right
from thau_desktop.training.tasks import EvaluationJob, evaluate

FACTS = [  # asked as written, as somebody else would ask, and the answer
    ("¿Dónde está la lógica de pagos?", "en qué archivo se cobran los pagos", "En src/services/payment_service.py"),
    (
        "¿Qué puerto usa el servidor de pruebas?",
        "dime el puerto del servidor de pruebas",
        "El 7443, solo en la red interna",
    ),
    ("¿Quién aprueba los despliegues?", "a quién le pido que apruebe un despliegue", "Marta, del equipo de plataforma"),
    (
        "¿Cómo se llama la tabla de clientes?",
        "el nombre de la tabla donde están los clientes",
        "Se llama crm_customers",
    ),
    ("¿Cuándo se hace la copia de seguridad?", "a qué hora corre la copia de seguridad", "Cada noche a las 02:30"),
    ("Which branch do we release from?", "what branch are releases made from", "From release/stable"),
    ("What is the name of our design system?", "how is the design system called", "It is called Lagoon"),
    ("Who wrote the report parser?", "the report parser, who is its author", "Iker wrote it in 2024"),
    ("Where do the logs of the API go?", "in which folder are the API logs", "They go to /var/log/atlas"),
    (
        "How long does an invitation last?",
        "after how many days does an invitation expire",
        "An invitation lasts 14 days",
    ),
]


def measure(quick: bool) -> Iterator[Figure]:
    """Minutes, answers, and what was lost."""
    with tempfile.TemporaryDirectory(prefix="thau-night-") as home, Thau(Path(home)) as thau:
        recipe = thau.trainer.recipe()
        yield from night(thau, recipe.changed(epochs=1, replay_share=0.0) if quick else recipe)


def night(thau: Thau, recipe: Recipe) -> Iterator[Figure]:
    """Teach the facts with one recipe and ask for them; what was answered wrongly goes to stderr."""
    for asked, _otherwise, answer in FACTS:
        intake.add(thau.examples, NewExample(asked, answer, "cli"))
    started = time.perf_counter()
    finished: Finished | None = None
    scores: dict[str, dict[SuiteName, Score]] = {}
    for event in thau.trainer.train(recipe, threading.Event()):
        if isinstance(event, EvaluationDone):
            scores[event.model] = event.scores
        elif isinstance(event, Finished):
            finished = event
        elif isinstance(event, TrainingDone):
            print(f"trained {event.steps} steps in {event.seconds:.0f} s, loss {event.loss:.4f}", file=sys.stderr)
    assert finished is not None
    print(finished.outcome, *finished.reasons, sep="\n    ", file=sys.stderr)
    yield Figure("a night with ten facts", (time.perf_counter() - started) / 60, "min", most=6)
    yield Figure("promoted", float(finished.outcome == "promoted"), least=1)
    for name, place, least in (("word for word", 0, 9), ("in other words", 1, 7)):
        yield Figure(f"answered right, {name}", _asked(thau, place), "of 10", least=least)
    if len(scores) < 2:
        return  # it failed before it was measured, as said above
    for suite, words in (("tools", "decisions"), ("general", "concepts")):
        before, after = (scores[model][suite].share for model in ("incumbent", "candidate"))
        rights = (scores[model][suite].right for model in ("incumbent", "candidate"))
        for place, (was, now) in enumerate(zip(*rights, strict=True)):
            if was != now:
                said = scores["candidate"][suite].answers[place]
                print(f"    {suite} {place} {'lost' if was else 'won'}: {said!r}", file=sys.stderr)
        yield Figure(
            f"{words} lost", round(100 * (before - after), 6), "points", most=1, note=f"{before:.1%} to {after:.1%}"
        )


def _asked(thau: Thau, place: int) -> float:
    """How many facts the version in use answers right, of ten."""
    model, system = thau.models.find(thau.settings.model.name), thau.personas.get("thau").system_prompt
    probes = tuple(Probe(Lesson(fact[place], fact[2], (), system), "answer") for fact in FACTS)
    job = EvaluationJob(model.path, {"now": model.adapter}, (Suite("new", probes),))
    (done,) = [event for event in evaluate(job, cancel=threading.Event()) if isinstance(event, EvaluationDone)]
    for probe, answer in zip(probes, done.scores["new"].answers, strict=True):
        if not is_right(probe, answer):
            print(f"    {probe.lesson.instruction!r} -> {answer!r}", file=sys.stderr)
    return 10 * done.scores["new"].share


if __name__ == "__main__":  # python -m tests.benchmarks.night epochs=10 learning_rate=1e-3 replay_share=0.8
    kinds = get_type_hints(Recipe)
    wishes = dict(each.split("=") for each in sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="thau-night-") as folder, Thau(Path(folder)) as opened:
        chosen = opened.trainer.recipe().changed(**{name: kinds[name](value) for name, value in wishes.items()})
        for figure in night(opened, chosen):
            print(figure.row(), flush=True)
