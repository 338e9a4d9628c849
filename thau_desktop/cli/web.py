"""`thau web`: the chat page in a browser, until it is ended."""

from __future__ import annotations

import sys
import threading
from typing import Annotated

import typer

from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import opened
from thau_desktop.translation import _

PORT = 7860


def web(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help=_("Port of the page; 0 takes any free one."))
    ] = PORT,
) -> None:
    from thau_desktop.web import Page  # late: no other command needs the server

    stop = threading.Event()
    with opened() as thau, first_interrupt_stops(stop, terminate=True):
        page = Page(thau)
        try:
            url = page.start(port)
            told = _("The page is at {url}. The password it asks for is the token of `thau api token`. Ctrl+C ends it.")
            sys.stdout.write(told.format(url=url) + "\n")
            sys.stdout.flush()
            stop.wait()
        finally:
            page.stop()
