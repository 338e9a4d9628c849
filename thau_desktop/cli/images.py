"""`thau images`: draw, list, export, import."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from thau_desktop.app import Thau
from thau_desktop.cli.drawing_output import DrawingLines, DrawingOutput, DrawingWords
from thau_desktop.cli.interrupts import first_interrupt_stops
from thau_desktop.cli.output import console, opened, print_json, printable
from thau_desktop.event_records import record_of
from thau_desktop.images.gallery import ExportFinished, ImportFinished, PictureExported, PictureRefused
from thau_desktop.images.request import PRESETS, PictureRequest
from thau_desktop.messages import DrawingFinished
from thau_desktop.store.pictures import PictureFilter
from thau_desktop.translation import _, ngettext_

_LISTED_LENGTH = 60  # characters of a prompt in a list


class PresetName(StrEnum):
    """Numbers that go together."""

    fast = "fast"
    standard = "standard"
    quality = "quality"


def generate(
    prompt: Annotated[str, typer.Argument(help=_("What the picture shows."))],
    negative_prompt: Annotated[str, typer.Option("--negative-prompt", help=_("What must not be in it."))] = "",
    steps: Annotated[int | None, typer.Option("--steps", help=_("Steps of drawing, 10 to 100."))] = None,
    guidance: Annotated[
        float | None, typer.Option("--guidance", help=_("How closely it follows the prompt, 1 to 20."))
    ] = None,
    width: Annotated[int | None, typer.Option("--width", help=_("Width in pixels, 256 to 1024."))] = None,
    height: Annotated[int | None, typer.Option("--height", help=_("Height in pixels, 256 to 1024."))] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help=_("The same picture for the same seed."))] = None,
    count: Annotated[int, typer.Option("--count", help=_("How many pictures, 1 to 16."))] = 1,
    model: Annotated[str, typer.Option("--model", help=_("The image model that draws."))] = "",
    preset: Annotated[PresetName | None, typer.Option("--preset", help=_("Size, steps and guidance together."))] = None,
    scheduler: Annotated[str, typer.Option("--scheduler", help=_("How the steps are taken, such as “euler”."))] = "",
    source: Annotated[Path | None, typer.Option("--source", help=_("A picture to begin with."))] = None,
    strength: Annotated[
        float | None, typer.Option("--strength", help=_("How much of the source is drawn anew, 0 to 1."))
    ] = None,
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each event."))] = False,
) -> None:
    if not prompt.strip():
        raise typer.BadParameter(_("The prompt is empty."))
    with opened() as thau:
        numbers = {} if preset is None else {name: getattr(PRESETS[preset.value], name) for name in _NUMBERS}
        given = {"steps": steps, "guidance": guidance, "width": width, "height": height}
        request = thau.studio.request(
            prompt,
            negative_prompt=negative_prompt,
            seed=seed,
            count=count,
            model=model or None,
            scheduler=scheduler,
            source=source,
            strength=strength,
            **{**numbers, **{name: value for name, value in given.items() if value is not None}},
        )
        state = _draw(thau, request, DrawingLines(thau.gallery) if json else DrawingWords(thau.gallery))
    if state != "complete":
        raise typer.Exit(130)


_NUMBERS = ("width", "height", "steps", "guidance")


def _draw(thau: Thau, request: PictureRequest, output: DrawingOutput) -> str:
    """Draw, showing each event; returns how it ended."""
    cancel = threading.Event()
    state = "stopped"
    drawing = thau.studio.generate(request, cancel, source="cli")
    with first_interrupt_stops(cancel), contextlib.closing(drawing) as events:
        for event in events:
            output.show(event)
            if isinstance(event, DrawingFinished):
                state = event.state
    return state


def list_pictures(
    search: Annotated[str, typer.Option("--search", help=_("Only those whose prompt has all these words."))] = "",
    model: Annotated[str, typer.Option("--model", help=_("Only those of this model."))] = "",
    favourite: Annotated[bool, typer.Option("--favourite", help=_("Only the favourites."))] = False,
    trash: Annotated[bool, typer.Option("--trash", help=_("What was deleted and is not gone yet."))] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help=_("At most so many; 0: all."))] = 50,
    json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    with opened() as thau:
        ids = thau.pictures.ids(PictureFilter(text=search, model=model, favourite=favourite, trash=trash))
        found = thau.pictures.rows(ids[:limit] if limit else ids)
        listed = [thau.gallery.facts(str(picture.id)) | {"favourite": picture.favourite} for picture in found]
    if json:
        print_json({"pictures": listed, "total": len(ids)})
        return
    out = console()
    if not found:
        out.print(_("No picture."))
    for picture in found:
        words = " ".join(picture.prompt.split())
        words = words if len(words) <= _LISTED_LENGTH else f"{words[: _LISTED_LENGTH - 1]}…"
        out.print(
            f"{picture.id:>6}  {picture.created_at[:10]}  {picture.width}×{picture.height}  ", style="dim", end=""
        )
        out.print(f"{'★ ' if picture.favourite else ''}{printable(words) or picture.file}")
    if len(found) < len(ids):
        out.print(_("{n} more; --limit shows them.").format(n=len(ids) - len(found)), style="dim")


def export(
    pictures: Annotated[list[int] | None, typer.Argument(metavar="[ID]…", help=_("The pictures' numbers."))] = None,
    everything: Annotated[bool, typer.Option("--all", help=_("Every picture."))] = False,
    output: Annotated[Path, typer.Option("--output", "-o", help=_("The folder that they are copied into."))] = Path(),
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each picture."))] = False,
) -> None:
    if bool(pictures) == everything:
        raise typer.BadParameter(_("Give the numbers of pictures, or --all."))
    skipped: tuple[int, ...] = ()
    with opened() as thau:
        ids = list(thau.pictures.ids()) if everything else [thau.pictures.get(number).id for number in pictures or ()]
        for event in _until_interrupted(lambda cancel: thau.gallery.export(ids, output, cancel)):
            if isinstance(event, ExportFinished):
                skipped = event.skipped
            if json:
                print_json(record_of(event))
            elif isinstance(event, PictureExported):
                sys.stdout.write(f"{printable(str(event.path))}\n")
    if skipped:
        sentence = ngettext_(
            "The file of {n} picture is gone: {ids}", "The files of {n} pictures are gone: {ids}", len(skipped)
        )
        sys.stderr.write(sentence.format(n=len(skipped), ids=", ".join(map(str, skipped))) + "\n")
        raise typer.Exit(1)


def import_files(
    files: Annotated[list[Path], typer.Argument(help=_("Picture files, or folders of them."))],
    json: Annotated[bool, typer.Option("--json", help=_("A line of JSON for each file."))] = False,
) -> None:
    done = ImportFinished(())
    with opened() as thau:
        for event in _until_interrupted(lambda cancel: thau.gallery.import_files(files, cancel)):
            if json:
                print_json(record_of(event))
            elif isinstance(event, PictureRefused) and not event.duplicate:
                sys.stderr.write(printable(f"{event.number}. {' '.join(event.reason.split())}") + "\n")
            if isinstance(event, ImportFinished):
                done = event
    if not json:
        summary = _("{imported} imported, {duplicates} already here, {refused} refused")
        line = summary.format(imported=len(done.ids), duplicates=done.duplicates, refused=done.refused)
        sys.stdout.write(line + "\n")


def _until_interrupted(start: Any) -> Iterator[Any]:
    """The events of something that Ctrl+C stops, what is done being kept."""
    cancel = threading.Event()
    with first_interrupt_stops(cancel):
        yield from start(cancel)
