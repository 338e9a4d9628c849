"""`thau accelerate`: the packages with which THAU computes on this machine's graphics card."""

from __future__ import annotations

import threading
from typing import Annotated

import typer

from thau_desktop.acceleration import Standing
from thau_desktop.cli.download_output import DownloadLines, DownloadWords, size_of
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.errors import ThauError
from thau_desktop.translation import _


def accelerate(
    remove: Annotated[bool, typer.Option("--remove", help=_("Take the packages away again."))] = False,
    status: Annotated[bool, typer.Option("--status", help=_("Only say how things stand."))] = False,
    json: Annotated[bool, typer.Option("--json", help=_("JSON: an object, or a line for each event."))] = False,
) -> None:
    with opened() as thau:
        if remove:
            freed = thau.acceleration.remove()
            if json:
                print_json({"freed": freed})
            else:
                console().print(
                    _("{size} were freed.").format(size=size_of(freed)) if freed else _("Nothing was there.")
                )
            return
        standing = thau.acceleration.standing()
        if status or standing.ready:
            _tell(standing, json)
            return
        if standing.broken:
            thau.acceleration.try_again()
        elif standing.why_not:
            raise ThauError(standing.why_not, "")
        else:
            stop, show = threading.Event(), DownloadLines() if json else DownloadWords()
            with first_interrupt_stops(stop):
                for event in thau.acceleration.install(stop):
                    show.show(event)
            if stop.is_set():
                raise typer.Exit(130)
        _tell(thau.acceleration.standing(), json)


def _tell(standing: Standing, json: bool) -> None:
    build = standing.build
    if json:
        print_json(
            {
                "gpu": standing.gpu,
                "packages": build.title if build else "",
                "bytes": build.bytes if build else 0,
                "done": standing.done,
                "in_use": standing.ready,
                "problem": standing.broken or standing.why_not,
            }
        )
    elif build is None or standing.why_not or standing.broken:
        console().print(printable(standing.why_not or standing.broken))
    elif standing.ready:
        console().print(
            _("THAU computes on {gpu} with {title}.").format(gpu=printable(standing.gpu), title=build.title)
        )
    else:
        sentence = _("{gpu} can be used with {title}: thau accelerate fetches {size}.")
        console().print(sentence.format(gpu=printable(standing.gpu), title=build.title, size=size_of(build.bytes)))
