"""`thau start`: the API, and learning at night, without a window, until it is asked to end."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from typing import Annotated

import typer

from thau_desktop import autostart
from thau_desktop.api.events import RequestBegan, RequestEnded, Serving
from thau_desktop.app import Thau
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import opened, print_json
from thau_desktop.cli.training import show
from thau_desktop.event_records import record_of
from thau_desktop.service import ServiceEvent, nights, serve
from thau_desktop.translation import _


def start(
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help=_("Port of the API; 0 takes any free one.")),
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help=_("Address to listen on. Others than 127.0.0.1 can be reached from outside."))
    ] = "",
    with_api: Annotated[bool, typer.Option("--api/--no-api", help=_("Whether the API is served."))] = True,
    with_nights: Annotated[bool, typer.Option("--nights/--no-nights", help=_("Whether it learns at night."))] = True,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
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
    if not (with_api or with_nights):
        raise typer.BadParameter(_("With --no-api and --no-nights there is nothing to do."))
    stop = threading.Event()
    if with_parent:
        threading.Thread(target=_stop_at_the_end_of_stdin, args=(stop,), name="parent", daemon=True).start()
    with opened() as thau, first_interrupt_stops(stop, terminate=True):
        events = _events(thau, stop, host, port, with_api, with_nights)
        if not json and with_nights:
            _say_when(thau)
        for event in events:
            if json:
                print_json(record_of(event))
            else:
                _show(event)


def _events(
    thau: Thau, stop: threading.Event, host: str, port: int | None, with_api: bool, with_nights: bool
) -> Iterator[ServiceEvent]:
    if not with_api:
        return nights(thau, stop)
    api = thau.settings.api
    return serve(
        thau,
        stop,
        host=host or api.host,
        port=api.port if port is None else port,
        beyond=bool(host),
        with_nights=with_nights,
    )


def _say_when(thau: Thau) -> None:
    due = thau.next_training()
    when = _("The next training: {when}.").format(when=f"{due:%Y-%m-%d %H:%M}") if due else ""
    off = _("Nights are switched off in the settings.")
    sys.stdout.write(f"{when or off} {_('Ctrl+C ends this.')}\n")
    sys.stdout.flush()


def _show(event: ServiceEvent) -> None:
    match event:
        case Serving(url):
            told = _("The API listens at {url}; `thau api token` shows its token, {docs} what it can do.")
            sys.stdout.write(told.format(url=url, docs=f"{url}/docs") + "\n")
            sys.stdout.flush()
        case RequestBegan() | RequestEnded():
            pass  # a list of them is what --json is for
        case _:
            show(event)


def _stop_at_the_end_of_stdin(stop: threading.Event) -> None:
    """The program that started this one holds its standard input open for as long as it lives."""
    while os.read(sys.stdin.fileno(), 1):  # Python can't end while a thread waits within `sys.stdin`
        pass
    stop.set()
