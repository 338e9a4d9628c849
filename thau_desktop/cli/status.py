"""`thau status`: how things stand, for people and for scripts."""

from __future__ import annotations

import dataclasses
import sys
from typing import Annotated, Any

import typer

from thau_desktop.cli.output import opened, print_json, printable
from thau_desktop.status import Status, current
from thau_desktop.translation import _, ngettext_


def status(json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    with opened() as thau:
        now = current(thau)
    if json:
        print_json(status_record(now))
    else:
        _show(now)


def status_record(now: Status) -> dict[str, Any]:
    """The object that scripts rely on, in the order of the documentation."""
    record = dataclasses.asdict(now)
    names = ("model", "version", "pending", "trained", "total", "next_run", "last_run", "training", "device", "ollama")
    return {name: record[name] for name in names}


def _training(now: Status) -> str:
    running = now.training
    if running.state == "running":
        return _("running, step {step} of {steps}").format(step=running.step, steps=running.steps)
    if now.next_run:
        return _("next {time}").format(time=now.next_run[:16].replace("T", " "))
    return _("none running, none planned")


def _show(now: Status) -> None:
    examples = ngettext_("{n} example waits", "{n} examples wait", now.pending).format(n=now.pending)
    learned = ngettext_("{n} learned", "{n} learned", now.trained).format(n=now.trained)
    lines = {
        _("Model"): f"{now.model} ({now.device})",
        _("Examples"): _("{pending}, {trained}, {total} in all").format(
            pending=examples, trained=learned, total=now.total
        ),
        _("Training"): _training(now),
        "Ollama": f"{now.ollama.version}, {now.ollama.url}" if now.ollama else _("not running"),
    }
    width = max(map(len, lines))
    for name, words in lines.items():
        sys.stdout.write(f"{name:<{width}}  {printable(words)}\n")
