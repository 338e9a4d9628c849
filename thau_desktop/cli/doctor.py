"""`thau doctor`: what works on this machine, what does not, and what to do."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Annotated

import typer

from thau_desktop import doctor as core
from thau_desktop.cli.output import console, print_json, printable
from thau_desktop.paths import Paths
from thau_desktop.translation import N_, _

_TITLES = {
    "python": "Python",
    "packages": N_("Packages"),
    "optional packages": N_("Optional packages"),
    "torch": "PyTorch",
    "device": N_("Device"),
    "memory": N_("Memory"),
    "disk": N_("Disk"),
    "folder": N_("Folder"),
    "settings": N_("Settings"),
    "database": N_("Database"),
    "starter model": N_("Starter model"),
    "model": N_("Model"),
    "image model": N_("Image model"),
    "window": N_("Window"),
    "screen": N_("Screen"),
    "ollama": "Ollama",
    "language": N_("Language"),
}
_MARKS: dict[core.State, tuple[str, str, str]] = {
    "ok": ("✓", "ok", "green"),
    "warn": ("!", "!!", "yellow"),
    "fail": ("✗", "FAIL", "bold red"),
}


def doctor(json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    checks: Iterable[core.Check] = core.examine(Paths.find())
    if json:
        checks = list(checks)
        print_json({"ok": _works(checks), "checks": [dataclasses.asdict(check) for check in checks]}, indent=2)
    else:
        checks = _show(checks)
    if not _works(checks):
        raise typer.Exit(1)


def _works(checks: Iterable[core.Check]) -> bool:
    return all(check.state != "fail" for check in checks)


def _show(checks: Iterable[core.Check]) -> list[core.Check]:
    """A table with a row a check; returns the checks. On a terminal it says what it waits for."""
    from rich.table import Table
    from rich.text import Text

    out = console()
    seen: list[core.Check] = []
    with out.status(_("Looking…")) if sys.stdout.isatty() else nullcontext():
        seen.extend(checks)
    fancy = (sys.stdout.encoding or "").lower().startswith("utf")
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in seen:
        sign, word, style = _MARKS[check.state]
        table.add_row(
            Text(sign if fancy else word, style), _(_TITLES.get(check.name, check.name)), printable(check.what)
        )
        if check.advice:
            table.add_row("", "", Text(f"→ {printable(check.advice)}", style))
    out.print(table, soft_wrap=False)
    counts = {state: sum(check.state == state for check in seen) for state in ("warn", "fail")}
    if counts["fail"]:
        out.print(_("Something does not work; the lines with an arrow say what to do."), style="bold")
    elif counts["warn"]:
        out.print(_("Everything needed works; the lines with an arrow say what could be better."), style="bold")
    else:
        out.print(_("Everything works."), style="bold")
    return seen
