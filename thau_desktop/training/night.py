"""One training from beginning to end: what waits is frozen, trained, measured, and promoted or rejected.

Every stage can be killed. What it needs lies in the run's folder and in the run's row, so the next start goes on where
this one ended, and an example is marked as learned in the same transaction in which its version comes to be.
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from thau_desktop.errors import ModelMissing, ModelUnsupported, ThauError
from thau_desktop.inference.model_folder import InstalledModel, digest
from thau_desktop.models.catalog import Models
from thau_desktop.paths import Paths, atomic_write
from thau_desktop.process import run_in_child
from thau_desktop.settings import Settings
from thau_desktop.store.database import Database
from thau_desktop.store.examples import Examples
from thau_desktop.store.personas import Personas
from thau_desktop.store.runs import Run, Runs
from thau_desktop.store.versions import Versions, parsed
from thau_desktop.training import curriculum, gate, screening, tasks
from thau_desktop.training.blend import blend
from thau_desktop.training.curriculum import Frozen
from thau_desktop.training.events import EvaluationDone, EvaluationEvent, StepDone, TrainingDone, TrainingEvent
from thau_desktop.training.formats import written
from thau_desktop.training.kept_scores import KeptScores
from thau_desktop.training.lineage import SCORES, Lineage
from thau_desktop.training.recipe import Recipe, preset
from thau_desktop.training.samples import old_rows
from thau_desktop.training.screening import Fault
from thau_desktop.training.suites import Score, Suite, SuiteName
from thau_desktop.training.tasks import EvaluationJob, TrainingJob
from thau_desktop.translation import _

JOB = "job.json"
TELL_EVERY = 10  # steps between two updates of the run's row
WHOLE = "whole"  # a folder in that of a run: what was trained, where the candidate is a part of it
PART = 0.6  # of the way from the version in use to what was trained

Scores = dict[str, dict[SuiteName, Score]]
"""By the model that was asked ("candidate", "incumbent", "base")."""

Outcome = Literal["promoted", "rejected", "skipped", "stopped", "failed"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A training has begun, or goes on: its run, and how many examples are new to it."""

    run_id: int
    incumbent: str
    new: int
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Finished:
    """How it ended. `scores` by model ("candidate", "incumbent") and suite, 0 to 1.

    Attributes: `learned`, how many new examples the version has learned; `left_out`, a sentence for each kind of
    example that was set aside.
    """

    outcome: Outcome
    version: str
    reasons: tuple[str, ...]
    scores: dict[str, dict[str, float]]
    run_id: int | None = None
    learned: int = 0
    left_out: tuple[str, ...] = ()


NightEvent = RunStarted | TrainingEvent | EvaluationEvent | Finished


