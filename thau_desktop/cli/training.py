"""`thau train` and `thau versions`: learn now, and choose among what was learned."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Annotated, cast

import typer

from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.errors import ThauError
from thau_desktop.event_records import record_of
from thau_desktop.store.versions import Version
from thau_desktop.training.events import CheckpointSaved, EvaluationProgress, StepDone, TrainingDone, TrainingStarted
from thau_desktop.training.gate import SUITES
from thau_desktop.training.night import Finished, NightEvent, RunStarted
from thau_desktop.training.suites import SuiteName
from thau_desktop.translation import _, ngettext_

if TYPE_CHECKING:
    from thau_desktop.app import Thau


def train(
    force: Annotated[
        bool, typer.Option("--force", help=_("Also with fewer examples than the settings ask for."))
    ] = False,
    recipe: Annotated[
        str, typer.Option("--recipe", help=_("facts, tools, or consolidate: everything anew from the base."))
    ] = "facts",
    epochs: Annotated[int | None, typer.Option("--epochs", help=_("Times that each example is seen."))] = None,
    lr: Annotated[float | None, typer.Option("--lr", help=_("The learning rate."))] = None,
    grad_accum: Annotated[int | None, typer.Option("--grad-accum", help=_("Batches a step."))] = None,
    test_only: Annotated[
        bool, typer.Option("--test-only", help=_("Measure the version in use, train nothing."))
    ] = False,
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    done: Finished | None = None
    cancel = threading.Event()
    with opened() as thau, first_interrupt_stops(cancel):
        chosen = thau.trainer.recipe(recipe).changed(epochs=epochs, learning_rate=lr, gradient_accumulation=grad_accum)
        events = thau.trainer.test(cancel) if test_only else thau.trainer.train(chosen, cancel, force=force)
        for event in events:
            if json:
                print_json(record_of(event))
            else:
                show(event)
            if isinstance(event, Finished):
                done = event
    if test_only and not json and done is not None:
        for suite, share in done.scores.get("incumbent", {}).items():
            sys.stdout.write(f"{_(SUITES[cast(SuiteName, suite)])}: {100 * share:.1f} %\n")
    elif done is not None and done.outcome in ("skipped", "failed") and not test_only:
        advice = _("--force trains with what there is.") if done.outcome == "skipped" else ""
        raise ThauError(" ".join(done.reasons), advice)


def versions(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False
) -> None:
    if context.invoked_subcommand is None:
        list_versions(json)


def list_versions(json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    with opened() as thau:
        used = thau.settings.model.name
        versions = thau.versions.list()
    if json:
        print_json({"current": used, "versions": [_record(version, used) for version in versions]})
        return
    out = console()
    if not versions:
        out.print(_("Nothing was trained yet: {name} is the base.").format(name=used))
    for version in versions:
        learned = ngettext_("{n} example learned", "{n} examples learned", version.learned).format(n=version.learned)
        mark = "*" if version.name == used else " "
        out.print(f"{mark} {printable(version.name)}  {version.created_at[:16].replace('T', ' ')}  {learned}")


def show_version(
    name: Annotated[str, typer.Argument(help=_("The version's name."))],
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    with opened() as thau:
        version = thau.versions.get(name)
        used = thau.settings.model.name
        run = thau.runs.get(version.run_id) if version.run_id is not None else None
    reasons = list(run.reasons) if run else []
    if json:
        print_json(_record(version, used) | {"reasons": reasons})
        return
    out = console()
    out.print(_("{name}, trained from {parent}").format(name=version.name, parent=version.parent))
    for reason in reasons:
        out.print(f"  {printable(reason)}")


def compare(
    first: Annotated[str, typer.Argument(help=_("A version's name."))],
    second: Annotated[str, typer.Argument(help=_("The other's."))],
    prompt: Annotated[str, typer.Option("--prompt", help=_("Ask both this, besides showing their scores."))] = "",
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    names = (first, second)
    with opened() as thau:
        for name in names:
            thau.models.find(name)
        found = {name: thau.versions.find(name) for name in names}
        answers = {name: _answer(thau, name, prompt) for name in names} if prompt else {}
    if json:
        scores = {name: version.scores if version else {} for name, version in found.items()}
        print_json({name: {"scores": scores[name], "answer": answers.get(name)} for name in names})
        return
    out = console()
    for name, version in found.items():
        told = [f"{_(SUITES[cast(SuiteName, suite)])} {100 * share:.0f} %" for suite, share in _scores(version)]
        base = _("no scores: it is the base")
        out.print(f"{name}: {' · '.join(told) or base}")
        if prompt:
            out.print(f"  {printable(answers[name])}")


def _scores(version: Version | None) -> list[tuple[str, float]]:
    return list(version.scores.items()) if version else []


def _answer(thau: Thau, name: str, prompt: str) -> str:
    """What a version says."""
    from thau_desktop.comparison import said

    return "".join(said(thau, name, prompt, threading.Event())).strip()


def use_version(name: Annotated[str, typer.Argument(help=_("The version's name."))]) -> None:
    with opened() as thau:
        thau.lineage.use(name)
    sys.stdout.write(_("{name} answers from now on.").format(name=name) + "\n")


def roll_back() -> None:
    with opened() as thau:
        name = thau.lineage.roll_back()
    sys.stdout.write(_("{name} answers from now on.").format(name=name) + "\n")


def delete_version(name: Annotated[str, typer.Argument(help=_("The version's name."))]) -> None:
    with opened() as thau:
        thau.lineage.delete(name)
    sys.stdout.write(_("{name} was deleted.").format(name=name) + "\n")


def _record(version: Version, used: str) -> dict[str, object]:
    return {
        "name": version.name,
        "base": version.base,
        "parent": version.parent,
        "learned": version.learned,
        "scores": version.scores,
        "created_at": version.created_at,
        "in_use": version.name == used,
    }


def show(event: NightEvent) -> None:
    """One event as a person follows it: what happens on stderr, how it ended on stdout."""
    match event:
        case RunStarted(incumbent=incumbent, new=new, resumed=resumed):
            sentence = (
                _("The interrupted training goes on, from {version}, on {n} new examples.")
                if resumed
                else _("Training from {version} on {n} new examples.")
            )
            sys.stderr.write(sentence.format(version=incumbent, n=new) + "\n")
        case TrainingStarted(steps=steps, rows=rows):
            sys.stderr.write(_("{rows} rows, {steps} steps").format(rows=rows, steps=steps) + "\n")
        case StepDone(step=step, steps=steps, loss=loss, tokens_per_second=speed):
            if step % max(1, steps // 20) == 0 or step == steps:
                line = _("step {step} of {steps}, loss {loss}, {speed} tokens/s")
                sys.stderr.write(line.format(step=step, steps=steps, loss=f"{loss:.3f}", speed=f"{speed:.0f}") + "\n")
        case CheckpointSaved() | TrainingDone():
            pass
        case EvaluationProgress(asked=asked, total=total):
            if asked == total:
                sys.stderr.write(_("{n} questions asked").format(n=total) + "\n")
        case Finished(outcome="promoted" | "rejected" | "stopped" as outcome, version=version, reasons=reasons):
            told = {
                "promoted": _("{version} was promoted and answers from now on."),
                "rejected": _("Rejected: {version} stays in use, and the examples wait on."),
                "stopped": _("Stopped: {version} stays in use, and the examples wait on."),
            }
            sys.stdout.write(told[outcome].format(version=version) + "\n")
            for reason in reasons:
                sys.stdout.write(f"  {printable(reason)}\n")
        case _:
            pass
