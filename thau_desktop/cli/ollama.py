"""`thau ollama push|list|status`: versions in the Ollama server of this computer."""

from __future__ import annotations

import sys
import threading
from typing import Annotated

import typer

from thau_desktop.cli.export import TO_STOP, teller
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.errors import ThauError
from thau_desktop.event_records import record_of
from thau_desktop.export.ollama import LATEST
from thau_desktop.inference.ollama_client import connect
from thau_desktop.inference.ollama_probe import probe
from thau_desktop.messages import ExportProgress, Pushed
from thau_desktop.translation import _

_SECONDS = 2.0


def push(
    version: Annotated[str, typer.Argument(help=_("The version's name; by default the one in use."))] = "",
    quant: Annotated[str, typer.Option("--quant", help="f16, q8_0, q4_k_m")] = "",
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    cancel = threading.Event()
    tell = teller()
    with opened() as thau, first_interrupt_stops(cancel):
        for event in thau.publisher.push(version, quant, cancel):
            if json:
                print_json(record_of(event))
            elif isinstance(event, ExportProgress):
                tell(event)
            else:
                _show(event)


def _show(done: Pushed) -> None:
    if done.state == TO_STOP:
        raise ThauError(_("Stopped: {latest} is what it was.").format(latest=LATEST))
    sys.stdout.write(_("{name} is in Ollama, as {latest}, too.").format(name=done.name, latest=done.latest) + "\n")
    for line in done.commands:
        sys.stdout.write(f"  {printable(line)}\n")


def list_models(json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    models = connect().tags()
    if json:
        print_json({"models": [{"name": one.name, "bytes": one.bytes, "digest": one.digest} for one in models]})
        return
    out = console()
    if not models:
        out.print(_("Ollama has no models."))
    for one in models:
        out.print(f"{printable(one.name)}  {one.bytes / 1e6:.0f} MB")


def status(json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    server = probe(_SECONDS)
    with opened() as thau:
        latest, waiting = thau.publisher.latest(), thau.publisher.waiting()
    if json:
        print_json(
            {
                "running": server is not None,
                "url": server.url if server else None,
                "version": server.version if server else None,
                "safe": server.safe if server else None,
                "latest": latest or None,
                "waiting": waiting or None,
            }
        )
        return
    out = console()
    if server is None:
        out.print(_("Ollama does not answer."))
    else:
        out.print(_("Ollama {version} answers at {url}.").format(version=server.version, url=server.url))
        if not server.safe:
            out.print(" ".join(server.hole()))
    out.print(
        _("{latest} is {version}.").format(latest=LATEST, version=latest)
        if latest
        else _("No version was put into Ollama yet.")
    )
    if waiting:
        out.print(_("{version} waits to be put there.").format(version=waiting))