class Trainer:
    """Trains the model in use on what waits. One at a time on this computer, whatever process asks."""

    def __init__(
        self,
        paths: Paths,
        database: Database,
        models: Models,
        settings: Callable[[], Settings],
        lineage: Lineage,
    ) -> None:
        self._paths = paths
        self._database = database
        self._examples, self._runs, self._versions = Examples(database), Runs(database), Versions(database)
        self._personas = Personas(database)
        self._models = models
        self._settings = settings
        self._lineage = lineage
        self._kept = KeptScores(paths.checkpoints / SCORES)

    def recipe(self, name: str = "facts") -> Recipe:
        """The recipe of that name for the model in use. Raises `RecipeError`, `ModelMissing` or `ModelBroken`."""
        settings = self._settings()
        return preset(name, settings.training, self._models.find(settings.model.name).manifest.training)

    def train(
        self, recipe: Recipe | None, cancel: threading.Event, *, cause: str = "person", force: bool = False
    ) -> Iterator[NightEvent]:
        """Train once; the last event is `Finished`. A run that was killed or stopped is brought to its end instead.

        Without a recipe it is the one for facts, or, once the version in use has drifted, the one that learns
        everything anew from the base. Raises nothing that a person could have caused: it is told in `Finished` and in
        the run's row.
        """
        lock = FileLock(self._paths.home / "training.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield Finished("skipped", "", (_("Another training is running."),), {})
            return
        try:
            try:
                recipe = recipe or self.recipe("consolidate" if self._lineage.has_drifted() else "facts")
            except ThauError as problem:  # the model is gone, for one: that is how this training ends
                incumbent = self._settings().model.name
                yield self._failed(self._runs.begin(cause, incumbent, incumbent, {}), problem)
                return
            unfinished = self._unfinished(recipe)
            if unfinished is not None:
                yield from self._guarded(self._runs.take_over(unfinished.id), cancel, resumed=True)
                return
            run = self._begin(recipe, cause, force)
            if isinstance(run, Finished):
                yield run
                return
            yield from self._guarded(run, cancel)
        finally:
            lock.release()

    def test(self, cancel: threading.Event) -> Iterator[NightEvent]:
        """Ask the version in use what a candidate would be asked, without training. The last event is `Finished`.

        Raises what reading a model raises.
        """
        name = self._settings().model.name
        model = self._models.find(name)
        waiting = [one for one in self._examples.list("pending") if not one.review]
        known, pinned = self._examples.list("trained"), self._examples.list("held_out")
        frozen = Frozen.of(waiting, known, pinned, self._system())
        wish = self._settings().model.of(model.base)
        job = EvaluationJob(
            model.folder,
            {"incumbent": model.adapter},
            curriculum.suites_of(frozen),
            device=wish.device,
            threads=wish.threads,
            precision=wish.precision,
        )
        scores: dict[str, dict[str, float]] = {}
        log = self._paths.logs / "training_test.log"
        for event in run_in_child(tasks.evaluate, (job,), cancel, name=_("The evaluation"), log=log):
            if isinstance(event, EvaluationDone):
                scores[event.model] = {str(suite): score.share for suite, score in event.scores.items() if score.right}
            yield event
        reason = _("Only tested: nothing was trained.")
        yield Finished("skipped" if scores else "stopped", name, (reason,) if scores else (), scores)

    # --- a run ---------------------------------------------------------------------------------------------

    def _begin(self, recipe: Recipe, cause: str, force: bool) -> Run | Finished:
        """Freeze what waits, or say why there is no training."""
        incumbent = self._settings().model.name
        waiting = [one for one in self._examples.list("pending") if not one.review]
        faults = screening.screen(waiting)
        new = [one for one in waiting if one.id not in faults]
        left_out = screening.told(list(faults.values()))
        shipped = curriculum.tool_lessons() if recipe.name == "tools" else ()
        known, pinned = self._examples.list("trained"), self._examples.list("held_out")
        least = (1 if force else self._settings().training.min_new_examples) - len(shipped)
        if recipe.from_base and known:
            least = 0
        refused = ""
        if parsed(incumbent) is not None and faults and len(new) < least <= len(waiting):
            return self._leave_out_all(cause, incumbent, recipe, faults, left_out)
        if len(new) < least:
            refused = _("{n} new examples wait, at least {least} are needed.").format(n=len(new), least=least)
        else:
            refused = self._untrainable(incumbent)
        if refused:
            run = self._runs.begin(cause, incumbent, incumbent, asdict(recipe))
            self._runs.end(run.id, "skipped", reasons=[refused])
            return Finished("skipped", incumbent, (refused,), {}, run.id)
        run = self._runs.begin(cause, self._base_name(incumbent), incumbent, asdict(recipe), [one.id for one in new])
        self._examples.leave_out({identity: screening.reason(fault) for identity, fault in faults.items()})
        frozen = Frozen.of(new, known, pinned, self._system(), left_out, shipped)
        try:
            atomic_write(self._paths.checkpoints / run.folder / JOB, frozen.written().encode("utf-8", "replace"))
        except (ThauError, OSError) as problem:
            return self._failed(run, problem)
        return run

    def _untrainable(self, name: str) -> str:
        """Why a model can't be trained, "" where it can."""
        with contextlib.suppress(ModelMissing):  # that is told by the run, which fails
            try:
                _folder = self._models.find(name).folder
            except ModelUnsupported as unsupported:
                return unsupported.what
        if parsed(name) is None:
            return _("{name} is no version of THAU: only those are trained.").format(name=name)
        return ""

    def _leave_out_all(
        self, cause: str, incumbent: str, recipe: Recipe, faults: dict[int, Fault], reasons: Sequence[str]
    ) -> Finished:
        """Too little is left to be learned: the run ends here, and what was set aside waits for a person."""
        run = self._runs.begin(cause, self._base_name(incumbent), incumbent, asdict(recipe), list(faults))
        with self._database.transaction():
            self._examples.leave_out({identity: screening.reason(fault) for identity, fault in faults.items()})
            self._runs.end(run.id, "rejected", reasons=reasons)
        return Finished("rejected", incumbent, tuple(reasons), {}, run.id, 0, tuple(reasons))

    def _unfinished(self, recipe: Recipe) -> Run | None:
        """The run to go on with. The lock is ours, so whatever counts as running was cut off.

        One that a person stopped is gone on with as long as nothing has changed: recipe, version and examples.
        """
        run = next(iter(self._runs.list(1)), None)
        if run is None or run.state not in ("running", "stopped"):
            return None
        same = run.incumbent == self._settings().model.name
        if run.state == "stopped":
            waiting = [one.id for one in self._examples.list("pending") if not one.review]
            same = same and run.recipe == asdict(recipe) and self._runs.example_ids(run.id) == waiting
        if (same or run.stage == "promoting") and (self._paths.checkpoints / run.folder / JOB).exists():
            return run
        if run.state == "running":
            self._runs.end(run.id, "stopped")
        return None

    def _guarded(self, run: Run, cancel: threading.Event, resumed: bool = False) -> Iterator[NightEvent]:
        """The run; what goes wrong ends it as failed, with the reason kept."""
        try:
            yield from self._go(run, cancel, resumed)
        except (ThauError, OSError) as problem:
            yield self._failed(run, problem)

    def _go(self, run: Run, cancel: threading.Event, resumed: bool) -> Iterator[NightEvent]:
        folder = self._paths.checkpoints / run.folder
        frozen = curriculum.thaw(folder / JOB)
        yield RunStarted(run.id, run.incumbent, len(frozen.new), resumed)
        if run.stage == "promoting":
            yield self._put_to_use(run, frozen)
            return
        base, incumbent = self._models.find(run.base), self._models.find(run.incumbent)
        recipe = Recipe(**run.recipe)
        origin = None if recipe.from_base else incumbent.adapter
        if (folder / WHOLE).is_dir() and not (folder / tasks.ADAPTER).is_dir():  # a kill came between the two
            _soften(folder, origin)
        if not (folder / tasks.ADAPTER).is_dir():
            yield from self._learn(run, frozen, base, incumbent, recipe, folder, cancel)
            if not (folder / tasks.ADAPTER).is_dir():
                yield self._stopped(run)
                return
        suites = curriculum.suites_of(frozen)
        rules = gate.Rules(something_new=not recipe.from_base)
        while True:
            measured = yield from self._measure(run, suites, base, incumbent, folder, cancel)
            if measured is None:
                yield self._stopped(run)
                return
            scores, lasting = measured
            decision = gate.decide(scores["candidate"], scores["incumbent"], rules, scores.get("base"))
            if not decision.nearly or (folder / WHOLE).is_dir() or not _soften(folder, origin):
                break
        finished = self._conclude(run, frozen, base, folder, decision, scores)
        if finished.outcome == "promoted" and lasting:
            self._kept.keep(self._models.find(finished.version), suites, scores["candidate"], self._way(base))
        yield finished

    def _measure(
        self,
        run: Run,
        suites: tuple[Suite, ...],
        base: InstalledModel,
        incumbent: InstalledModel,
        folder: Path,
        cancel: threading.Event,
    ) -> Generator[EvaluationEvent, None, tuple[Scores, bool] | None]:
        """Ask all models; returns their scores and whether those last, None where it was stopped.

        What lasts is kept, so that it need not be asked again.
        """
        scores: Scores = {}
        lasting = True
        for event in self._ask(run, suites, base, incumbent, folder, cancel):
            if isinstance(event, EvaluationDone):
                scores[event.model], lasting = event.scores, event.lasting
            yield event
        if not {"candidate", "incumbent"} <= scores.keys() or (incumbent.adapter and "base" not in scores):
            return None
        if lasting:
            self._kept.keep(incumbent, suites, scores["incumbent"], self._way(incumbent))
            if "base" in scores:
                self._kept.keep(base, suites, scores["base"], self._way(base))
        return scores, lasting

    def _conclude(
        self,
        run: Run,
        frozen: Frozen,
        base: InstalledModel,
        folder: Path,
        decision: gate.Decision,
        scores: Scores,
    ) -> Finished:
        """Promote the candidate, or reject it."""
        shares = {
            model: {str(name): score.share for name, score in of.items() if score.right} for model, of in scores.items()
        }
        reasons = (*(reason.text for reason in decision.reasons), *frozen.left_out)
        if (folder / WHOLE).is_dir():
            told = _("It is {share} of what was trained: all of it lost a little too much of what was known.")
            reasons = (*reasons, told.format(share=f"{100 * PART:.0f} %"))
        if decision.promote:
            return self._promote(run, frozen, base, reasons, shares)
        against = " ".join(reason.text for reason in decision.reasons if reason.against)
        silenced = dict.fromkeys(curriculum.silenced(frozen, scores["incumbent"]), screening.reason("silenced"))
        return self._reject(run, frozen, folder, reasons, against, silenced, shares)

    def _learn(
        self,
        run: Run,
        frozen: Frozen,
        base: InstalledModel,
        incumbent: InstalledModel,
        recipe: Recipe,
        folder: Path,
        cancel: threading.Event,
    ) -> Iterator[TrainingEvent]:
        self._runs.progress(run.id, "training")
        wish = self._settings().model.of(base.base)
        lessons = curriculum.lessons(frozen, recipe)
        wanted = old_rows(len(lessons), recipe)
        earlier = curriculum.earlier(frozen, recipe, wanted)
        job = TrainingJob(
            base.folder,
            None if recipe.from_base else incumbent.adapter,
            folder,
            lessons,
            recipe,
            earlier,
            curriculum.reminders(frozen, wanted - len(earlier), base.starter),
            self._paths.checkpoints / f"reminders-{digest(base.folder)[:12]}",
            device=wish.device,
            threads=wish.threads,
            precision=wish.precision,
        )
        log = self._paths.logs / f"training_{run.id:04d}.log"
        for event in run_in_child(tasks.train, (job,), cancel, name=_("The training"), log=log):
            if isinstance(event, StepDone) and (event.step % TELL_EVERY == 0 or event.step == event.steps):
                self._runs.progress(run.id, "training", event.step, event.steps, event.loss, event.tokens_per_second)
            elif isinstance(event, TrainingDone):
                self._runs.progress(run.id, "evaluating", event.steps, event.steps, event.loss)
            yield event

    def _ask(
        self,
        run: Run,
        suites: tuple[Suite, ...],
        base: InstalledModel,
        incumbent: InstalledModel,
        folder: Path,
        cancel: threading.Event,
    ) -> Iterator[EvaluationEvent]:
        self._runs.progress(run.id, "evaluating")
        wish = self._settings().model.of(base.base)
        asked: dict[str, Path | None] = {"candidate": folder / tasks.ADAPTER, "incumbent": incumbent.adapter}
        known = {"incumbent": self._kept.of(incumbent, suites, self._way(incumbent))}
        if incumbent.adapter is not None:
            asked["base"], known["base"] = None, self._kept.of(base, suites, self._way(base))
        job = EvaluationJob(
            base.folder,
            asked,
            suites,
            device=wish.device,
            threads=wish.threads,
            precision=wish.precision,
            known=known,
            only={"base": tuple(gate.DRIFT)},
        )
        log = self._paths.logs / f"training_{run.id:04d}.log"
        yield from run_in_child(tasks.evaluate, (job,), cancel, name=_("The evaluation"), log=log)

    def _promote(
        self,
        run: Run,
        frozen: Frozen,
        base: InstalledModel,
        reasons: Sequence[str],
        scores: dict[str, dict[str, float]],
    ) -> Finished:
        """In one transaction the version comes to be and its examples are learned; then it is used."""
        size, _number = parsed(run.incumbent) or ("nano", 1)
        ids = self._runs.example_ids(run.id)
        with self._database.transaction():
            name = self._versions.next_name(size)
            self._versions.add(
                name,
                base=run.base,
                base_digest=digest(base.folder),
                parent=run.incumbent,
                folder=f"{run.folder}/{tasks.ADAPTER}",
                run_id=run.id,
                data_digest=frozen.digest,
                learned=len(ids),
                scores=scores["candidate"],
            )
            self._examples.learned(ids, name)
            self._examples.replace_learned(frozen.replaced, _("A newer answer took its place."))
            self._runs.promote(run.id, name, reasons, scores)
        return self._put_to_use(self._runs.get(run.id), frozen)

    def _put_to_use(self, run: Run, frozen: Frozen) -> Finished:
        """The last steps of a promotion, which a kill may have cut off."""
        self._lineage.use(run.version)
        self._append_trained(frozen, run.version)
        self._runs.end(run.id, "promoted", reasons=run.reasons, scores=run.scores, version=run.version)
        for left in (tasks.CHECKPOINT, WHOLE):
            shutil.rmtree(self._paths.checkpoints / run.folder / left, ignore_errors=True)
        self._lineage.forget_old((parsed(run.version) or ("", 0))[0])
        learned = len(frozen.new)
        return Finished("promoted", run.version, run.reasons, run.scores, run.id, learned, frozen.left_out)

    def _reject(
        self,
        run: Run,
        frozen: Frozen,
        folder: Path,
        reasons: Sequence[str],
        against: str,
        silenced: dict[int, str],
        scores: dict[str, dict[str, float]],
    ) -> Finished:
        """The examples wait on, and say why; those that would unlearn to draw are set aside."""
        ids = self._runs.example_ids(run.id)
        with self._database.transaction():
            self._examples.give_reason(ids, against)
            self._examples.leave_out(silenced)
            self._runs.end(run.id, "rejected", reasons=reasons, scores=scores)
        shutil.rmtree(folder, ignore_errors=True)
        return Finished("rejected", run.incumbent, tuple(reasons), scores, run.id, 0, frozen.left_out)

    def _stopped(self, run: Run) -> Finished:
        self._runs.end(run.id, "stopped")
        return Finished("stopped", run.incumbent, (), {}, run.id)

    def _failed(self, run: Run, problem: ThauError | OSError) -> Finished:
        """Ends the run with the reason kept; what it left on disk goes."""
        _logger.error("training %d failed", run.id, exc_info=problem)
        details = problem.details if isinstance(problem, ThauError) else ""
        self._runs.end(run.id, "failed", problem=f"{problem}\n{details}".strip())
        shutil.rmtree(self._paths.checkpoints / run.folder, ignore_errors=True)
        return Finished("failed", run.incumbent, (str(problem),), {}, run.id)

    def _way(self, model: InstalledModel) -> str:
        """What answers depend on besides model and question."""
        wish = self._settings().model.of(model.base)
        return f"{wish.device} {wish.precision}"

    def _append_trained(self, frozen: Frozen, version: str) -> None:
        """The log of what was learned, a line an example."""
        path = self._paths.logs / "trained_examples.jsonl"
        mark = f'"version": "{version}"}}'
        try:
            if path.exists() and mark in path.read_text(encoding="utf-8", errors="replace"):
                return  # written before a kill
            with path.open("a", encoding="utf-8", errors="replace") as file:
                for one in frozen.new:
                    file.write(json.dumps({**written(one), "version": version}, ensure_ascii=False) + "\n")
        except OSError as problem:
            _logger.warning("%s can't be written: %s", path, problem)

    def _system(self) -> str:
        """The system message that most questions come with."""
        return self._personas.get_or_default(self._settings().chat.persona).system_prompt

    def _base_name(self, name: str) -> str:
        version = self._versions.find(name)
        return version.base if version else name


def _soften(folder: Path, before: Path | None) -> bool:
    """Make a part of what was trained the candidate of a run; what was trained stays beside it. False where that can't
    be: the candidate is what it was."""
    adapter, whole = folder / tasks.ADAPTER, folder / WHOLE
    if not whole.is_dir():
        adapter.rename(whole)
    if blend(whole, before, adapter, PART):
        return True
    whole.rename(adapter)
    return False
