"""`thau add`: one example into the queue."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from thau_desktop.cli.output import opened
from thau_desktop.translation import _


def add(
    instruction: Annotated[str, typer.Argument(help=_("What a person says."))],
    output: Annotated[str, typer.Argument(help=_("What the model is to answer."))],
    source: Annotated[str, typer.Option("--source", help=_("Where it comes from."))] = "cli",
) -> None:
    with opened() as thau:
        example, new = thau.examples.add(instruction, output, source)
        pending = thau.examples.counts()["pending"]
    if new:
        sys.stdout.write(_("Example {id} added; {pending} waiting.").format(id=example.id, pending=pending) + "\n")
    else:
        sys.stdout.write(_("This example is already there, as number {id}.").format(id=example.id) + "\n")
