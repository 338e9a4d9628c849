"""`thau start`: learns at night without a window, until it is asked to end."""

from __future__ import annotations

import sys
import threading
from typing import Annotated

import typer

from thau_desktop import autostart
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import event_record, opened, print_json
from thau_desktop.cli.training import show
from thau_desktop.translation import _


def start(
    install: Annotated[
        bool | None,
        typer.Option("--install/--uninstall", help=_("Let the system start this at every login, or no longer.")),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    if install is not None:
        with opened() as thau:
            thau.change("training", "without_window", install)
        path = autostart.entry_of("nights").path
        told = _("Nights happen without a window from now on: {path}.") if install else _("{path} is gone.")
        sys.stdout.write(told.format(path=path) + "\n")
        return
    stop = threading.Event()
    with opened() as thau, first_interrupt_stops(stop, terminate=True):
        from thau_desktop.service import nights

        due = thau.next_training()
        if not json:
            when = _("The next training: {when}.").format(when=f"{due:%Y-%m-%d %H:%M}") if due else ""
            off = _("Nights are switched off in the settings.")
            sys.stdout.write(f"{when or off} {_('Ctrl+C ends this.')}\n")
            sys.stdout.flush()
        for event in nights(thau, stop):
            if json:
                print_json(event_record(event))
            else:
                show(event)
