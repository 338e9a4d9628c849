"""`thau add`, `thau import-data`, `thau parse-logs`: what is to be learned, one by one, from data sets, from logs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from thau_desktop.cli.output import opened, print_json, printable
from thau_desktop.errors import ThauError
from thau_desktop.event_records import record_of
from thau_desktop.store.examples import STATES, NewExample
from thau_desktop.training import intake, logs
from thau_desktop.training.exporting import export
from thau_desktop.training.findings import in_words, is_telling
from thau_desktop.training.formats import Format
from thau_desktop.translation import _, ngettext_


def add(
    instruction: Annotated[str, typer.Argument(help=_("What a person says."))],
    output: Annotated[str, typer.Argument(help=_("What the model is to answer."))],
    source: Annotated[str, typer.Option("--source", help=_("Where it comes from."))] = "cli",
) -> None:
    with opened() as thau:
        taken = intake.add(thau.examples, NewExample(instruction, output, source))
        pending = thau.examples.counts()["pending"]
    if not taken.new:
        sys.stdout.write(_("This example is already there, as number {id}.").format(id=taken.example_id) + "\n")
        return
    sys.stdout.write(_("Example {id} added; {pending} waiting.").format(id=taken.example_id, pending=pending) + "\n")
    for finding in taken.findings:
        sys.stderr.write(in_words(finding) + "\n")


def import_data(
    file: Annotated[Path, typer.Argument(help=_("A JSON or JSONL file, or the zip of a ChatGPT export."))],
    form: Annotated[Format, typer.Option("--format", help=_("By default each record shows it."))] = Format.auto,
    json: Annotated[
        bool, typer.Option("--json", help=_("A line of JSON for whatever is found, and for the end."))
    ] = False,
) -> None:
    done = intake.IntakeFinished(0, 0, 0)
    with opened() as thau:
        for event in intake.take_in(thau.examples, file, form):
            if isinstance(event, intake.IntakeFinished):
                done = event
            if json:
                print_json(record_of(event))
            elif not isinstance(event, intake.IntakeProgress | intake.IntakeFinished) and is_telling(event):
                sys.stderr.write(printable(f"{event.number}: {in_words(event)}") + "\n")
    if not json:
        summary = _("{added} added, {duplicates} already here, {refused} refused")
        line = summary.format(added=done.added, duplicates=done.duplicates, refused=done.refused)
        sys.stdout.write(line + "\n")
        if done.for_review:
            sentence = ngettext_(
                "{n} of them waits until you have looked at it.",
                "{n} of them wait until you have looked at them.",
                done.for_review,
            )
            sys.stdout.write(sentence.format(n=done.for_review) + "\n")


def export_data(
    file: Annotated[Path, typer.Argument(help=_("The JSONL file to write."))],
    state: Annotated[str | None, typer.Option("--state", help=_("Only the examples of this state."))] = None,
) -> None:
    if state is not None and state not in STATES:
        raise typer.BadParameter(_("It must be one of: {choices}.").format(choices=", ".join(STATES)))
    with opened() as thau:
        count = export(thau.examples, file, state)
    written = ngettext_("{n} example written to {path}", "{n} examples written to {path}", count)
    sys.stdout.write(written.format(n=count, path=file) + "\n")


def parse_logs(file: Annotated[Path, typer.Argument(help=_("The log of a conversation, as text."))]) -> None:
    count = 0
    try:
        with file.open(encoding="utf-8-sig", errors="replace") as text:
            for pair in logs.pairs(text):
                metadata = {"log": file.name, "line": pair.line}
                print_json({"instruction": pair.instruction, "output": pair.output, "metadata": metadata})
                count += 1
    except OSError as error:
        raise ThauError(
            _("{path} can't be read: {reason}.").format(path=file, reason=error.strerror or error)
        ) from error
    if not count:
        raise ThauError(
            _("{path} holds no question with an answer.").format(path=file),
            _("A message begins with its speaker, for example “User: …” and “Assistant: …”."),
        )
    found = ngettext_("{n} example found", "{n} examples found", count).format(n=count)
    sys.stderr.write(found + "\n")
