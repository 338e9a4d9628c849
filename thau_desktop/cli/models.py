"""`thau models`, `thau init` and `thau version`: which models there are, getting more, and which one answers."""

from __future__ import annotations

import dataclasses
import getpass
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from thau_desktop.cli.download_output import DownloadLines, DownloadWords, size_of
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.errors import ThauError
from thau_desktop.hardware import facts
from thau_desktop.inference.servers import named
from thau_desktop.keys import HUB, SERVER
from thau_desktop.models.events import DownloadEvent
from thau_desktop.models.memory import Room, fit, fit_words, needs, room
from thau_desktop.models.offers import Offer, offers
from thau_desktop.settings import Own, check
from thau_desktop.status import version_number
from thau_desktop.translation import _

if TYPE_CHECKING:
    from thau_desktop.app import Thau


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
        models = [*thau.models.installed(), *thau.models.elsewhere()]
        paused = thau.library.paused()
        here = room(facts(thau.paths.home))
    names = {model.name for model in models}
    if json:
        print_json(
            {
                "models": [
                    {
                        "name": model.name,
                        "kind": model.kind,
                        "path": str(model.path) if model.path else None,
                        "bytes": model.bytes,
                        "starter": model.starter,
                        "in_use": model.name == chosen,
                    }
                    for model in models
                ],
                "catalog": [{**_offer_record(each, here), "installed": each.name in names} for each in offers()],
                "paused": [{"name": each.name, "done": each.done, "bytes": each.total} for each in paused],
            }
        )
        return
    out = console()
    if not models:
        out.print(_("There is no model on this disk."))
    for model in models:
        mark = "*" if model.name == chosen else " "
        out.print(f"{mark} {printable(model.name)}  {size_of(model.bytes) if model.path else ''}  ", end="")
        out.print(str(model.path or model.address), style="dim")
    for half in paused:
        done = _("half here: {done} of {total}").format(done=size_of(half.done), total=size_of(half.total))
        out.print(f"  {half.name}  {done}", style="dim")
    out.print("\n" + _("To download with `thau models download NAME`:"), style="dim")
    for each in offers():
        if each.name not in names:
            out.print(f"  {each.name}  {size_of(each.bytes)}  {fit_words(fit(each.shape, here))}  ", end="")
            out.print(f"{each.licence} · {', '.join(each.languages)}", style="dim")


def download(
    name: Annotated[str, typer.Argument(help=_("From the catalog, or owner/name; “:gguf” after it: a GGUF file."))],
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    _follow(lambda thau, cancel: thau.library.download(name, cancel), json)


def import_model(
    path: Annotated[Path, typer.Argument(help=_("A folder with config.json and .safetensors files, or a GGUF file."))],
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    _follow(lambda thau, cancel: thau.library.take_in(path, cancel), json)


def remove(
    name: Annotated[str, typer.Argument(help=_("As `thau models list` shows it."))],
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    with opened() as thau:
        thau.library.remove(name)
    if json:
        print_json({"removed": name})
    else:
        sys.stdout.write(_("{name} is gone from this disk.").format(name=name) + "\n")


def set_model(
    name: Annotated[str, typer.Argument(help=_("As `thau models list` shows it."))],
    precision: Annotated[str | None, typer.Option("--precision", help="auto, full, int8, nf4, spread")] = None,
    device: Annotated[str | None, typer.Option("--device", help="auto, cpu, cuda, cuda:1, mps, xpu")] = None,
    context: Annotated[int | None, typer.Option("--context", help=_("Tokens that a conversation may hold."))] = None,
    window: Annotated[
        int | None, typer.Option("--window", help=_("Tokens that it looks back at; 0: the whole conversation."))
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help=_("As the settings say, for the rest."))] = False,
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    given = {"precision": precision, "device": device, "context": context, "window": window}
    changed = {field: value for field, value in given.items() if value is not None}
    for field, value in changed.items():
        check("model", field, value)
    with opened() as thau:
        base = thau.models.find(name).base
        before = {} if reset else thau.settings.model.own.get(base, Own()).model_dump(exclude_none=True)
        if changed or reset:
            thau.run_otherwise(base, Own.model_validate(before | changed))
        own = thau.settings.model.own.get(base, Own()).model_dump(exclude_none=True)
        wish = thau.settings.model.of(base)
    how = {field: getattr(wish, field) for field in given}
    if json:
        print_json({"model": base, **how, "own": sorted(own)})
        return
    sys.stdout.write(f"{base}\n")
    for field, value in how.items():
        mark = "*" if field in own else " "
        sys.stdout.write(f"{mark} {field}: {value}\n")


def key(
    name: Annotated[str, typer.Argument(help=_("“huggingface”, or the name of a server in the settings."))],
    forget: Annotated[bool, typer.Option("--forget", help=_("Forget the key."))] = False,
) -> None:
    with opened() as thau:
        known = named(thau.settings.model.servers)
        if name != HUB and name not in known:
            raise ThauError(
                _("There is no server {name} in the settings.").format(name=name),
                _("These can have a key: {names}.").format(names=", ".join([HUB, *known])),
            )
        kept = name if name == HUB else f"{SERVER}{name}"
        given = "" if forget else _asked(_("Key of {name}").format(name=name))
        if given:
            thau.keys.set(kept, given)
            sys.stdout.write(_("The key is kept") + "\n")
        else:
            thau.keys.delete(kept)
            sys.stdout.write(_("No key is kept") + "\n")


def _asked(what: str) -> str:
    """A secret: unseen while it is typed, or the first line of standard input; no argument, which others could see."""
    return (getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()


def _follow(events: Callable[[Thau, threading.Event], Iterable[DownloadEvent]], json: bool) -> None:
    """Show a download or an import; Ctrl+C pauses it."""
    cancel = threading.Event()
    output = DownloadLines() if json else DownloadWords()
    with opened() as thau, first_interrupt_stops(cancel):
        for event in events(thau, cancel):
            output.show(event)


def _offer_record(offer: Offer, here: Room) -> dict[str, Any]:
    """An entry of the catalog, with the memory that it needs here and whether there is that much."""
    best = fit(offer.shape, here)
    record = dataclasses.asdict(offer)
    del record["shape"]
    return {
        **record,
        "memory": {kind: needs(offer.shape, kind, here.item) for kind in here.precisions},
        "fits": best.precision,
    }
