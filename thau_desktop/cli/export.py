"""`thau export`: a version as a GGUF file with its Modelfile, or as a merged model folder."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import opened, print_json, printable
from thau_desktop.errors import ThauError
from thau_desktop.event_records import record_of
from thau_desktop.export import stages
from thau_desktop.messages import Exported, ExportProgress
from thau_desktop.translation import _

TO_STOP = "stopped"


def export(
    version: Annotated[str, typer.Argument(help=_("The version's name; by default the one in use."))] = "",
    form: Annotated[str, typer.Option("--format", help="gguf, safetensors")] = "gguf",
    quant: Annotated[str, typer.Option("--quant", help="f32, f16, bf16, q8_0, q5_0, q4_0, q4_k_m")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", help=_("A file or a folder; by default in THAU's own folder."))
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    if form not in ("gguf", "safetensors"):
        raise typer.BadParameter(_("It must be one of: {choices}.").format(choices="gguf, safetensors"))
    cancel = threading.Event()
    tell = teller()
    with opened() as thau, first_interrupt_stops(cancel):
        for event in thau.publisher.export(version, form, quant, output, cancel):  # type: ignore[arg-type]
            if json:
                print_json(record_of(event))
            elif isinstance(event, ExportProgress):
                tell(event)
            else:
                _show(event)


def _show(done: Exported) -> None:
    if done.state == TO_STOP:
        raise ThauError(_("Stopped: nothing was written."))
    sys.stdout.write(f"{printable(done.path)}\n")
    for line in done.commands:
        sys.stdout.write(f"  {printable(line)}\n")


def teller() -> Callable[[ExportProgress], None]:
    """Writes a line on stderr for each tenth of a stage."""
    last: dict[str, int] = {}

    def tell(event: ExportProgress) -> None:
        share = 10 * event.done // event.total if event.total else 0
        if last.get(event.stage) != share:
            last[event.stage] = share
            sys.stderr.write(f"{stages.in_words(event.stage)} {10 * share} %\n")

    return tell
