"""`thau models` and `thau version`: which models are on this disk and which one answers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.models import catalog
from thau_desktop.status import version_number
from thau_desktop.translation import _


def version(json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    with opened() as thau:
        name = thau.settings.model.name
    number = version_number(name)
    base = number in (None, 1)
    if json:
        print_json({"model": name, "version": name if number is not None else None, "base": base})
    elif base:
        sys.stdout.write(_("{model}: the base, not trained further").format(model=name) + "\n")
    else:
        sys.stdout.write(f"{name}\n")


def init(
    size: Annotated[str, typer.Option("--size", help="nano, 1.5b, 3b, 7b, 13b")],
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    with opened() as thau:
        model = thau.models.first(size)
        thau.lineage.use(model.name)
    if json:
        print_json({"model": model.name, "path": str(model.path)})
    else:
        sys.stdout.write(_("{name} answers from now on.").format(name=model.name) + "\n")


def list_models(json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False) -> None:
    with opened() as thau:
        chosen = thau.settings.model.name
        models = catalog.installed(thau.paths)
    if json:
        print_json(
            {
                "models": [
                    {
                        "name": model.name,
                        "path": str(model.path),
                        "bytes": model.bytes,
                        "starter": model.starter,
                        "in_use": model.name == chosen,
                    }
                    for model in models
                ]
            }
        )
        return
    out = console()
    if not models:
        out.print(_("There is no model on this disk."))
    for model in models:
        mark = "*" if model.name == chosen else " "
        out.print(f"{mark} {printable(model.name)}  {model.bytes / 1e6:.0f} MB  ", end="")
        out.print(str(model.path), style="dim")
